"""`recevable schema`: print a shipped schema."""

from __future__ import annotations

from pathlib import Path

import click

from recevable import data
from recevable.cli.app import FrenchCommand
from recevable.cli.exits import ACCEPTED, usage
from recevable.cli.outputs import emit
from recevable.language.diagnostics import suggest


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


@click.command(cls=FrenchCommand)
@click.argument("name", metavar="NOM")
def schema(name: str) -> int:
    """Afficher un schéma JSON : dossier, decision, rapport, regles…"""
    known = schema_files()
    path = known.get(name.removesuffix(".schema.json"))
    if path is None:
        help = suggest(name, known) or f"Schémas : {', '.join(sorted(known))}."
        raise usage(f"le schéma `{name}` n'existe pas. {help}")
    emit(path.read_text("utf-8"))
    return ACCEPTED
