"""Convert between editor positions, character offsets and the spans of our diagnostics.

The Language Server Protocol counts lines from 0 and columns in code units, of UTF-16 unless both sides agreed on
another encoding; lines end with LF, CR LF or a lone CR.  Independent of YAML.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from msgspec import Struct

from recevable.language.diagnostics import Span

UTF8: Final = "utf-8"
UTF16: Final = "utf-16"
UTF32: Final = "utf-32"
_LINE_END: Final = re.compile(r"\r\n|\n|\r")


class Position(Struct, frozen=True, order=True):
    """A 0-based line, and a 0-based column in code units of the client."""

    line: int
    character: int


class Lines:
    """The lines of a text, for one encoding of positions."""

    def __init__(self, text: str, encoding: str = UTF16) -> None:
        self.text, self.encoding = text, encoding
        ends = list(_LINE_END.finditer(text))
        self._starts = [0, *(end.end() for end in ends)]
        self._ends = [*(end.start() for end in ends), len(text)]

    def position(self, offset: int) -> Position:
        """The position of a character; an offset outside the text is clamped."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset) - 1
        return Position(line, _units(self.text[self._starts[line] : offset], self.encoding))

    def offset(self, position: Position) -> int:
        """The character at a position; a column beyond the end of a line means its end, as the protocol requires."""
        if position.line < 0:
            return 0
        if position.line >= len(self._starts):
            return len(self.text)
        start, end = self._starts[position.line], self._ends[position.line]
        if self.text.isascii() or self.encoding == UTF32:
            return min(start + max(position.character, 0), end)
        left = position.character
        for index in range(start, end):
            left -= _units(self.text[index], self.encoding)
            if left < 0:
                return index
        return end

    def range(self, start: int, end: int) -> tuple[Position, Position]:
        """The positions of a range of characters."""
        return self.position(start), self.position(max(start, end))

    def span(self, span: Span) -> tuple[Position, Position]:
        """The positions of a span."""
        return self.range(*offsets_of(span, self.text))


def offsets_of(span: Span, text: str) -> tuple[int, int]:
    """The characters that a span covers, within its line; spans end lines at LF and skip a byte order mark."""
    start = 0
    for _ in range(span.line - 1):
        start = text.find("\n", start) + 1
        if start == 0:
            return len(text), len(text)
    if span.line == 1 and text.startswith("\ufeff"):
        start += 1
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    if end > start and text[end - 1] == "\r":
        end -= 1
    first = min(start + max(span.column - 1, 0), end)
    return first, min(first + max(span.length, 0), end)


def _units(text: str, encoding: str) -> int:
    """The number of code units of a text."""
    if encoding == UTF32 or text.isascii():
        return len(text)
    if encoding == UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(char > "\uffff" for char in text)
