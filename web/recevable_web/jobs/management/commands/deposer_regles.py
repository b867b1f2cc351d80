"""`recevable-web deposer_regles`: propose the pack of a folder, as the page of rules does with an archive."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recevable_web.actions import publishing
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account


class Command(BaseCommand):
    """Proposer les règles d'un dossier : un serveur de travail les contrôle, une autre personne les approuve."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """See Django."""
        parser.add_argument("dossier", type=Path, help="le dossier du paquet, ou celui qui contient rules et fixtures")
        parser.add_argument("--programme", required=True)
        parser.add_argument("--par", required=True, help="le courriel du compte de qui propose")
        parser.add_argument("--a-partir-du", dest="day", type=date.fromisoformat, required=True, metavar="AAAA-MM-JJ")
        parser.add_argument("--nom", required=True, help="le nom de cette version")
        parser.add_argument("--motif", required=True, help="pourquoi les règles changent")

    def handle(self, *args: Any, **options: Any) -> None:
        """See Django."""
        account = Account.objects.filter(email=options["par"].lower(), is_active=True).first()
        if account is None:
            raise CommandError("Aucun compte ouvert n'a ce courriel.")
        if not options["dossier"].is_dir():
            raise CommandError("Ce n'est pas un dossier.")
        try:
            found = publishing.submit(
                account,
                options["programme"],
                publishing.from_folder(options["dossier"]),
                options["day"],
                options["nom"],
                options["motif"],
            )
        except Refused as refused:
            raise CommandError(refused.message) from None
        self.stdout.write(f"Proposition n° {found.pk} : elle est contrôlée, puis une autre personne l'approuve.")
