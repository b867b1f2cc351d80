"""Rows that nobody may change, whatever program writes: triggers, on both databases.

They are not enough by themselves (a superuser of PostgreSQL can set them aside): the chain of acts shows what got
through.  Contents of acts may be deleted, by a purge that an act records, never changed.
"""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

KEPT: Final = (
    "packversion", "packfile", "publication", "dossierversion", "evaluation", "evaluationrequest", "appraisal", "event",
    "access",
)  # fmt: skip
KEYS: Final = {"act": "rank", "actcontent": "act_id"}

_NEXT = """
    SELECT COALESCE(MAX(rank), 0) + 1 FROM records_act
"""
_LAST = """
    SELECT COALESCE((SELECT digest FROM records_act ORDER BY rank DESC LIMIT 1), '{genesis}')
""".format(genesis="0" * 64)


def _sqlite() -> list[str]:
    statements = []
    for table in (*KEPT, "act", "actcontent"):
        name, key = f"records_{table}", KEYS.get(table, "id")
        events = ("UPDATE",) if table == "actcontent" else ("UPDATE", "DELETE")
        for event in events:
            statements.append(
                f"CREATE TRIGGER {name}_no_{event.lower()} BEFORE {event} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, 'append-only: {name}'); END"
            )
        # INSERT OR REPLACE deletes without asking the trigger on DELETE
        statements.append(
            f"CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {name} "
            f"WHEN EXISTS (SELECT 1 FROM {name} WHERE {key} = NEW.{key}) "
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {name}'); END"
        )
    statements.append(
        f"CREATE TRIGGER records_act_follows BEFORE INSERT ON records_act "
        f"WHEN NEW.rank <> ({_NEXT}) OR NEW.previous <> ({_LAST}) "
        f"BEGIN SELECT RAISE(ABORT, 'the act does not follow the last one'); END"
    )
    return statements


def _postgresql() -> list[str]:
    statements = [
        "CREATE FUNCTION records_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$",
        "CREATE FUNCTION records_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.rank <> ({_NEXT}) OR NEW.previous <> ({_LAST}) THEN "
        "RAISE EXCEPTION 'the act does not follow the last one'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER records_act_follows BEFORE INSERT ON records_act "
        "FOR EACH ROW EXECUTE FUNCTION records_follow()",
    ]
    for table in (*KEPT, "act", "actcontent"):
        name = f"records_{table}"
        events = "UPDATE" if table == "actcontent" else "UPDATE OR DELETE"
        statements.append(
            f"CREATE TRIGGER {name}_append_only BEFORE {events} ON {name} "
            "FOR EACH ROW EXECUTE FUNCTION records_refuse()"
        )
        statements.append(
            f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()"
        )
    return statements


def apply(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers, and the head of an empty chain."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in _postgresql() if postgresql else _sqlite():
        # no parameters: a percent sign stands for itself
        schema_editor.execute(statement, params=None)
    apps.get_model("records", "ChainHead").objects.create(id=1, rank=0, digest="0" * 64)


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [("records", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(apply)]
