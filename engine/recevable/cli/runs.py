"""Options that several verbs share, and the end of the run of those that CI runs."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from recevable import digests
from recevable.cli.exits import ACCEPTED, NOT_ACCEPTED
from recevable.cli.outputs import emit
from recevable.inference.agreement import ALWAYS, ONE_IN, SAMPLED
from recevable.language.diagnostics import Severity
from recevable.outputs.formats import FORMATS
from recevable.outputs.run import Run
from recevable.printed import say

TEXT: Final = "text"
NEVER: Final = "jamais"

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

if TYPE_CHECKING:
    _PathType = click.ParamType[Path]
else:
    # generic only in recent versions of click
    _PathType = click.ParamType


class _AnyPath(_PathType):
    """A path.  That of click has its own name translated, which takes a hundredth of a check."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path; what exists must be readable."""
        path = Path(value)
        if os.access(path, os.F_OK) and not os.access(path, os.R_OK):
            raise click.BadParameter(f"`{path}` ne peut pas être lu", ctx, param)
        return path


PATH: Final = _AnyPath()
# In a long run: objects made, then collections of younger ones, before the garbage collector looks at the next ones.
_ALLOCATIONS: Final = 50_000
_YOUNGER: Final = 20


def format_option() -> Decorator:
    """`--format`: text, or one of the machine-readable formats."""
    names = (TEXT, *FORMATS)
    return click.option(
        "--format",
        "fmt",
        type=click.Choice(names),
        default=TEXT,
        metavar="FORMAT",
        help=f"text (défaut), {', '.join(FORMATS)}.",
    )


def text_or_json_option() -> Decorator:
    """`--format` of the verbs that also write JSON, and no report of CI."""
    names = (TEXT, "json")
    help = f"{TEXT} (défaut) ou json."
    return click.option("--format", "fmt", type=click.Choice(names), default=TEXT, metavar="FORMAT", help=help)


def requests_option() -> Decorator:
    """`--demande`: the requests to decide."""
    help = "Ne décider que cette demande (répétable), ou NOM:CLÉ un seul élément ; `recouvrement` en est une."
    return click.option("--demande", "requests", multiple=True, metavar="NOM", help=help)


def agreement_option() -> Decorator:
    """`--accord`: how the agreement of both evaluators is kept."""
    help = (
        f"Quand faire calculer chaque valeur par les deux évaluateurs : {ALWAYS} (défaut), ou {SAMPLED}, plus rapide "
        f"(un dossier sur {ONE_IN}, tiré par son empreinte) ; le reçu le dit."
    )
    return click.option(
        "--accord", "agreement", type=click.Choice((ALWAYS, SAMPLED)), default=ALWAYS, metavar="MODE", help=help
    )


def processes_option() -> Decorator:
    """`--processus`: how many processes share the work; by default, as many as this one has processors."""
    help = "Processus employés ; par défaut, autant que de processeurs."
    return click.option(
        "--processus", "processes", type=click.IntRange(min=1), default=_processors, metavar="N", help=help
    )


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def rules_option() -> Decorator:
    """`--rules`: the folder of a pack."""
    help = "Dossier du paquet de règles, au lieu de ceux livrés."
    return click.option("--rules", type=PATH, metavar="DIR", help=help)


def fail_level_option(default: Severity) -> Decorator:
    """`--fail-level`: the least serious finding that gives exit code 1."""
    levels = (*map(str, Severity), NEVER)
    return click.option(
        "--fail-level",
        type=click.Choice(levels),
        default=str(default),
        metavar="GRAVITE",
        help=f"Gravité à partir de laquelle la commande échoue : {', '.join(levels)} (défaut : {default}).",
    )


def level_of(word: str) -> Severity | None:
    """The severity of a `--fail-level` word; None: never fail."""
    return None if word == NEVER else Severity(word)


def for_many() -> None:
    """Prepare for a long run, once what all its dossiers share was built by the first of them."""
    # what was built lives as long as the command, and decisions have no cycles: few look for what to collect
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, _YOUNGER, _YOUNGER)
    gc.enable()
    digests.for_many()


def counting(what: str) -> Callable[[int, int], None]:
    """A display of how many of `what` are done, of how many, on a terminal only."""

    def tell(done: int, total: int) -> None:
        if sys.stderr is not None and sys.stderr.isatty():
            say(f"\r{done} {what} sur {total}" + ("\r\x1b[K" if done == total else ""), err=True, nl=False)

    return tell


def finish(run: Run, fmt: str, text: Callable[[], str]) -> int:
    """Print the run in the requested format; returns the exit code."""
    if fmt == TEXT:
        say(text(), nl=False)
    else:
        emit(FORMATS[fmt](run))
    return NOT_ACCEPTED if run.failed else ACCEPTED
