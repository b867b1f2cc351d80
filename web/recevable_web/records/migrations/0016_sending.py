"""Sendings of letters and what becomes of them: only ever added."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records import append_only


def keep(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Nothing of them changes."""
    append_only.keep(schema_editor, "records_sending", ("id",), ("letter_id", "rank"))
    append_only.keep(schema_editor, "records_sendingevent", ("id",))
    append_only.unreplaced(
        schema_editor, "records_sendingevent", "sending_id", where="kind = 'depose' AND NEW.kind = 'depose'"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0015_procedures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveSmallIntegerField()),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("electronique", "Voie électronique"),
                            ("recommande", "Lettre recommandée avec avis de réception"),
                            ("lettre", "Lettre simple"),
                            ("remise", "Remise en main propre"),
                        ],
                        max_length=20,
                    ),
                ),
                ("on", models.DateField()),
                ("reason", models.TextField(blank=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="SendingEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("depose", "Déposé dans la boîte de départ"),
                            ("remis", "Remis au destinataire"),
                            ("retourne", "Revenu à l'agence"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("npai", "N'habite pas à l'adresse indiquée"),
                            ("non_reclame", "Pli avisé et non réclamé"),
                            ("refuse", "Refusé par le destinataire"),
                        ],
                        max_length=20,
                    ),
                ),
                ("on", models.DateField()),
                ("text", models.TextField(blank=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name="deadline",
            name="letter",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.letter"
            ),
        ),
        migrations.AddIndex(
            model_name="deadline",
            index=models.Index(fields=["programme", "kind", "day", "id"], name="deadline_by_kind"),
        ),
        migrations.AddField(
            model_name="sending",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="sending",
            name="letter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="sendings", to="records.letter"
            ),
        ),
        migrations.AddField(
            model_name="sendingevent",
            name="author",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="sendingevent",
            name="proof",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.piece"
            ),
        ),
        migrations.AddField(
            model_name="sendingevent",
            name="sending",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="records.sending"
            ),
        ),
        migrations.AddConstraint(
            model_name="sending",
            constraint=models.UniqueConstraint(fields=("letter", "rank"), name="sending_once"),
        ),
        migrations.AddConstraint(
            model_name="sending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rank", 1), models.Q(("rank__gt", 1), models.Q(("reason", ""), _negated=True)), _connector="OR"
                ),
                name="sending_again_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="sendingevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "depose")), fields=("sending",), name="sending_deposited_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sendingevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "remis"), _negated=True), models.Q(("text", ""), _negated=True), _connector="OR"
                ),
                name="sending_delivery_has_proof",
            ),
        ),
        migrations.AddConstraint(
            model_name="sendingevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "retourne"), ("why__gt", "")),
                    models.Q(models.Q(("kind", "retourne"), _negated=True), ("why", "")),
                    _connector="OR",
                ),
                name="sending_return_has_cause",
            ),
        ),
        migrations.RunPython(keep),
    ]
