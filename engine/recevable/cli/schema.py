"""`recevable schema`: print a shipped schema."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from recevable import data
from recevable.cli.app import FrenchCommand
from recevable.cli.check import report_pack_faults
from recevable.cli.exits import ACCEPTED, usage
from recevable.cli.outputs import emit
from recevable.cli.programmes import Programmes
from recevable.cli.runs import PATH
from recevable.language.diagnostics import DiagnosticError, suggest

DOSSIER: Final = "dossier"


def schema_files() -> dict[str, Path]:
    """Every shipped schema by the names it can be asked by: `decision`, `programme/dossier`, and `dossier` when
    unique.
    """
    root = data.shipped("schemas")
    found: dict[str, list[Path]] = {}
    for path in sorted(root.rglob("*.schema.json")):
        full = path.relative_to(root).as_posix().removesuffix(".schema.json")
        found.setdefault(full, []).append(path)
        if "/" in full:
            found.setdefault(full.rsplit("/", 1)[1], []).append(path)
    return {name: paths[0] for name, paths in found.items() if len(paths) == 1}


def _of_dossiers(programme: str, rules: Path | None) -> int:
    try:
        found = Programmes(rules).only(programme)
    except DiagnosticError as error:
        return report_pack_faults(error)
    emit(found.source.schema(found.manifest.schema).content.decode("utf-8"))
    return ACCEPTED


@click.command(cls=FrenchCommand)
@click.argument("name", metavar="NOM")
@click.option("--programme", default="", metavar="NOM", help="Pour `dossier`, le programme, s'il y en a plusieurs.")
@click.option(
    "--rules",
    type=PATH,
    metavar="DIR",
    help="Pour `dossier`, le dossier du paquet de règles, au lieu de ceux livrés.",
)
def schema(name: str, programme: str, rules: Path | None) -> int:
    """Afficher un schéma JSON : dossier, decision, rapport, regles…

    `dossier` est celui des dossiers d'un programme ; les autres sont les mêmes pour tous.
    """
    if name.removesuffix(".schema.json") == DOSSIER:
        return _of_dossiers(programme, rules)
    if programme or rules is not None:
        raise usage(f"--programme et --rules ne servent qu'avec `{DOSSIER}`")
    known = schema_files()
    path = known.get(name.removesuffix(".schema.json"))
    if path is None:
        help = suggest(name, (DOSSIER, *known)) or f"Schémas : {', '.join(sorted((DOSSIER, *known)))}."
        raise usage(f"le schéma `{name}` n'existe pas. {help}")
    emit(path.read_text("utf-8"))
    return ACCEPTED
