"""Text layout shared by the reports: wrapped paragraphs, aligned columns, colours when asked for."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from recevable.printed import visible as visible

if TYPE_CHECKING:
    from fractions import Fraction

# A space that must not end a line: inside guillemets, before a high sign of punctuation, after an equals sign, between
# a number and its unit.
_TIED: Final = re.compile(
    r"(?<=«) | (?=[»:;?!])|(?<=[§=]) |(?<=\d) (?=(?:€|%|jours?|mois|ans?|secondes?)(?!\w))"
    r"|(?:(?<=\b\d)|(?<=\b\d\d)|(?<=\b1er)) (?=(?:janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc)\w*)"
)
# A character that no text can hold (U+001F), which stands for such a space while lines are cut.
_TIE: Final = "\x1f"
_CODES: Final = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "blue": 34, "cyan": 36}


# Spaces of French typography, which Python does not count as printable.
SPACES: Final = "\u00a0\u202f"


def sentence(text: str) -> str:
    """A sentence on one line: the spaces of French typography show as spaces, save in what it quotes of an input.

    An amount that is told keeps its own; one that is refused because of them shows them.
    """
    parts = text.split("`")
    return "`".join(visible(part, "" if rank % 2 else SPACES) for rank, part in enumerate(parts))


_NARROWEST: Final = 12


class Page(Struct, frozen=True):
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
        tied = _TIED.sub(_TIE, visible(text, SPACES + "\n"))
        # what stands beside a value of any length still has room
        indent = max(len(first), len(following))
        width = self.width if self.width > indent else indent + _NARROWEST
        lines = textwrap.wrap(
            tied, width, initial_indent=first, subsequent_indent=following,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        return [line.replace(_TIE, " ").rstrip() for line in lines] or [first.rstrip()]

    def spread(self, left: str, right: str) -> str:
        """Two texts at both ends of a line, or one above the other when they do not fit."""
        left, right = visible(left, SPACES), visible(right, SPACES)
        gap = self.width - len(left) - len(right)
        return f"{left}{' ' * gap}{right}" if gap >= 2 else f"{left}\n{right.rjust(self.width)}"

    def leader(self, left: str, right: str, note: str = "", indent: int = 4) -> list[str]:
        """`left ....... right  note`: the values end in one column, at three quarters of the page.

        A left text that is too long takes several lines; a note that does not fit is left out.
        """
        end = min(self.width, 78)
        *above, last = Page(end - len(right) - 5).paragraph(left, " " * indent)
        line = f"{last} {'.' * max(end - len(last) - len(right) - 2, 3)} {right}"
        return [*above, f"{line}  {note}" if note and len(line) + 2 + len(note) <= self.width else line]


def percent(share: Fraction) -> str:
    """A share in percent with one decimal, cut and never rounded up: 100,0 % means all."""
    tenths = share.numerator * 1000 // share.denominator
    return f"{tenths // 10},{tenths % 10} %"


def table(rows: Sequence[Sequence[str]], indent: int = 2) -> list[str]:
    """Left-aligned columns two spaces apart."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [(" " * indent + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True))).rstrip() for row in rows]
