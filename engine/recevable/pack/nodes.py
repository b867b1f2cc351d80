"""YAML values with positions: texts, lists and mappings that know their place in a file.

`yaml_strict` parses files into them.
"""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import Struct

from recevable.language.diagnostics import Span
from recevable.lazy import pattern

# at most 18 digits: a pack needs no more, and the C side of the readers uses the same limit
_INTEGER: Final = pattern(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)


class Scalar(Struct, frozen=True):
    """A text as written, with its place; `quoted` distinguishes `"58.33"` from `58.33`."""

    text: str
    quoted: bool
    file: File
    start: int
    end: int
    line: int
    column: int

    @property
    def span(self) -> Span:
        """Its place, up to the end of its first line; computed on demand because few are needed."""
        return Span(self.file.name, self.line, self.column, self.file.length(self.start, self.end))

    @property
    def raw(self) -> str:
        """The raw text of the file, quotes and indentation included."""
        return self.file.text[self.start : self.end]

    def place(self, offset: int, length: int = 1) -> Span:
        """The place in the file of a range of characters of `text`, through quotes, escapes and folded lines."""
        if not self.text:
            return self.span
        # only a fault needs the exact character
        from recevable.pack.scalars import offsets

        found = offsets(self.file.text, self.start, self.end, self.text, self.quoted)
        first = found[min(offset, len(found) - 1)]
        last = found[min(offset + max(length, 1) - 1, len(found) - 1)]
        return self.file.span(first, self.file.length(first, last + 1))


class Sequence(Struct, frozen=True):
    """A YAML list."""

    items: tuple[Node, ...]
    span: Span


class Mapping(Struct, frozen=True):
    """A YAML mapping; keys keep their place.  `folded` holds the multi-line texts nested in it."""

    entries: dict[str, Node]
    keys: dict[str, Scalar]
    span: Span
    folded: tuple[Scalar, ...] = ()


Node = Scalar | Sequence | Mapping


class File(Struct, frozen=True, eq=False):
    """A text file of the pack: its displayed name and its text."""

    name: str
    text: str

    def __reduce__(self) -> tuple[type[File], tuple[str, str]]:
        """Pickle without the text: a verified pack needs no excerpts."""
        return File, (self.name, "")

    def span(self, index: int, length: int = 1) -> Span:
        """The place of a range of characters, from its start index."""
        line_start = self.text.rfind("\n", 0, index) + 1
        return Span(self.name, self.text.count("\n", 0, index) + 1, index - line_start + 1, max(length, 1))

    def length(self, start: int, end: int) -> int:
        """The length of a range, cut at the end of its first line."""
        line_end = self.text.find("\n", start, end)
        return max((end if line_end < 0 else line_end) - start, 1)

    def line(self, number: int) -> str:
        """A line by its 1-based number, without its line ending."""
        lines = self.text.split("\n")
        return lines[number - 1].removesuffix("\r") if 0 < number <= len(lines) else ""


def to_data(node: Node) -> Any:
    """Convert to plain lists, dicts and values: unquoted integers and booleans are converted, others stay texts."""
    if isinstance(node, Mapping):
        return {key: to_data(value) for key, value in node.entries.items()}
    if isinstance(node, Sequence):
        return [to_data(item) for item in node.items]
    if node.quoted:
        return node.text
    if node.text in ("true", "false"):
        return node.text == "true"
    return int(node.text) if _INTEGER.fullmatch(node.text) else node.text
