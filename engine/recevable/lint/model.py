"""What a check is given, and what it gives back.

A check is a module of `checks` with `CODE`, `SEVERITY` and `check`, and a page of `manual`.  It yields faults and knows
nothing of files, printing or tolerances.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from msgspec import Struct

from recevable.language.diagnostics import Severity, Span
from recevable.lint.analysis import Analysis
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import Pack
from recevable.pack.requirements import Inventory
from recevable.pack.source import PackSource


class View(Struct, frozen=True):
    """A pack that loads and compiles, as the checks see it on a day; `inventory` is None when it cannot be read."""

    source: PackSource
    pack: Pack
    compiled: CompiledPack
    inventory: Inventory | None
    today: date
    analysis: Analysis


class Fault(Struct, frozen=True):
    """What a check found: where, what is wrong, what to write instead, and on what rule or name.

    `fix` is what to write in place of the characters of `place`, when the repair is certain; `severity`, that of this
    fault when it is graver than its check's.
    """

    place: Span
    message: str
    help: str = ""
    subject: str = ""
    fix: str | None = None
    severity: Severity | None = None


class Check(Protocol):
    """What a module of `checks` offers."""

    CODE: str
    SEVERITY: Severity

    def check(self, view: View) -> Iterator[Fault]:
        """Every fault of this kind, in any order."""
