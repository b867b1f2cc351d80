"""A decision closes what was still asked."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records.append_only import final, freeze, unreplaced

FROZEN = ("dossier_id", "act_id", "request", "key", "asked_on", "due", "items")
CLOSED = ("outcome", "closed_on", "closed_by_id", "answer_id", "reason")


def keep(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite makes the table anew, without the triggers of 0014."""
    if schema_editor.connection.vendor == "sqlite":
        freeze(schema_editor, "records_completionrequest", *FROZEN)
        unreplaced(schema_editor, "records_completionrequest", "act_id")
        final(schema_editor, "records_completionrequest", "OLD.outcome <> ''", *CLOSED)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0016_sending"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="completionrequest",
            name="completion_closed_by_something",
        ),
        migrations.AlterField(
            model_name="completionrequest",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "En attente"),
                    ("repondue", "Répondue"),
                    ("retiree", "Retirée"),
                    ("decidee", "Close par la décision"),
                ],
                default="",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="completionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer__isnull", True), ("closed_on__isnull", True), ("outcome", "")),
                    models.Q(("answer__isnull", False), ("closed_on__isnull", False), ("outcome", "repondue")),
                    models.Q(("closed_by__isnull", False), ("closed_on__isnull", False), ("outcome", "decidee")),
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
        ),
        migrations.RunPython(keep),
    ]
