"""Errors as data: what is wrong, where, and what to write instead.

Every layer yields `Diagnostic` values; only `report` and `cli` print them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How serious a diagnostic is; the values are what people read."""

    ERROR = "erreur"
    WARNING = "avertissement"
    NOTE = "information"

    @property
    def weight(self) -> int:
        """Its rank, the heaviest being 0."""
        return list(Severity).index(self)


class Span(Struct, frozen=True):
    """A place in a text file: 1-based line and column (in characters), and a length on that line."""

    file: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Diagnostic(Struct, frozen=True):
    """One finding about the input of the software itself (a rule file, a dossier), never about an applicant.

    `fix` is what to write in place of the characters of `span`, when that is certain; None otherwise.  `subject` is the
    identifier or the name that the finding is about, by which a pack may tolerate it.
    """

    code: str
    message: str
    span: Span | None = None
    help: str = ""
    severity: Severity = Severity.ERROR
    fix: str | None = None
    subject: str = ""


def position(diagnostic: Diagnostic) -> tuple[str, int, int]:
    """The place of a diagnostic, as something to sort by: file, line, column."""
    span = diagnostic.span
    return (span.file, span.line, span.column) if span else ("", 0, 0)


class DiagnosticError(Exception):
    """Raised when an input cannot be used; carries every diagnostic found, in the order of the file."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(d.message for d in self.diagnostics))


def suggest(word: str, candidates: Iterable[str]) -> str:
    """A French help sentence naming the candidates closest to `word`, or an empty string."""
    import difflib

    close = difflib.get_close_matches(word, list(candidates), n=3, cutoff=0.6)
    return f"Vouliez-vous dire {' ou '.join(f'`{c}`' for c in close)} ?" if close else ""
