"""No right is replaced by another of the same account, role, programme and first day: see `0007_purge.py`."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

KEY: Final = ("account_id", "role", "programme", "starts")


def apply(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The trigger; PostgreSQL has no INSERT OR REPLACE."""
    if schema_editor.connection.vendor == "sqlite":
        same = " AND ".join(f"{one} = NEW.{one}" for one in KEY)
        # one that was taken back stays beside the next
        same = f"revoked_at IS NULL AND NEW.revoked_at IS NULL AND {same}"
        schema_editor.execute(
            "CREATE TRIGGER records_grant_no_other BEFORE INSERT ON records_grant "
            f"WHEN EXISTS (SELECT 1 FROM records_grant WHERE {same}) "
            "BEGIN SELECT RAISE(ABORT, 'append-only: records_grant'); END",
            params=None,
        )


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [("records", "0009_accounts")]
    operations: ClassVar = [migrations.RunPython(apply)]
