"""Diagnostics for people: place, sentence, excerpt with a caret, help."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from recevable.language.diagnostics import Diagnostic, Severity
from recevable.report.layout import Page

MAX_EXCERPT: Final = 110


def render(diagnostics: Iterable[Diagnostic], page: Page, line_of: Callable[[str, int], str] | None = None) -> str:
    """One block per diagnostic; `line_of(file, line)` gives the text of a line for the excerpt, or an empty string."""
    blocks = []
    for diagnostic in diagnostics:
        colour = "red" if diagnostic.severity is Severity.ERROR else "yellow"
        where = f"{diagnostic.span}: " if diagnostic.span else ""
        severity = page.paint(str(diagnostic.severity), "bold", colour)
        lines = [f"{page.paint(where, 'bold')}{severity} [{diagnostic.code}] {diagnostic.message}"]
        excerpt = line_of(diagnostic.span.file, diagnostic.span.line) if diagnostic.span and line_of else ""
        if excerpt.strip() and diagnostic.span:
            lines += _excerpt(excerpt, diagnostic.span.column, diagnostic.span.length, page, colour)
        if diagnostic.help:
            lines.append(f"  aide : {diagnostic.help}")
        blocks.append("\n".join(lines))
    return "\n".join(blocks) + "\n"


def _excerpt(line: str, column: int, length: int, page: Page, colour: str) -> list[str]:
    visible = "".join(" " if char == "\t" else char if char.isprintable() else "·" for char in line.rstrip("\r\n"))
    start = max(0, column - MAX_EXCERPT // 2) if len(visible) > MAX_EXCERPT else 0
    shown = visible[start : start + MAX_EXCERPT]
    width = max(1, min(length, len(shown) - (column - 1 - start)))
    return [f"  | {shown}", f"  | {' ' * (column - 1 - start)}{page.paint('^' * width, colour)}"]
