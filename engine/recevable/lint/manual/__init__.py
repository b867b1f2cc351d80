"""The manual of diagnostics: one Markdown page per code, in French, for policy staff.

The page of a code is the file `CODE.md` beside this module: a title, then the sections of `HEADINGS`.  The severity of
a code is that of its check; codes of the readers and the compiler are errors.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from msgspec import Struct

from recevable.language.diagnostics import Severity
from recevable.lint.checks import CHECKS

HEADINGS: Final = ("Ce que c'est", "Pourquoi", "Mauvais", "Bon")


class ManualPage(Struct, frozen=True):
    """The page of a code: its title, and the rest as Markdown in `body`."""

    code: str
    severity: Severity
    title: str
    body: str


@cache
def pages() -> dict[str, ManualPage]:
    """Every page by its code, in alphabetical order."""
    return {path.stem: _page(path) for path in sorted(Path(__file__).parent.glob("*.md"))}


def _page(path: Path) -> ManualPage:
    check = CHECKS.get(path.stem)
    title, _, body = path.read_text("utf-8").partition("\n")
    return ManualPage(path.stem, check.SEVERITY if check else Severity.ERROR, title.removeprefix("# "), body.strip())
