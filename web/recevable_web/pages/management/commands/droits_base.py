"""`django-admin droits_base ROLE`: what the role of the application may do in the database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from recevable_web.records import privileges


class Command(BaseCommand):
    """See the module."""

    help = (
        "Donne au rôle de l'application ce qu'il lui faut et rien d'autre. À lancer après chaque « migrate », avec le "
        "rôle qui possède les tables."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The role, or what to do with the one of this connection."""
        parser.add_argument("role", nargs="?", default="")
        parser.add_argument("--sql", action="store_true", help="Affiche le SQL sans l'exécuter.")
        parser.add_argument("--verifier", action="store_true", help="Dit si le rôle de cette connexion en a trop.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Give, show or verify."""
        if connection.vendor != "postgresql":
            raise CommandError("Seul PostgreSQL a des rôles.")
        if options["verifier"]:
            found = privileges.faults(connection)
            if found:
                raise CommandError("\n".join(found))
            self.stdout.write("Le rôle ne possède rien et ne peut ni changer ni effacer ce qui est scellé.\n")
            return
        role = options["role"]
        if not role:
            raise CommandError("Nommez le rôle de l'application.")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = %s", [role])
            known = cursor.fetchone()
        if known is None:
            raise CommandError(f"Le rôle « {role} » n'existe pas : créez-le d'abord (CREATE ROLE … LOGIN PASSWORD …).")
        if known[0] == role or known[1]:
            raise CommandError(
                "L'application ne se connecte ni avec le rôle qui possède les tables ni en superutilisateur."
            )
        found = list(privileges.statements(connection, role))
        if options["sql"]:
            self.stdout.write("".join(f"{one};\n" for one in found))
            return
        with transaction.atomic(), connection.cursor() as cursor:
            for one in found:
                cursor.execute(one)
        self.stdout.write(f"{len(found)} instructions exécutées pour « {role} ».\n")
