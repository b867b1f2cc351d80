"""Text layout shared by the reports: wrapped paragraphs, aligned columns, optional colours."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from recevable.lazy import pattern
from recevable.printed import visible as visible

if TYPE_CHECKING:
    from fractions import Fraction

# A space where a line may not break: inside guillemets, before a high punctuation mark, after an equals sign, between a
# number and its unit.
_TIED: Final = pattern(
    r"(?<=«) | (?=[»:;?!])|(?<=[§=]) |(?<=\d) (?=(?:€|%|jours?|mois|ans?|secondes?)(?!\w))"
    r"|(?:(?<=\b\d)|(?<=\b\d\d)|(?<=\b1er)) (?=(?:janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc)\w*)"
)
# U+001F, which no text may contain, replaces such a space while lines are wrapped.
_TIE: Final = "\x1f"
_CODES: Final = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "blue": 34, "cyan": 36}


# Spaces of French typography, which Python does not count as printable.
SPACES: Final = "\u00a0\u202f"


def sentence(text: str) -> str:
    """A sentence on one line; French typographic spaces become plain spaces, except in quoted input.

    Amounts that are reported keep theirs; amounts refused because of these spaces show them.
    """
    parts = text.split("`")
    return "`".join(visible(part, "" if rank % 2 else SPACES) for rank, part in enumerate(parts))


_NARROWEST: Final = 12


class Page(Struct, frozen=True):
    """The width of a page in characters, and whether it uses colours."""

    width: int = 100
    colour: bool = False

    def paint(self, text: str, *styles: str) -> str:
        """The text in the given styles; unchanged without colours."""
        if not self.colour or not text:
            return text
        return f"\x1b[{';'.join(str(_CODES[s]) for s in styles)}m{text}\x1b[0m"

    def paragraph(self, text: str, first: str, rest: str | None = None) -> list[str]:
        """Wrapped lines: `first` prefixes the first, `rest` the others (by default spaces as wide as `first`)."""
        following = " " * len(first) if rest is None else rest
        shown = visible(text, SPACES + "\n")
        # keep some room beside a prefix of any length
        indent = max(len(first), len(following))
        width = self.width if self.width > indent else indent + _NARROWEST
        short = shown.rstrip()
        if len(first) + len(short) <= width and "\n" not in short:
            # most paragraphs are one line, which nothing can break
            return [f"{first}{short}".rstrip()]
        lines = textwrap.wrap(
            _TIED.sub(_TIE, shown), width, initial_indent=first, subsequent_indent=following,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        return [line.replace(_TIE, " ").rstrip() for line in lines] or [first.rstrip()]

    def spread(self, left: str, right: str) -> str:
        """Two texts at both ends of a line, or on two lines when they do not fit."""
        left, right = visible(left, SPACES), visible(right, SPACES)
        gap = self.width - len(left) - len(right)
        return f"{left}{' ' * gap}{right}" if gap >= 2 else f"{left}\n{right.rjust(self.width)}"

    def leader(self, left: str, right: str, note: str = "", indent: int = 4) -> list[str]:
        """`left ....... right  note`: values are right-aligned at three quarters of the page.

        A long left text is wrapped; a note that does not fit is left out.
        """
        end = min(self.width, 78)
        *above, last = Page(end - len(right) - 5).paragraph(left, " " * indent)
        line = f"{last} {'.' * max(end - len(last) - len(right) - 2, 3)} {right}"
        return [*above, f"{line}  {note}" if note and len(line) + 2 + len(note) <= self.width else line]


def percent(share: Fraction) -> str:
    """A share as a percentage with one decimal, rounded down, so that 100,0 % means all."""
    tenths = share.numerator * 1000 // share.denominator
    return f"{tenths // 10},{tenths % 10} %"


def table(rows: Sequence[Sequence[str]], indent: int = 2) -> list[str]:
    """Left-aligned columns two spaces apart."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [(" " * indent + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True))).rstrip() for row in rows]
