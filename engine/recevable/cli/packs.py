"""The packs of a verb: folders or names given as arguments, else those of the current folder, else shipped ones."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recevable import data
from recevable.cli.app import page
from recevable.cli.exits import INVALID_RULES, usage
from recevable.language.diagnostics import Diagnostic, DiagnosticError, suggest
from recevable.outputs.run import line_of, relocated
from recevable.pack.model import MANIFEST
from recevable.printed import say
from recevable.report import diagnostics as diagnostics_text

if TYPE_CHECKING:
    from recevable.programme import Programme
    from recevable.trials.suite import Trial


def pack_folders(names: Sequence[str]) -> list[Path]:
    """The folder of each pack: `PACK` is the folder of a pack, a folder of packs, or the name of a shipped pack.

    Without names: the pack of the current folder, else the packs in its `rules`, else every shipped pack.  Raises
    click.UsageError when a name matches no pack: checking nothing is not a success.
    """
    if not names:
        here = Path()
        return _below(here) or _below(here / "rules") or _below(data.shipped("rules"))
    found: list[Path] = []
    for name in names:
        folder = Path(name)
        packs = _below(folder) if folder.is_dir() else []
        shipped = data.shipped("rules") / name
        if not packs and "/" not in name and (shipped / MANIFEST).exists():
            packs = [shipped]
        if not packs:
            known = [path.parent.name for path in data.shipped("rules").glob(f"*/{MANIFEST}")]
            near = (
                suggest(name, known) or f"Donnez un dossier qui contient {MANIFEST}, ou : {', '.join(sorted(known))}."
            )
            raise usage(f"`{name}` ne désigne aucun paquet de règles. {near}")
        found += [pack for pack in packs if pack not in found]
    return found


def dossiers_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--dossiers`: the folder of the known dossiers, if not the usual one."""
    return click.option(
        "--dossiers",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        metavar="DIR",
        help="Dossiers connus, chacun avec sa décision attendue ; par défaut, fixtures/<paquet> à côté de rules/.",
    )


def trials_of(programme: Programme, dossiers: Path | None) -> tuple[Trial, ...]:
    """The trials of a pack; raises DiagnosticError when one is unreadable, rather than ignore it."""
    # imported late: most verbs of packs run no trial
    from recevable.trials.suite import collect

    diagnostics: list[Diagnostic] = []
    trials = collect(programme, diagnostics, dossiers)
    if diagnostics:
        raise DiagnosticError(diagnostics)
    return trials


def report_faults(diagnostics: Iterable[Diagnostic], folder: Path) -> int:
    """Print the faults of a pack on standard error, with places and excerpts; returns the exit code."""
    shown = diagnostics_text.render(relocated(diagnostics, folder), page(sys.stderr), line_of)
    say(shown, err=True, nl=False)
    return INVALID_RULES


def _below(folder: Path) -> list[Path]:
    """The folder itself when it is a pack, else the packs in it."""
    if (folder / MANIFEST).exists():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
