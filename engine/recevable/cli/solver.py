"""What the verbs that prove share: the installation that they need, the dossiers that they write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recevable.cli.exits import INTERNAL, usage
from recevable.cli.outputs import write_whole
from recevable.printed import say, visible

if TYPE_CHECKING:
    from recevable.proofs.prover import NotConfirmed
    from recevable.proofs.report import Report


def examples_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--exemples`: the folder of the dossiers that refute."""
    return click.option(
        "--exemples",
        "folder",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        metavar="DIR",
        help="Écrire ici les dossiers qui réfutent.",
    )


def completing_option(help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--completer`: the folder of the scenarios that a person will accept."""
    return click.option(
        "--completer",
        "waiting",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        metavar="DIR",
        help=help,
    )


def needed(what: str) -> None:
    """Raise click.UsageError when the solver is not installed; `what` needs it."""
    try:
        import recevable.proofs.terms  # noqa: F401 only whether it can be imported is asked
    except ImportError:
        raise usage(f"{what} demande l'option d'installation : pip install 'recevable[preuves]'.") from None


def write_examples(found: Report, folder: Path | None) -> None:
    """Write the dossiers of a report, one file each."""
    from recevable.proofs.report import files

    if folder is not None:
        for name, content in files(found.lines):
            write_whole(folder / name, content, "--exemples")


def at_fault(error: NotConfirmed) -> int:
    """Print an example that the engines do not confirm, and give the exit code."""
    say(f"{error.question} : {error.why}. La traduction est fautive ; voici le dossier :", err=True)
    for content in error.example.contents:
        say(f"{content.decode()}(décidé le {error.example.day.isoformat()})", err=True)
    return INTERNAL


def to_accept(folder: Path, name: str) -> Path:
    """The file of the scenarios that a person will accept; raises click.UsageError when some already wait there."""
    target = folder / name
    if target.exists():
        raise usage(f"--completer : `{visible(str(target))}` existe déjà ; acceptez ou ôtez d'abord ce qu'il contient.")
    return target
