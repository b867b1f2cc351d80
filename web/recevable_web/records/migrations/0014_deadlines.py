"""Requests for completion, whose demand never changes, and the deadlines of dossiers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records.append_only import final, freeze, unreplaced

FROZEN = ("dossier_id", "act_id", "request", "key", "asked_on", "due", "items")
CLOSED = ("outcome", "closed_on", "closed_by_id", "answer_id", "reason")


def keep(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What was asked stays as it was; what became of it is written once."""
    freeze(schema_editor, "records_completionrequest", *FROZEN)
    unreplaced(schema_editor, "records_completionrequest", "act_id")
    final(schema_editor, "records_completionrequest", "OLD.outcome <> ''", *CLOSED)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0013_payments"),
    ]

    operations = [
        migrations.AddField(
            model_name="dossier",
            name="resumes",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="CompletionRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("request", models.CharField(max_length=60)),
                ("key", models.CharField(blank=True, max_length=60)),
                ("asked_on", models.DateField()),
                ("due", models.DateField()),
                ("items", models.JSONField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("", "En attente"), ("repondue", "Répondue"), ("retiree", "Retirée")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("closed_on", models.DateField(null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "act",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="completion", to="records.act"
                    ),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="records.dossierversion",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="completions", to="records.dossier"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("due__gt", models.F("asked_on"))), name="completion_has_a_delay"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer__isnull", True), ("closed_on__isnull", True), ("outcome", "")),
                            models.Q(("answer__isnull", False), ("closed_on__isnull", False), ("outcome", "repondue")),
                            models.Q(
                                ("closed_by__isnull", False),
                                ("closed_on__isnull", False),
                                ("outcome", "retiree"),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="completion_closed_by_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deadline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme", models.CharField(max_length=100)),
                ("kind", models.CharField(max_length=40)),
                ("request", models.CharField(blank=True, max_length=60)),
                ("key", models.CharField(blank=True, max_length=60)),
                ("title", models.CharField(max_length=400)),
                ("subject", models.CharField(blank=True, max_length=400)),
                ("begins", models.DateField(null=True)),
                ("day", models.DateField()),
                ("instant", models.DateTimeField(null=True)),
                ("resumes", models.DateField(null=True)),
                ("source", models.TextField(blank=True)),
                ("to_confirm", models.BooleanField(default=False)),
                ("stands", models.BooleanField(default=False)),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deadlines", to="records.dossier"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["programme", "stands", "day", "id"], name="deadline_by_day")],
            },
        ),
        migrations.RunPython(keep),
    ]
