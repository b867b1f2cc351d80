"""`recevable-web migrate`: Django's, one at a time; a second one waits for the first, then has nothing to do."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# "recevable", as the number of a lock that PostgreSQL knows by its number only.
LOCK: Final = 0x7265636576


class Command(migrate.Command):
    """See the module."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Migrate under the lock of the database."""
        with alone(connections[options["database"]]):
            result: str | None = super().handle(*args, **options)
        return result


@contextmanager
def alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Hold the lock of the migrations of a database; another holder is waited for.

    On PostgreSQL it is the session's, and ends with it, whatever happens to the process; the file beside a SQLite
    database is locked likewise.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        return
    name = Path(connection.settings_dict["NAME"])
    with name.with_name(f"{name.name}.migrations").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
