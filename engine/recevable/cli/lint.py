"""`recevable lint`: what is wrong in a pack, at its line."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path

import click

from recevable.cli.app import FrenchCommand, page
from recevable.cli.check import Day
from recevable.cli.packs import pack_folders
from recevable.cli.runs import TEXT, fail_level_option, finish, format_option, level_of
from recevable.language.diagnostics import Diagnostic, Severity, Span
from recevable.lint import manual
from recevable.lint.run import lint as lint_pack
from recevable.report import diagnostics as diagnostics_text
from recevable.report.run import Case, Run, annotation, line_of, relocated, seen_from_here


@click.command(cls=FrenchCommand)
@click.argument("packs", nargs=-1, metavar="[PAQUET]...")
@click.option("--au", "today", type=Day(), metavar="AAAA-MM-JJ", help="Date du contrôle ; par défaut, aujourd'hui.")
@format_option()
@fail_level_option(Severity.WARNING)
def lint(packs: tuple[str, ...], today: date | None, fmt: str, fail_level: str) -> int:
    """Contrôler des paquets de règles : chaque faute à sa ligne, avec ce qu'il faut écrire.

    PAQUET : le dossier d'un paquet, un dossier de paquets, ou le nom d'un paquet livré ; par défaut, ceux d'ici.

    Codes de sortie : 0 rien à signaler ; 1 un constat au moins ; 2 usage.
    """
    day = today or datetime.now().astimezone().date()
    found: list[Diagnostic] = []
    cases: list[Case] = []
    for folder in pack_folders(packs):
        said = relocated(lint_pack(folder, day), folder)
        found += said
        cases += _cases(folder, said)
    about = {page.code: page.title for page in manual.pages().values()} if fmt != TEXT else {}
    run = Run("lint", tuple(cases), level_of(fail_level), about)
    return finish(run, fmt, lambda: diagnostics_text.render(found, page(sys.stdout), line_of))


def _cases(folder: Path, said: list[Diagnostic]) -> list[Case]:
    """A case per file of a pack, and one for the pack when something is said of it without a place."""
    here = seen_from_here(folder)
    by_file: dict[str, list[Diagnostic]] = {seen_from_here(path): [] for path in sorted(folder.rglob("*.yaml"))}
    for one in said:
        by_file.setdefault(one.span.file if one.span else here, []).append(one)
    return [
        Case(here, file, Span(file, 1, 1), tuple(annotation(one) for one in found)) for file, found in by_file.items()
    ]
