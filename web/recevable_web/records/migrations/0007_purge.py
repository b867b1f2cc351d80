"""Purges; and no row that is kept is replaced through another unique key than its number, which SQLite allows.

`INSERT OR REPLACE` deletes every row that has one of the unique keys of the new one, and asks no trigger on DELETE
unless the connection wants it: an act with the digest of a former one would have taken its place.
"""

from __future__ import annotations

from typing import ClassVar, Final

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records import append_only

UNIQUE: Final = {
    "act": (("digest",), ("draft_id",)),
    "packversion": (("programme", "digest"),),
    "packfile": (("pack_id", "name"),),
    "dossierversion": (("dossier_id", "rank"),),
    "evaluation": (("version_id", "pack_id", '"on"'),),
    "evaluationrequest": (("evaluation_id", "name", "key"),),
    "appraisal": (("version_id",),),
}
_COVERED: Final = "EXISTS (SELECT 1 FROM records_purge WHERE what = 'acces' AND OLD.at < until)"
_ACT: Final = "NOT EXISTS (SELECT 1 FROM records_act WHERE rank = NEW.act_id AND kind = 'purge')"


def _sqlite() -> list[str]:
    found = [
        "DROP TRIGGER records_access_no_delete",
        f"CREATE TRIGGER records_access_no_delete BEFORE DELETE ON records_access WHEN NOT {_COVERED} "
        "BEGIN SELECT RAISE(ABORT, 'append-only: records_access'); END",
        f"CREATE TRIGGER records_purge_has_act BEFORE INSERT ON records_purge WHEN {_ACT} "
        "BEGIN SELECT RAISE(ABORT, 'a purge without its act'); END",
    ]
    for table, keys in UNIQUE.items():
        name = f"records_{table}"
        same = " OR ".join("(" + " AND ".join(f"{one} = NEW.{one}" for one in key) + ")" for key in keys)
        found.append(
            f"CREATE TRIGGER {name}_no_other BEFORE INSERT ON {name} WHEN EXISTS (SELECT 1 FROM {name} WHERE {same}) "
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {name}'); END"
        )
    return found


def _postgresql() -> list[str]:
    return [
        "DROP TRIGGER records_access_append_only ON records_access",
        "CREATE TRIGGER records_access_append_only BEFORE UPDATE ON records_access "
        "FOR EACH ROW EXECUTE FUNCTION records_refuse()",
        "CREATE FUNCTION records_refuse_unless_purged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_COVERED} THEN RETURN OLD; END IF; RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$",
        "CREATE TRIGGER records_access_no_delete BEFORE DELETE ON records_access "
        "FOR EACH ROW EXECUTE FUNCTION records_refuse_unless_purged()",
        "CREATE FUNCTION records_purge_has_act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_ACT} THEN RAISE EXCEPTION 'a purge without its act'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER records_purge_has_act BEFORE INSERT ON records_purge "
        "FOR EACH ROW EXECUTE FUNCTION records_purge_has_act()",
    ]


def apply(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The triggers."""
    append_only.keep(schema_editor, "records_purge", ("act_id",))
    for statement in _postgresql() if schema_editor.connection.vendor == "postgresql" else _sqlite():
        # no parameters: a percent sign stands for itself
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [("records", "0006_visits")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Purge",
            fields=[
                (
                    "act",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="purge",
                        serialize=False,
                        to="records.act",
                    ),
                ),
                ("what", models.CharField(max_length=20)),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(apply),
    ]
