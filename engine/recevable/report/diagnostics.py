"""Diagnostics as text: place, sentence, excerpt with a caret, help.

The content comes from files that may be hostile: every character that could move the cursor, change a colour or reverse
the direction of writing is escaped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from recevable.language.diagnostics import Diagnostic, Severity
from recevable.printed import same_length
from recevable.report.layout import Page, sentence, visible

MAX_EXCERPT: Final = 110

LineOf = Callable[[str, int], str]


def render(diagnostics: Iterable[Diagnostic], page: Page, line_of: LineOf | None = None) -> str:
    """One block of text per diagnostic; `line_of(file, line)` gives a line for the excerpt, or an empty string."""
    blocks = []
    for diagnostic in diagnostics:
        colour = "red" if diagnostic.severity is Severity.ERROR else "yellow"
        where = f"{visible(str(diagnostic.span))}: " if diagnostic.span else ""
        severity = page.paint(str(diagnostic.severity), "bold", colour)
        lines = [f"{page.paint(where, 'bold')}{severity} [{diagnostic.code}] {sentence(diagnostic.message)}"]
        excerpt = line_of(diagnostic.span.file, diagnostic.span.line) if diagnostic.span and line_of else ""
        if excerpt.strip() and diagnostic.span:
            lines += _excerpt(excerpt, diagnostic.span.column, diagnostic.span.length, page, colour)
        lines += [f"  note : {sentence(note)}" for note in diagnostic.notes]
        if diagnostic.help:
            lines.append(f"  aide : {sentence(diagnostic.help)}")
        blocks.append("\n".join(lines))
    return "\n".join(blocks) + "\n" if blocks else ""


def _excerpt(line: str, column: int, length: int, page: Page, colour: str) -> list[str]:
    text = line.rstrip("\r\n")
    start = max(0, column - MAX_EXCERPT // 2) if len(text) > MAX_EXCERPT else 0
    cut = text[start : start + MAX_EXCERPT]
    shown = same_length(cut)
    before = column - 1 - start
    if not shown.strip() or before > len(shown):
        return []
    marked = max(1, _cells(shown[before : before + length]))
    return [f"  | {shown}".rstrip(), f"  | {' ' * _cells(shown[:before])}{page.paint('^' * marked, colour)}"]


def _cells(text: str) -> int:
    """The width of a text in terminal cells: 2 for ideograms and most emoji, 0 for a combining accent."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
