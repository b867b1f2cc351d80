"""`django-admin administrateur ADRESSE PROGRAMME`: the first administrator of a programme."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recevable_web.actions import accounts
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account


class Command(BaseCommand):
    """See the module."""

    help = "Nomme le premier administrateur d'un programme : une personne qui s'est déjà connectée."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account and the programme."""
        parser.add_argument("adresse")
        parser.add_argument("programme")

    def handle(self, *args: Any, **options: Any) -> None:
        """Name the administrator, or say why not."""
        account = Account.objects.filter(email=options["adresse"].lower(), is_active=True).first()
        if account is None:
            raise CommandError(
                "Aucun compte ouvert n'a cette adresse : la personne doit d'abord se connecter une fois."
            )
        try:
            accounts.first_administrator(account, options["programme"])
        except Refused as refused:
            raise CommandError(refused.message) from None
        self.stdout.write("Administrateur nommé. Il donne maintenant les autres droits dans « Administration ».\n")
