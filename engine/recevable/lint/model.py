"""The input and the output of a lint check.

A check is a module of `checks` with `CODE`, `SEVERITY` and `check`, and a page of `manual`.  It yields faults and does
not depend on files, printing or tolerances.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final, Protocol

from msgspec import Struct

from recevable.language.diagnostics import Severity, Span
from recevable.lint.analysis import Analysis
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import Pack
from recevable.pack.requirements import Inventory
from recevable.pack.source import PackSource

# Says in a text or a comment that something is left to decide; the rest of the text says what.
UNDECIDED: Final = re.compile(r"\b[ÀA] D[ÉE]CIDER\b(?: ?: ?(?P<what>[^\"\r]*))?")


class View(Struct, frozen=True):
    """The input of a check: a valid pack, and the day; `inventory` is None when it cannot be read.

    `unread` are the rules of which an example cannot be read: nothing is said of what their examples show.
    """

    source: PackSource
    pack: Pack
    compiled: CompiledPack
    inventory: Inventory | None
    today: date
    analysis: Analysis
    unread: frozenset[str]


class Fault(Struct, frozen=True):
    """A fault found by a check: its place, its message, a help text, and the rule or name concerned.

    `fix` replaces the characters of `place`, when the repair is certain; `severity` overrides that of the check when it
    is more serious.
    """

    place: Span
    message: str
    help: str = ""
    subject: str = ""
    fix: str | None = None
    severity: Severity | None = None


class Check(Protocol):
    """The interface of a module of `checks`."""

    CODE: str
    SEVERITY: Severity

    def check(self, view: View) -> Iterator[Fault]:
        """Every fault of this kind, in any order."""
