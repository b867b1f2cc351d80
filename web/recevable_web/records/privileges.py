"""What the role of the application may do in PostgreSQL: read and add, change what may change, and own nothing.

Derived from the triggers themselves: a table whose rows may not be changed is not changed by privilege either, so that
the application could not set a trigger aside.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

# Tables of the framework, which only migrations write.
_READ_ONLY: Final = (
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
)
_DELETE, _UPDATE = 8, 16


class Table(NamedTuple):
    """What may be done to the rows of a table: `columns` are those that may change, None for all, empty for none."""

    name: str
    delete: bool
    columns: tuple[str, ...] | None


def tables(connection: BaseDatabaseWrapper) -> list[Table]:
    """Every table of the application, with what its triggers leave possible."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, t.tgtype, t.tgattr::int2[], array_agg(a.attnum), array_agg(a.attname::text)
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgtype & 1 = 1
                AND t.tgfoid = (SELECT oid FROM pg_proc WHERE proname = 'records_refuse')
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
            GROUP BY c.oid, c.relname, t.oid, t.tgtype, t.tgattr ORDER BY c.relname
            """
        )
        rows = cursor.fetchall()
    found: dict[str, Table] = {}
    for name, kind, frozen, numbers, columns in rows:
        one = found.get(name, Table(name, True, None))
        if name in _READ_ONLY:
            one = Table(name, False, ())
        elif kind is not None:
            delete = one.delete and not kind & _DELETE
            kept = one.columns
            if kind & _UPDATE:
                kept = tuple(c for n, c in zip(numbers, columns, strict=True) if n not in frozen) if frozen else ()
            one = Table(name, delete, kept)
        found[name] = one
    return list(found.values())


def statements(connection: BaseDatabaseWrapper, role: str) -> Iterable[str]:
    """The SQL that gives a role what the application needs, and takes everything else from it."""
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = quoted(cursor.fetchone()[0])
    to = quoted(role)
    yield f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC"
    yield f"REVOKE ALL ON SCHEMA {schema} FROM {to}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {to}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM PUBLIC, {to}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {to}"
    for table in tables(connection):
        name = f"{schema}.{quoted(table.name)}"
        yield f"GRANT SELECT ON {name} TO {to}"
        if table.name in _READ_ONLY:
            continue
        yield f"GRANT INSERT ON {name} TO {to}"
        if table.columns is None:
            yield f"GRANT UPDATE ON {name} TO {to}"
        elif table.columns:
            yield f"GRANT UPDATE ({', '.join(map(quoted, sorted(table.columns)))}) ON {name} TO {to}"
        if table.delete:
            yield f"GRANT DELETE ON {name} TO {to}"


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Why the role of this connection is more than that of an application, in French; empty when it is not."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolbypassrls, rolreplication FROM pg_roles WHERE rolname = current_user"
        )
        names = ("est superutilisateur", "peut créer des rôles", "passe outre la sécurité des lignes", "peut répliquer")
        found += [f"Le rôle {name}." for name, held in zip(names, cursor.fetchone(), strict=True) if held]
        cursor.execute(
            """
            SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'S')
            AND pg_has_role(current_user, relowner, 'MEMBER') ORDER BY relname
            """
        )
        owned = [name for (name,) in cursor.fetchall()]
    if owned:
        found.append(
            f"Le rôle possède {len(owned)} tables ou séquences, ou est membre de qui les possède ({owned[0]}…)."
        )
    with connection.cursor() as cursor:
        for table in tables(connection):
            wanted = ["TRUNCATE", "TRIGGER"]
            wanted += [] if table.delete else ["DELETE"]
            wanted += ["UPDATE"] if table.columns is not None else []
            for privilege in wanted:
                cursor.execute("SELECT has_table_privilege(current_user, quote_ident(%s), %s)", [table.name, privilege])
                if cursor.fetchone()[0]:
                    found.append(f"Le rôle a {privilege} sur {table.name}.")
    return found
