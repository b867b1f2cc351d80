"""`recevable prove`: what holds for every dossier, and a dossier for what does not."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recevable.cli.app import FrenchCommand, page
from recevable.cli.exits import ACCEPTED, INTERNAL, NOT_ACCEPTED, usage
from recevable.cli.outputs import emit, write_whole
from recevable.cli.packs import dossiers_option, pack_folders, report_faults
from recevable.cli.runs import text_or_json_option
from recevable.dossier.dossier import Dossier
from recevable.language.diagnostics import Diagnostic, DiagnosticError, suggest
from recevable.pack import properties as written
from recevable.printed import say
from recevable.programme import Programme, open_programme
from recevable.report.json_format import dump
from recevable.trials.suite import collect

if TYPE_CHECKING:
    from recevable.proofs.report import Report


@click.command(cls=FrenchCommand)
@click.argument("packs", nargs=-1, metavar="[PAQUET]...")
@dossiers_option()
@click.option("--propriete", "wanted", multiple=True, metavar="ID", help="Cette propriété ou cette question seulement.")
@click.option(
    "--temps",
    "seconds",
    type=click.IntRange(1, 3600),
    default=10,
    metavar="SECONDES",
    help="Temps accordé à chaque question, sur une machine libre ; par défaut, 10.",
)
@click.option(
    "--elements",
    type=click.IntRange(0, 20),
    default=3,
    metavar="N",
    help="Éléments d'une liste, au plus ; par défaut, 3.",
)
@click.option(
    "--exemples",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Écrire ici les dossiers qui réfutent.",
)
@click.option("-v", "--verbose", is_flag=True, help="Montrer aussi ce qui est prouvé.")
@text_or_json_option()
def prove(
    packs: tuple[str, ...],
    dossiers: Path | None,
    wanted: tuple[str, ...],
    seconds: int,
    elements: int,
    folder: Path | None,
    verbose: bool,
    fmt: str,
) -> int:
    """Prouver ce qui tient pour tout dossier, ou montrer un dossier, décidé, pour lequel cela ne tient pas.

    Les propriétés sont celles de `proprietes.yaml` ; les autres questions se posent à tout paquet. Une preuve vaut dans
    des bornes, qui sont dites : longueur des listes, dates. Ce qui n'est pas traduit n'est pas décidé, par son nom.

    Codes de sortie : 0 tout est prouvé ; 1 sinon, ou rien n'a été demandé ; 2 usage ; 3 règles ou propriétés
    invalides ; 4 les moteurs ne confirment pas un exemple.
    """
    try:
        from recevable.proofs import report as words
        from recevable.proofs.prover import NotConfirmed
        from recevable.proofs.run import run
    except ImportError:
        raise usage("le verbe `prove` demande l'option d'installation : pip install 'recevable[preuves]'.") from None
    reports: list[Report] = []
    for one in pack_folders(packs):
        try:
            programme = open_programme(one, prepared=False)
            asked = written.read(programme.source)
            _check_wanted(wanted, programme, [found.id.text for found in asked])
            typed = [written.Properties(programme.compiled).typed(found) for found in asked]
            bases = _bases(programme, dossiers)
        except DiagnosticError as error:
            return report_faults(error.diagnostics, one)
        try:
            found = run(programme, typed, bases, wanted, seconds=seconds, elements=elements)
        except NotConfirmed as error:
            say(f"{error.question} : {error.why}. La traduction est fautive ; voici le dossier :", err=True)
            for content in error.example.contents:
                say(f"{content.decode()}(décidé le {error.example.day.isoformat()})", err=True)
            return INTERNAL
        reports.append(found)
        for name, content in words.files(found.lines) if folder is not None else ():
            assert folder is not None
            write_whole(folder / name, content, "--exemples")
        if fmt == "text":
            say(words.render(found, page(sys.stdout), verbose=verbose), nl=False)
    if fmt == "json":
        emit(dump({"paquets": [words.data(one) for one in reports]}, indent=True) + "\n")
    return ACCEPTED if reports and all(one.sound for one in reports) else NOT_ACCEPTED


def _check_wanted(wanted: Sequence[str], programme: Programme, known: Sequence[str]) -> None:
    from recevable.proofs.questions import identifiers

    everything = [*known, *identifiers(programme.compiled)]
    for name in wanted:
        if name not in everything:
            help = suggest(name, everything) or "Elles sont dans `proprietes.yaml`."
            raise usage(f"--propriete : `{name}` n'est ni une propriété ni une question. {help}")


def _bases(programme: Programme, dossiers: Path | None) -> list[tuple[str, Dossier, date]]:
    """The known dossiers and the days on which they are decided; raises DiagnosticError when one is unreadable."""
    diagnostics: list[Diagnostic] = []
    trials = collect(programme, diagnostics, dossiers)
    if diagnostics:
        raise DiagnosticError(diagnostics)
    return [(one.name, one.dossier, one.day) for one in trials if one.dossier is not None and one.day is not None]
