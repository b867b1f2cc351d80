"""Text layout shared by the reports: wrapped paragraphs, aligned columns, colours when asked for."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_CODES: Final = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "blue": 34, "cyan": 36}


@dataclass(frozen=True, slots=True)
class Page:
    """How wide a page is, and whether it takes colours."""

    width: int = 100
    colour: bool = False

    def paint(self, text: str, *styles: str) -> str:
        """The text in the given styles."""
        if not self.colour or not text:
            return text
        return f"\x1b[{';'.join(str(_CODES[s]) for s in styles)}m{text}\x1b[0m"

    def paragraph(self, text: str, first: str, rest: str | None = None) -> list[str]:
        """Wrapped lines after a first indent, the others aligned under `rest` (spaces as wide as the first)."""
        following = " " * len(first) if rest is None else rest
        return textwrap.wrap(
            text, self.width, initial_indent=first, subsequent_indent=following,
            break_long_words=False, break_on_hyphens=False,
        ) or [first.rstrip()]  # fmt: skip

    def spread(self, left: str, right: str) -> str:
        """Two texts at both ends of a line, or one above the other when they do not fit."""
        gap = self.width - len(left) - len(right)
        return f"{left}{' ' * gap}{right}" if gap >= 2 else f"{left}  {right}"

    def leader(self, left: str, right: str, indent: int = 2) -> str:
        """`left ....... right`, ending at two thirds of the page."""
        room = min(self.width, 78) - indent - len(left) - len(right) - 2
        return f"{' ' * indent}{left} {'.' * max(room, 3)} {right}"


def table(rows: Sequence[Sequence[str]], indent: int = 2) -> list[str]:
    """Left-aligned columns two spaces apart."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [(" " * indent + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True))).rstrip() for row in rows]
