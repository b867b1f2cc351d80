"""The tables of `rst.table`, read without docutils' machine for lists, which is most of the time of a site.

The text stays a `list-table` as docutils defines it: what is not of the plain form that `rst.table` writes is read by
docutils, and gives the same nodes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from docutils import nodes
from docutils.parsers.rst.directives.tables import ListTable
from docutils.statemachine import StringList

_ROW: Final = "* - "
_CELL: Final = "  - "
_INDENT: Final = "    "
# A line that starts no other block than a paragraph: no list, no field, no directive, no heading.
_PLAIN: Final = re.compile(r"(?![-+*•‣⁃|.:>=_(\s])(?!\w+[.)](?:\s|$))(?!.*::$)")


class Table(ListTable):
    """A `list-table` whose cells are mostly one line of text, lines or bullets."""

    def run(self) -> Sequence[nodes.table | nodes.system_message]:
        """The table; the nodes are those of docutils."""
        starts = [rank for rank, line in enumerate(self.content) if line.startswith((_ROW, _CELL))]
        heads = [rank for rank in starts if self.content[rank].startswith(_ROW)]
        columns = len(starts) // len(heads) if heads else 0
        between = set(range(len(self.content))) - {*starts}
        if starts[:: columns or 1] != heads or len(starts) != columns * len(heads) or not columns:
            return super().run()
        if any(self.content[rank].strip() and self.content[rank][:4] != _INDENT for rank in between):
            return super().run()
        ends = [*starts[1:], len(self.content)]
        cells = [
            self._blocks(self.content[start:end], self.content_offset + start)
            for start, end in zip(starts, ends, strict=True)
        ]
        table: nodes.table = self.build_table_from_list(
            [cells[rank : rank + columns] for rank in range(0, len(cells), columns)],
            self.get_column_widths(columns),  # type: ignore[no-untyped-call]  # docutils has no types here
            self.options.get("header-rows", 0),
            self.options.get("stub-columns", 0),
        )
        table["classes"] += self.options.get("class", [])
        self.set_table_width(table)
        return [table]

    def _blocks(self, content: StringList, offset: int) -> list[nodes.Node]:
        """The nodes of a cell."""
        content.trim_left(len(_INDENT))
        lines = [line.rstrip() for line in content]
        while lines and not lines[-1]:
            lines.pop()
        line = offset + 1
        if len(lines) == 1 and _PLAIN.match(lines[0]):
            return self._paragraph(lines[0], line)
        if lines and all(one.startswith("| ") for one in lines):
            return self._lines([one[2:].lstrip() for one in lines], line)
        if lines and all(one.startswith("* ") and _PLAIN.match(one[2:]) for one in lines):
            return self._bullets([one[2:] for one in lines], line)
        cell = nodes.Element()
        self.state.nested_parse(content, offset, cell)
        return cell.children

    def _inline(self, text: str, line: int) -> tuple[list[nodes.Node], list[Any]]:
        found, messages = self.state.inline_text(text, line)
        return found, messages

    def _paragraph(self, text: str, line: int) -> list[nodes.Node]:
        found, messages = self._inline(text, line)
        return [nodes.paragraph(text, "", *found), *messages]

    def _lines(self, texts: Sequence[str], line: int) -> list[nodes.Node]:
        block, reported = nodes.line_block(), []
        for rank, text in enumerate(texts):
            found, messages = self._inline(text, line + rank)
            block += nodes.line(text, "", *found)
            reported += messages
        return [block, *reported]

    def _bullets(self, texts: Sequence[str], line: int) -> list[nodes.Node]:
        found = nodes.bullet_list(bullet="*")
        for rank, text in enumerate(texts):
            found += nodes.list_item(text, *self._paragraph(text, line + rank))
        return [found]
