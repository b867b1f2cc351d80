"""`recevable-web sauvegarder FICHIER`: copy a SQLite database while it is used; for PostgreSQL, there is pg_dump."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection


class Command(BaseCommand):
    """See the module."""

    help = "Copie une base SQLite pendant qu'elle sert. PostgreSQL se sauvegarde par pg_dump."

    def add_arguments(self, parser: CommandParser) -> None:
        """The copy."""
        parser.add_argument("fichier", type=Path, help="La copie ; elle ne remplace aucun fichier.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy, verify the copy, and only then give it its name."""
        path: Path = options["fichier"]
        if connection.vendor != "sqlite":
            raise CommandError("Cette base est dans PostgreSQL : pg_dump --format=custom la sauvegarde.")
        if path.exists():
            raise CommandError(f"{path} existe déjà : donnez un autre nom, rien n'est remplacé.")
        name = connection.settings_dict["NAME"]
        if not Path(name).is_file():
            raise CommandError(f"{name} n'existe pas : il n'y a rien à sauvegarder.")
        making = path.with_name(f"{path.name}.en-cours")
        try:
            # it holds everything that the database holds: nobody else reads it
            os.close(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            with sqlite3.connect(f"file:{name}?mode=ro", uri=True) as source, sqlite3.connect(making) as copy:
                source.backup(copy)
                (found,) = copy.execute("PRAGMA integrity_check").fetchone()
                copy.execute("PRAGMA journal_mode=DELETE")
            source.close()
            copy.close()
            if found != "ok":
                raise CommandError("La copie n'est pas saine : la base est abîmée. Rien n'est gardé.")
            making.rename(path)
        except (OSError, sqlite3.Error) as error:
            raise CommandError(f"{path} ne peut pas être écrit ({error}).") from None
        finally:
            making.unlink(missing_ok=True)
        self.stdout.write(f"Base copiée dans {path}. « recevable-web verifier » dit si elle est entière.")
