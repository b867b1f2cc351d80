"""`recevable verify-register`: verify the export of a register of acts, without its database."""

from __future__ import annotations

from pathlib import Path

import click

from recevable import files
from recevable.cli.app import FrenchCommand
from recevable.cli.exits import ACCEPTED, NOT_ACCEPTED, usage
from recevable.cli.runs import PATH
from recevable.decision.wording import count
from recevable.ledger import Head, heads, verify
from recevable.printed import say, visible

_SHOWN = 20


@click.command("verify-register", cls=FrenchCommand, short_help="Vérifier l'export d'un registre d'actes.")
@click.argument("file", type=PATH, metavar="FICHIER")
@click.option(
    "--tete", "head", default="", metavar="EMPREINTE", help="L'empreinte du dernier acte, conservée ailleurs."
)
@click.option(
    "--tetes",
    "recorded",
    type=PATH,
    metavar="FICHIER",
    help="Les têtes conservées jour après jour : chacune doit être celle d'un acte de l'export.",
)
def verify_register(file: Path, head: str, recorded: Path | None) -> int:
    """Vérifier l'export d'un registre d'actes, sans la base de données.

    Chaque acte scelle ceux qui le précèdent : un acte modifié, retiré, ajouté ou déplacé se voit à son rang. Sans
    --tete ni --tetes, un registre tronqué à sa fin, ou entièrement refait, ne se voit pas.

    Codes de sortie : 0 la chaîne est intacte ; 1 elle ne l'est pas ; 2 usage ou fichier illisible.
    """
    kept = [] if recorded is None else _heads(recorded)
    try:
        with files.open_regular(file) as stream:
            found = verify(stream, head.strip().lower(), kept)
    except (OSError, ValueError) as error:
        raise usage(f"`{file}` {files.reason(error)}") from None
    for fault in found.faults[:_SHOWN]:
        say(f"{f'Acte {fault.rank}' if fault.rank else 'Export'} : {visible(fault.message)}.")
    if len(found.faults) > _SHOWN:
        say(f"… et {count(len(found.faults) - _SHOWN, 'autre défaut', 'autres défauts')}.")
    acts = count(found.acts, "acte vérifié", "actes vérifiés")
    erased = f", dont {count(found.erased, 'contenu effacé', 'contenus effacés')}" if found.erased else ""
    say(f"{acts}{erased} ; tête {found.head}.")
    if kept:
        say(f"{count(len(kept), 'tête conservée comparée', 'têtes conservées comparées')}.")
    say("La chaîne n'est pas intacte." if found.faults else "La chaîne est intacte.")
    return NOT_ACCEPTED if found.faults else ACCEPTED


def _heads(path: Path) -> list[Head]:
    try:
        with files.open_regular(path) as stream:
            lines = stream.readlines()
    except (OSError, ValueError) as error:
        raise usage(f"`{path}` {files.reason(error)}") from None
    try:
        return heads(lines)
    except ValueError as error:
        raise usage(f"`{path}` : {error}") from None
