"""YAML as values: texts, lists and mappings that know their place in a file.

Cutting a file into them belongs to `yaml_strict`.
"""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import Struct

from recevable.language.diagnostics import Span

# at most 18 digits: nothing of a pack is larger, and the C side of the readers agrees on them
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)


class Scalar(Struct, frozen=True):
    """A text as written, with its place; `quoted` tells `"58.33"` from `58.33`."""

    text: str
    quoted: bool
    file: File
    start: int
    end: int
    line: int
    column: int

    @property
    def span(self) -> Span:
        """Its place, up to the end of its first line; made when asked, since few of thousands are ever pointed at."""
        return Span(self.file.name, self.line, self.column, self.file.length(self.start, self.end))

    @property
    def raw(self) -> str:
        """The text of the file, quotes and indentation included."""
        return self.file.text[self.start : self.end]

    def place(self, offset: int, length: int = 1) -> Span:
        """The place in the file of a character range of `text`, through quotes, escapes and folded lines."""
        if not self.text:
            return self.span
        # only a fault needs the very character
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
    """A YAML mapping; keys keep their place.  `folded` holds the texts of several lines below it."""

    entries: dict[str, Node]
    keys: dict[str, Scalar]
    span: Span
    folded: tuple[Scalar, ...] = ()


Node = Scalar | Sequence | Mapping


class File(Struct, frozen=True, eq=False):
    """A text file of the pack: the name that people see, and its text."""

    name: str
    text: str

    def __reduce__(self) -> tuple[type[File], tuple[str, str]]:
        """A file travels without its text: what was verified once needs no excerpt."""
        return File, (self.name, "")

    def span(self, index: int, length: int = 1) -> Span:
        """The place of a character index."""
        line_start = self.text.rfind("\n", 0, index) + 1
        return Span(self.name, self.text.count("\n", 0, index) + 1, index - line_start + 1, max(length, 1))

    def length(self, start: int, end: int) -> int:
        """The length of a range, cut at the end of its first line."""
        line_end = self.text.find("\n", start, end)
        return max((end if line_end < 0 else line_end) - start, 1)

    def line(self, number: int) -> str:
        """The text of a line (1-based), without its end."""
        lines = self.text.split("\n")
        return lines[number - 1].removesuffix("\r") if 0 < number <= len(lines) else ""


def to_data(node: Node) -> Any:
    """Plain lists, dicts and values: unquoted integers and booleans become themselves, everything else is a text."""
    if isinstance(node, Mapping):
        return {key: to_data(value) for key, value in node.entries.items()}
    if isinstance(node, Sequence):
        return [to_data(item) for item in node.items]
    if node.quoted:
        return node.text
    if node.text in ("true", "false"):
        return node.text == "true"
    return int(node.text) if _INTEGER.fullmatch(node.text) else node.text
