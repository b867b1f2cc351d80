"""`recevable prove`: what holds for every dossier, and a dossier for what does not."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recevable.cli.app import FrenchCommand, page
from recevable.cli.exits import ACCEPTED, NOT_ACCEPTED, usage
from recevable.cli.outputs import emit
from recevable.cli.packs import dossiers_option, pack_folders, report_faults, trials_of
from recevable.cli.runs import TEXT, counting, finish, format_option, processes_option
from recevable.cli.solver import at_fault, examples_option, needed, write_examples
from recevable.cli.versions import choose
from recevable.language.diagnostics import DiagnosticError, Severity, suggest
from recevable.lint import tolerances
from recevable.outputs.run import Case, Run
from recevable.pack import properties as written
from recevable.printed import say, visible
from recevable.programme import Programme, open_programme
from recevable.report.json_format import dump
from recevable.trials.known import known_dossiers
from recevable.trials.suite import collect

if TYPE_CHECKING:
    from recevable.proofs.prover import Base
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
    help="Calcul accordé à chaque question : 2 millions de pas du solveur par seconde ; par défaut, 10.",
)
@click.option(
    "--elements",
    type=click.IntRange(0, 20),
    default=3,
    metavar="N",
    help="Éléments d'une liste, au plus ; par défaut, 3.",
)
@processes_option()
@examples_option()
@click.option(
    "--entre",
    "versions",
    nargs=2,
    metavar="ANCIEN NOUVEAU",
    help="Ce qui peut changer d'une version d'un paquet à l'autre, nommées comme pour `impact`.",
)
@click.option("-v", "--verbose", is_flag=True, help="Montrer aussi ce qui est prouvé.")
@format_option()
def prove(
    packs: tuple[str, ...],
    dossiers: Path | None,
    wanted: tuple[str, ...],
    seconds: int,
    elements: int,
    processes: int,
    folder: Path | None,
    versions: tuple[str, str] | None,
    verbose: bool,
    fmt: str,
) -> int:
    """Prouver ce qui tient pour tout dossier, ou montrer un dossier, décidé, pour lequel cela ne tient pas.

    Les propriétés sont celles de `proprietes.yaml` ; les autres questions se posent à tout paquet. Une preuve vaut dans
    des bornes, qui sont dites : longueur des listes, dates. Ce qui n'est pas traduit n'est pas décidé, par son nom.

    Ce que le `tolerances.yaml` du paquet admet (contrôle PREUVE-ABSENTE, sujet : l'identifiant) vaut jusqu'à son terme.

    Avec --entre, ce qui est demandé est qu'aucune décision ne change : passage d'un verdict à un autre, montant,
    recouvrement. Un dossier qui change est montré avec ses deux décisions.

    Codes de sortie : 0 tout est prouvé ou toléré ; 1 sinon, ou rien n'a été demandé ; 2 usage ; 3 règles ou propriétés
    invalides ; 4 les moteurs ne confirment pas un exemple.
    """
    needed("le verbe `prove`")
    from recevable.proofs import report as words
    from recevable.proofs.prover import NotConfirmed, bases_of
    from recevable.proofs.run import run

    if versions is not None:
        if packs:
            raise usage("--entre nomme les deux paquets : n'en donnez pas d'autre.")
        if fmt not in (TEXT, "json"):
            raise usage(f"--entre compare deux versions, en texte ou en json : pas de rapport {fmt}.")
        return _between(*versions, dossiers, wanted, folder, fmt, seconds=seconds, elements=elements, verbose=verbose)
    reports: list[Report] = []
    cases: list[Case] = []
    for one in pack_folders(packs):
        try:
            programme = open_programme(one, prepared=False)
            asked = written.read(programme.source)
            _check_wanted(wanted, programme, [found.id.text for found in asked])
            typed = [written.Properties(programme.compiled).typed(found) for found in asked]
            trials = trials_of(programme, dossiers)
            tolerated = tolerances.read(programme.source)
        except DiagnosticError as error:
            return report_faults(error.diagnostics, one)
        try:
            found = run(
                programme,
                typed,
                bases_of(trials),
                wanted,
                seconds=seconds,
                elements=elements,
                processes=processes,
                progress=counting("questions"),
            )
        except NotConfirmed as error:
            return at_fault(error)
        concerned = [excuse for excuse in tolerated if not wanted or excuse.subject.text in wanted]
        found = words.excused(found, concerned, programme.today())
        reports.append(found)
        cases += words.cases(found, one)
        _show(found, folder, fmt, verbose=verbose)
    if fmt in (TEXT, "json"):
        return _end(reports, fmt)
    code = finish(Run("prove", tuple(cases), Severity.WARNING, words.ABOUT), fmt, str)
    return code if cases else NOT_ACCEPTED


def _show(found: Report, folder: Path | None, fmt: str, *, verbose: bool) -> None:
    """Write the dossiers of a report, and print it when it is text."""
    from recevable.proofs import report as words

    write_examples(found, folder)
    if fmt == TEXT:
        say(words.render(found, page(sys.stdout), verbose=verbose), nl=False)


def _end(reports: Sequence[Report], fmt: str) -> int:
    """Print the summary, and give the exit code."""
    from recevable.proofs import report as words

    if fmt == "json":
        emit(dump({"paquets": [words.data(one) for one in reports]}, indent=True) + "\n")
    return ACCEPTED if reports and all(one.sound for one in reports) else NOT_ACCEPTED


def _between(
    old: str,
    new: str,
    dossiers: Path | None,
    wanted: Sequence[str],
    folder: Path | None,
    fmt: str,
    *,
    seconds: int,
    elements: int,
    verbose: bool,
) -> int:
    """What may change from a version of a pack to another."""
    from recevable.proofs.prover import NotConfirmed
    from recevable.proofs.versions import between

    with tempfile.TemporaryDirectory(prefix="recevable-") as scratch:
        sides: list[Programme] = []
        for one in choose(old, new, Path(scratch)):
            try:
                sides.append(open_programme(one.folder, prepared=False))
            except DiagnosticError as error:
                say(f"Le paquet `{visible(one.name)}` est invalide :", err=True)
                return report_faults(error.diagnostics, one.folder)
        bases = _either(sides, dossiers)
    if sides[0].name != sides[1].name:
        names = " et ".join(f"`{side.name}`" for side in sides)
        raise usage(f"ces paquets sont de deux programmes, {names} : rien à comparer.")
    if sides[0].zone != sides[1].zone:
        raise usage("ces paquets ont deux fuseaux horaires : rien à comparer.")
    try:
        found = between(sides[0], sides[1], bases, wanted, seconds=seconds, elements=elements)
    except NotConfirmed as error:
        return at_fault(error)
    if wanted and not found.lines:
        raise usage(f"--propriete : aucun changement ne se nomme {' ni '.join(f'`{name}`' for name in wanted)}.")
    _show(found, folder, fmt, verbose=verbose)
    return _end([found], fmt)


def _check_wanted(wanted: Sequence[str], programme: Programme, known: Sequence[str]) -> None:
    from recevable.proofs.questions import identifiers

    everything = [*known, *identifiers(programme.compiled)]
    for name in wanted:
        if name not in everything:
            help = suggest(name, everything) or "Elles sont dans `proprietes.yaml`."
            raise usage(f"--propriete : `{name}` n'est ni une propriété ni une question. {help}")


def _either(sides: Sequence[Programme], dossiers: Path | None) -> list[Base]:
    """The known dossiers of two versions; those that cannot be read, beside a revision of git, prove nothing less."""
    from recevable.proofs.prover import bases_of

    folders = (known_dossiers(side, dossiers) for side in reversed(sides))
    folder = next((one for one in folders if one is not None), None)
    return list({one.name: one for side in sides for one in bases_of(collect(side, [], folder))}.values())
