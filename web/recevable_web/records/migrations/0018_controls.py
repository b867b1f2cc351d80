"""Controls after payment: draws, the dossiers drawn, their steps; nothing of them changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records import append_only


def keep(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.keep(schema_editor, "records_controlcampaign", ("act_id",))
    append_only.keep(schema_editor, "records_control", ("id",), ("campaign_id", "dossier_id"), ("campaign_id", "rank"))
    append_only.keep(schema_editor, "records_controlstep", ("id",), ("control_id", "kind"))


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0017_completion_decided"),
    ]

    operations = [
        migrations.CreateModel(
            name="ControlCampaign",
            fields=[
                (
                    "act",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="campaign",
                        serialize=False,
                        to="records.act",
                    ),
                ),
                ("programme", models.CharField(max_length=100)),
                ("title", models.CharField(max_length=200)),
                ("starts", models.DateField()),
                ("ends", models.DateField()),
                ("paid_only", models.BooleanField()),
                ("population", models.PositiveIntegerField()),
                ("size", models.PositiveIntegerField()),
                ("seed", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Control",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveIntegerField()),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="controls", to="records.dossier"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="controls",
                        to="records.controlcampaign",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ControlStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("notification", "Contrôle notifié"),
                            ("reponse", "Réponse du bénéficiaire"),
                            ("constat", "Constat provisoire notifié"),
                            ("observations", "Observations du bénéficiaire"),
                            ("conclusion", "Contrôle conclu"),
                        ],
                        max_length=20,
                    ),
                ),
                ("on", models.DateField()),
                ("due", models.DateField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("conforme", "Conforme"),
                            ("anomalie", "Anomalie sans reversement"),
                            ("a_recouvrer", "Somme à reverser"),
                        ],
                        max_length=20,
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "control",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="records.control"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="control",
            constraint=models.UniqueConstraint(fields=("campaign", "dossier"), name="control_once"),
        ),
        migrations.AddConstraint(
            model_name="control",
            constraint=models.UniqueConstraint(fields=("campaign", "rank"), name="control_rank_once"),
        ),
        migrations.AddConstraint(
            model_name="controlstep",
            constraint=models.UniqueConstraint(fields=("control", "kind"), name="control_step_once"),
        ),
        migrations.AddConstraint(
            model_name="controlstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "conclusion"), models.Q(("outcome", ""), _negated=True)),
                    models.Q(models.Q(("kind", "conclusion"), _negated=True), ("outcome", "")),
                    _connector="OR",
                ),
                name="control_outcome",
            ),
        ),
        migrations.RunPython(keep),
    ]
