"""Queries written in SQL, for what pages ask at each request: parameters, and values as databases give them.

The text of a query never holds a value: only parameters do.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from django.db import connection

Params = list[Any]


def fetched(sql: str, given: Sequence[Any]) -> list[Any]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def prepared(sql: str, given: Sequence[Any]) -> list[Any]:
    """The rows of a query of a page that is asked for all the time, which PostgreSQL plans once for a connection.

    To plan such a query takes as long as to answer it.  For a query whose best plan depends on no value.
    """
    with connection.cursor() as cursor:
        # what prepares does not know the text that Django logs, when it does
        if connection.vendor == "postgresql" and not connection.queries_logged:
            cursor.cursor.close()
            cursor.cursor = _preparing()(connection.connection)
        cursor.execute(sql, given)
        return list(cursor.fetchall())


@cache
def _preparing() -> type[Any]:
    """A cursor of psycopg that prepares what it executes."""
    import psycopg

    class Preparing(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
            return super().execute(query, params, prepare=True)

    return Preparing


def run(sql: str, given: Sequence[Any]) -> None:
    """A statement that gives no row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


def marks(values: Collection[Any]) -> str:
    """The places of as many parameters, for a list."""
    return ", ".join(["%s"] * len(values))


def day(value: Any) -> date:
    """A day, as one database or the other gives it."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def instant(value: Any) -> datetime:
    """An instant in UTC, as one database or the other gives it."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def written(value: datetime) -> Any:
    """An instant as the database takes it in a parameter."""
    return connection.ops.adapt_datetimefield_value(value)
