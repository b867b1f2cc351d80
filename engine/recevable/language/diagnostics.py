"""Diagnostics as data: the fault, its place, and what to write instead.

Every package returns `Diagnostic` values; only `report` and `cli` print them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from recevable.language.characters import intruder, named


class Severity(StrEnum):
    """How serious a diagnostic is; the values are displayed."""

    ERROR = "erreur"
    WARNING = "avertissement"
    NOTE = "information"

    @property
    def weight(self) -> int:
        """Its rank; 0 is the most serious."""
        return list(Severity).index(self)


class Span(Struct, frozen=True):
    """A place in a text file: 1-based line and column (in characters), and a length within that line."""

    file: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Diagnostic(Struct, frozen=True):
    """A finding about a technical input (a rule file, a dossier), never about an applicant.

    `fix` replaces the characters of `span` when the repair is certain, else None.  `subject` is the identifier or name
    concerned, used by tolerances; `notes` explain the finding.
    """

    code: str
    message: str
    span: Span | None = None
    help: str = ""
    severity: Severity = Severity.ERROR
    fix: str | None = None
    subject: str = ""
    notes: tuple[str, ...] = ()


def position(diagnostic: Diagnostic) -> tuple[str, int, int]:
    """The sort key of a diagnostic: file, line, column."""
    span = diagnostic.span
    return (span.file, span.line, span.column) if span else ("", 0, 0)


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sort by file and line, merging diagnostics with the same subject and message into one with every place.

    A name that is no longer defined is thus reported once, however many expressions use it.
    """
    groups: dict[object, list[Diagnostic]] = {}
    for rank, diagnostic in enumerate(sorted(diagnostics, key=position)):
        key = (diagnostic.code, diagnostic.message) if diagnostic.subject and diagnostic.span else rank
        groups.setdefault(key, []).append(diagnostic)
    return [_together(same) for same in groups.values()]


def _together(same: list[Diagnostic]) -> Diagnostic:
    first = same[0]
    places: dict[str, list[int]] = {}
    for diagnostic in same:
        assert len(same) == 1 or diagnostic.span is not None
        if diagnostic.span is not None and diagnostic.span.line not in places.setdefault(diagnostic.span.file, []):
            places[diagnostic.span.file].append(diagnostic.span.line)
    if len(same) == 1:
        return first
    where = ", ".join(
        f"{file} ligne{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines))}" for file, lines in places.items()
    )
    message = f"{first.message} ({len(same)} fois)"
    return replace(first, message=message, help=f"{first.help} Emplois : {where}.".lstrip())


class DiagnosticError(Exception):
    """Raised when an input cannot be used; carries every diagnostic, in file order."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(d.message for d in self.diagnostics))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.diagnostics,)


def either(names: Sequence[str]) -> str:
    """`` `a`, `b` ou `c` ``."""
    *others, last = (f"`{name}`" for name in names)
    return f"{', '.join(others)} ou {last}" if others else last


def suggest(word: str, candidates: Iterable[str]) -> str:
    """A French help sentence naming the candidates closest to `word`, or an empty string.

    It also names a character that makes `word` differ from a similar-looking candidate.
    """
    import difflib

    known = list(candidates)
    close = difflib.get_close_matches(word, known, n=3, cutoff=0.6)
    asked = f"Vouliez-vous dire {either(close)} ?" if close else ""
    return f"{asked} {remark(word, close or known)}".strip()


def remark(word: str, known: Iterable[str]) -> str:
    """A sentence on an invisible or confusable character of a word; an empty string if none."""
    odd = intruder(word, "".join(known))
    return f"Ce qui est écrit contient {named(odd)}." if odd else ""
