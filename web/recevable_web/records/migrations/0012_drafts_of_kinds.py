"""Drafts of every kind of act; what was prepared is what is signed: nothing of a draft changes but what becomes of it."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records.append_only import freeze

FROZEN = (
    "kind", "dossier_id", "request", "key", "about", "evaluation_id", "verdict", "follows", "reason", "source",
    "content", "prepared_by_id", "prepared_at",
)  # fmt: skip


def apply(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The triggers; an open draft is replaced by no other (PostgreSQL has no INSERT OR REPLACE)."""
    freeze(schema_editor, "records_draft", *FROZEN)
    if schema_editor.connection.vendor == "sqlite":
        same = " AND ".join(f"{one} = NEW.{one}" for one in ("dossier_id", "kind", "request", "key", "about"))
        same = f"status = 'prepare' AND NEW.status = 'prepare' AND {same}"
        schema_editor.execute(
            "CREATE TRIGGER records_draft_no_other BEFORE INSERT ON records_draft "
            f"WHEN EXISTS (SELECT 1 FROM records_draft WHERE {same}) "
            "BEGIN SELECT RAISE(ABORT, 'append-only: records_draft'); END",
            params=None,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0011_letters"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="draft",
            name="draft_open_once",
        ),
        migrations.AddField(
            model_name="draft",
            name="about",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="draft",
            name="content",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="draft",
            name="kind",
            field=models.CharField(default="decision", max_length=30),
        ),
        migrations.AlterField(
            model_name="draft",
            name="evaluation",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="drafts", to="records.evaluation"
            ),
        ),
        migrations.AlterField(
            model_name="draft",
            name="follows",
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name="draft",
            name="request",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AlterField(
            model_name="draft",
            name="verdict",
            field=models.CharField(
                blank=True,
                choices=[("accepter", "Accepter"), ("completer", "Demander un complément"), ("rejeter", "Rejeter")],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "prepare")),
                fields=("dossier", "kind", "request", "key", "about"),
                name="draft_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "decision"), _negated=True),
                    models.Q(
                        ("evaluation__isnull", False),
                        models.Q(("verdict", ""), _negated=True),
                        models.Q(("request", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="draft_decision_has_verdict",
            ),
        ),
        migrations.RunPython(apply),
    ]
