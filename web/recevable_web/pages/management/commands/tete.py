"""`recevable-web tete FICHIER`: add the head of the register to a file that is kept elsewhere, each day."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import recevable
from recevable_web.actions import register


class Command(BaseCommand):
    """See the module."""

    help = (
        "Ajoute à un fichier la tête du registre, après avoir vérifié que celles qui y sont déjà sont celles d'actes "
        "du registre. À jouer chaque jour, et à conserver hors de cette machine."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and who time-stamps it."""
        parser.add_argument("fichier", type=Path, help="Le fichier des têtes ; il est créé s'il n'existe pas.")
        parser.add_argument(
            "--horodater",
            metavar="COMMANDE",
            default="",
            help="Une commande, lancée ensuite avec le fichier pour argument (horodatage, envoi).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, add a line, then have it time-stamped."""
        path: Path = options["fichier"]
        try:
            kept = recevable.ledger.heads(path.read_bytes().splitlines()) if path.exists() else []
        except (OSError, ValueError) as error:
            raise CommandError(f"{path} : {error}. Rien n'y est ajouté.") from None
        found = recevable.ledger.verify(register.export(), "", kept)
        if found.faults:
            for fault in found.faults[:20]:
                self.stderr.write(f"{f'Acte {fault.rank}' if fault.rank else 'Registre'} : {fault.message}.")
            raise CommandError(f"Le registre n'est pas celui dont {path} garde les têtes. Rien n'y est ajouté.")
        head = register.last()
        try:
            # whole or not at all: one write of one short line, on the disk before it is printed
            with path.open("ab", buffering=0) as stream:
                stream.write(recevable.ledger.written_head(head))
                os.fsync(stream.fileno())
        except OSError as error:
            raise CommandError(f"{path} ne peut pas être écrit ({error.strerror}).") from None
        self.stdout.write(f"Tête de l'acte {head.rank} : {head.digest}.")
        if options["horodater"]:
            code = subprocess.run([options["horodater"], str(path)], check=False).returncode
            if code:
                failed = f"{options['horodater']} a échoué (code {code})"
                raise CommandError(f"La tête est écrite, mais {failed} : elle n'est pas horodatée.")
