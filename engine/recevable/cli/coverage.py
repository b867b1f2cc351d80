"""`recevable coverage`: what the trials of a pack cover, and what they miss."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recevable.cli.app import FrenchCommand, page
from recevable.cli.exits import ACCEPTED, NOT_ACCEPTED
from recevable.cli.outputs import emit, write_whole
from recevable.cli.packs import dossiers_option, pack_folders, report_faults, trials_of
from recevable.cli.runs import text_or_json_option
from recevable.cli.solver import at_fault, completing_option, needed, to_accept
from recevable.language.diagnostics import DiagnosticError
from recevable.outputs import coverage as words
from recevable.pack import requirements
from recevable.printed import say
from recevable.programme import Programme, open_programme
from recevable.report.json_format import dump
from recevable.trials.coverage import Coverage, measure
from recevable.trials.suite import Trial

if TYPE_CHECKING:
    _ShareType = click.ParamType[Fraction]
else:
    # generic only in recent versions of click
    _ShareType = click.ParamType


class Share(_ShareType):
    """A percentage as an exact fraction: `95`, `99.5`, `99,5`."""

    name = "pourcentage"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Parse a value from 0 to 100, or fail with a French message."""
        if isinstance(value, Fraction):
            return value
        written = str(value).replace(",", ".")
        share = Fraction(written) / 100 if re.fullmatch(r"\d{1,3}(\.\d{1,9})?", written, re.ASCII) else None
        if share is None or share > 1:
            raise click.BadParameter(f"`{value}` n'est pas un pourcentage de 0 à 100", ctx, param)
        return share


@click.command(cls=FrenchCommand)
@click.argument("packs", nargs=-1, metavar="[PAQUET]...")
@dossiers_option()
@click.option("--seuil", "threshold", type=Share(), metavar="POURCENTAGE", help="Échouer en dessous de cette part.")
@click.option("--matrice", "matrix", is_flag=True, help="Montrer aussi les règles et les essais de chaque exigence.")
@completing_option("Y écrire, pour ce qu'aucun essai ne montre, des scénarios à accepter (recevable[preuves]).")
@click.option("-v", "--verbose", is_flag=True, help="Montrer toutes les règles et leurs essais.")
@text_or_json_option()
def coverage(
    packs: tuple[str, ...],
    dossiers: Path | None,
    threshold: Fraction | None,
    matrix: bool,
    waiting: Path | None,
    verbose: bool,
    fmt: str,
) -> int:
    """Mesurer ce que les exemples, les scénarios et les dossiers connus montrent des règles.

    Pour chaque règle : ses issues possibles (satisfait, chaque cause d'échec, manquant, sans objet, à apprécier) et les
    deux côtés de chaque limite. La part est tronquée, jamais arrondie au-dessus.

    Avec --completer, un solveur cherche ce qui manque : un scénario, que les moteurs ont décidé et qu'une personne doit
    accepter, ou la preuve qu'aucun dossier ne le montre. DIR peut être le dossier `scenarios` du paquet.

    Codes de sortie : 0 ; 1 sous le seuil, ou rien n'a été joué ; 2 usage ; 3 règles ou essais invalides ; 4 les moteurs
    ne confirment pas un scénario.
    """
    if waiting is not None:
        needed("--completer")
    code = ACCEPTED
    reports: list[dict[str, Any]] = []
    for rank, pack in enumerate(pack_folders(packs)):
        try:
            programme = open_programme(pack, prepared=False)
            trials = trials_of(programme, dossiers)
            found = measure(programme.decider, trials)
            listed = (pack / requirements.REQUIREMENTS).exists()
            inventory = requirements.read(pack) if matrix or (fmt == "json" and listed) else None
        except DiagnosticError as error:
            return report_faults(error.diagnostics, pack)
        if not found.trials.total() or (threshold is not None and found.share < threshold):
            code = NOT_ACCEPTED
        if fmt == "json":
            reports.append(words.data(found, pack, inventory))
        else:
            text = words.render(found, pack, page(sys.stdout), verbose=verbose)
            if inventory is not None:
                text = words.matrix(found, inventory, page(sys.stdout)) + "\n" + text
            say(("\n" if rank else "") + text, nl=False)
        if waiting is None:
            continue
        completed = _complete(programme, found, trials, waiting)
        if isinstance(completed, int):
            return completed
        if fmt == "json":
            reports[-1]["complements"] = completed
        else:
            for one in completed:
                say(f"{one['regle']}, {one['manque']} : {one['dit']}")
    if fmt == "json":
        emit(dump({"paquets": reports}, indent=True) + "\n")
    return code


def _complete(
    programme: Programme, found: Coverage, trials: Sequence[Trial], folder: Path
) -> list[dict[str, Any]] | int:
    """Write the scenarios that are missing, and say what becomes of each; an exit code when the solver is at fault."""
    from recevable.proofs import missing, scenarios
    from recevable.proofs.prover import NotConfirmed
    from recevable.proofs.search import TIME
    from recevable.trials.proved import ELEMENTS

    target = to_accept(folder, scenarios.name_of(programme))
    try:
        proposals = list(missing.proposals(programme, found, trials, seconds=TIME, elements=ELEMENTS))
    except NotConfirmed as error:
        return at_fault(error)
    text = missing.file(proposals)
    if text:
        write_whole(target, text, "--completer")
    return [missing.as_data(one) for one in proposals]
