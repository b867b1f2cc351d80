"""`recevable lint`: what is wrong in a pack, at its line."""

from __future__ import annotations

import sys
from datetime import date, datetime

import click

from recevable.cli.app import FrenchCommand, page
from recevable.cli.check import Day
from recevable.cli.packs import line_of, pack_folders
from recevable.cli.runs import fail_level_option, finish, format_option
from recevable.language.diagnostics import Diagnostic, Severity
from recevable.lint.run import lint as lint_pack
from recevable.report import diagnostics as diagnostics_text
from recevable.report.run import Case, Run, annotation, relocated, seen_from_here


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
        cases.append(Case(seen_from_here(folder), "lint", None, tuple(annotation(d) for d in said)))
    run = Run("lint", tuple(cases))
    return finish(run, fmt, fail_level, lambda: diagnostics_text.render(found, page(sys.stdout), line_of))
