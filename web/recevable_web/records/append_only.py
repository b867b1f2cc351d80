"""Triggers that make a table append-only, for the migrations that create one.  See `migrations/0002_append_only.py`.

Used by migrations: a function here is never changed, another is added.  On SQLite, a migration that changes
a column of a table gives it its triggers again: the table is built anew.
"""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def refusing(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The function that the triggers of PostgreSQL run; SQLite needs none."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION records_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$",
            params=None,
        )


def keep(schema_editor: BaseDatabaseSchemaEditor, table: str, *keys: tuple[str, ...], erasable: bool = False) -> None:
    """Refuse that rows of a table (`records_piece`) be changed or deleted; `erasable`: only that they be changed.

    `keys` are the columns of each of its unique keys, the primary one among them.
    """
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in _postgresql(table, erasable) if postgresql else _sqlite(table, keys, erasable):
        # no parameters: a percent sign stands for itself
        schema_editor.execute(statement, params=None)


def _sqlite(table: str, keys: tuple[tuple[str, ...], ...], erasable: bool) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
    found = [
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} {refuse}"
        for event in (("UPDATE",) if erasable else ("UPDATE", "DELETE"))
    ]
    # INSERT OR REPLACE deletes without asking the trigger on DELETE
    same = " OR ".join("(" + " AND ".join(f"{name} = NEW.{name}" for name in key) + ")" for key in keys)
    found.append(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
    )
    return found


def _postgresql(table: str, erasable: bool) -> list[str]:
    events = "UPDATE" if erasable else "UPDATE OR DELETE"
    return [
        f"CREATE TRIGGER {table}_append_only BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION records_refuse()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()",
    ]


def freeze(schema_editor: BaseDatabaseSchemaEditor, table: str, *kept: str) -> None:
    """Refuse that rows of a table be deleted, or that some of its columns be changed; the others may."""
    columns = f"UPDATE OF {', '.join(kept)}"
    if schema_editor.connection.vendor == "postgresql":
        run = "EXECUTE FUNCTION records_refuse()"
        statements = [
            f"CREATE TRIGGER {table}_append_only BEFORE {columns} OR DELETE ON {table} FOR EACH ROW {run}",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {run}",
        ]
    else:
        refuse = f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
        statements = [
            f"CREATE TRIGGER {table}_no_update BEFORE {columns} ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {refuse}",
        ]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def loosen(schema_editor: BaseDatabaseSchemaEditor, table: str, *kept: str) -> None:
    """Of a table that `keep` made append-only, refuse only that these columns change; rows still never go."""
    columns = f"UPDATE OF {', '.join(kept)}"
    if schema_editor.connection.vendor == "postgresql":
        statements = [
            f"DROP TRIGGER {table}_append_only ON {table}",
            f"CREATE TRIGGER {table}_append_only BEFORE {columns} OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION records_refuse()",
        ]
    else:
        statements = [
            f"DROP TRIGGER {table}_no_update",
            f"CREATE TRIGGER {table}_no_update BEFORE {columns} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END",
        ]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def refuse_when(schema_editor: BaseDatabaseSchemaEditor, table: str, name: str, columns: str, condition: str) -> None:
    """Refuse that columns of a table change when a condition on `OLD` and `NEW`, with questions, holds."""
    on = f"{table}_{name} BEFORE UPDATE OF {columns} ON {table}"
    if schema_editor.connection.vendor == "postgresql":
        # a function of its own: `records_refuse` says which columns may never change (records/privileges.py)
        statements = [
            f"CREATE OR REPLACE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} "
            "THEN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END IF; RETURN NEW; END $$",
            f"CREATE TRIGGER {on} FOR EACH ROW EXECUTE FUNCTION {table}_{name}()",
        ]
    else:
        statements = [f"CREATE TRIGGER {on} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"]
    for statement in statements:
        # no parameters: a percent sign stands for itself
        schema_editor.execute(statement, params=None)


def unreplaced(schema_editor: BaseDatabaseSchemaEditor, table: str, *key: str, where: str = "") -> None:
    """Refuse that a row of a table be replaced through a unique key, in SQLite: PostgreSQL has no INSERT OR REPLACE.

    `where` is the condition of a partial key, on `NEW` and on the row by its bare columns.
    """
    if schema_editor.connection.vendor != "sqlite":
        return
    same = " AND ".join(f"{name} = NEW.{name}" for name in key)
    schema_editor.execute(
        f"CREATE TRIGGER {table}_no_other_{'_'.join(key)} BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}{f' AND {where}' if where else ''}) "
        f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END",
        params=None,
    )


def final(schema_editor: BaseDatabaseSchemaEditor, table: str, condition: str, *columns: str) -> None:
    """Refuse that columns of a row change once the row meets a condition, which names its columns as `OLD.name`."""
    on = f"BEFORE UPDATE OF {', '.join(columns)} ON {table}"
    if schema_editor.connection.vendor == "postgresql":
        # a function of its own: `records_refuse` says which columns may never change (records/privileges.py)
        schema_editor.execute(
            "CREATE OR REPLACE FUNCTION records_final() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'final: %', TG_TABLE_NAME; END $$",
            params=None,
        )
        schema_editor.execute(
            f"CREATE TRIGGER {table}_final {on} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION records_final()",
            params=None,
        )
    else:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_final {on} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'final: {table}'); END",
            params=None,
        )
