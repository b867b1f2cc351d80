"""The programme of each consultation, so that one is shown to the auditors of its programme only.

Of a consultation of before, it is that of the dossier; it stays empty for a file of many dossiers, which none was then
written for.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records.append_only import keep

_TRIGGERS = {"sqlite": ("no_update", "no_replace"), "postgresql": ("append_only", "no_truncate")}


def apply(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add the column by itself: Django would build the table anew on SQLite, without its triggers."""
    vendor = schema_editor.connection.vendor
    for name in _TRIGGERS[vendor]:
        on = " ON records_access" if vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER records_access_{name}{on}", params=None)
    for statement in (
        "ALTER TABLE records_access ADD COLUMN programme varchar(100) DEFAULT '' NOT NULL",
        "UPDATE records_access SET programme = (SELECT d.programme FROM records_dossier d WHERE d.id = dossier_id) "
        "WHERE dossier_id IS NOT NULL",
    ):
        schema_editor.execute(statement, params=None)
    keep(schema_editor, "records_access", ("id",), erasable=True)


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [("records", "0007_open_requests")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(apply)],
            state_operations=[
                migrations.AddField("access", "programme", models.CharField(blank=True, default="", max_length=100))
            ],
        )
    ]
