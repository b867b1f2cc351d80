"""A tolerant outline of a YAML file, even one that does not parse: keys and values with paths and ranges.

A rule being typed is usually not valid YAML, and the strict reader (`pack/yaml_strict`) rejects it.  This module never
fails: unparsable parts are skipped so that the rest keeps its place.  On valid files both agree on the path of every
text (the tests check it).  Independent of the meaning of keys.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

Path = tuple[str | int, ...]

MAX_FLOW: Final = 30
_BLANKS: Final = re.compile(r"[ \t]*")
_DASH: Final = re.compile(r"-(?:[ \t]+|$)", re.MULTILINE)
_KEY: Final = re.compile(
    r"""(?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'|(?P<plain>[^\s\-?:,\[\]{}#&*!|>'"%@`](?:[^\n:#]|:(?=\S)|(?<=\S)\#)*?"""
    r"""|[\-?:](?=\S)(?:[^\n:#]|:(?=\S)|(?<=\S)\#)*?))[ \t]*:(?=[ \t\r\n]|$)""",
    re.VERBOSE,
)
_BLOCK: Final = re.compile(r"[|>][+\-0-9]*[ \t]*(?:#[^\n]*)?(?=\r?\n|$)")
_DOUBLE: Final = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_SINGLE: Final = re.compile(r"'((?:[^']|'')*+)'")
_FLOW_BLANKS: Final = re.compile(r"(?:[ \t\r\n]|(?:(?<=\s)|^)#[^\n]*)*", re.MULTILINE)
_FLOW_PLAIN: Final = re.compile(r"(?:[^,\[\]{}\n:#]|:(?=[^\s,\[\]{}])|(?<=\S)#)*+")
_COMMENT: Final = re.compile(r"(?:^|(?<=[ \t]))#[^\n]*", re.MULTILINE)


class Piece(Struct, frozen=True):
    """A key or a value: its range without quotes, and the path of the value it is or introduces.

    `blank` marks a place where something may be inserted.
    """

    path: Path
    key: bool
    start: int
    end: int
    quote: str = ""
    blank: bool = False


class Outline(Struct, frozen=True):
    """The outline of a text: pieces in order, and the keys of each mapping by path."""

    text: str
    pieces: tuple[Piece, ...]
    keys: dict[Path, tuple[str, ...]]
    entries: tuple[_Entry, ...]

    def at(self, offset: int) -> Piece | None:
        """The piece or blank at an offset; None in a comment or between two pieces."""
        found: Piece | None = None
        for piece in self.pieces:
            if piece.start <= offset <= piece.end and (found is None or found.blank or not piece.blank):
                found = piece
        if found is not None and not found.blank:
            return found
        start = self.text.rfind("\n", 0, offset) + 1
        stop = self.text.find("\n", offset)
        line = self.text[start : len(self.text) if stop < 0 else stop]
        comment = _COMMENT.search(line)
        if comment is not None and start + comment.start() < offset:
            return None
        return found if found is not None or line.strip() else self._blank_line(offset, offset - start)

    def _blank_line(self, offset: int, column: int) -> Piece | None:
        """The blank on an empty line at a column: a key of the block whose keys are at that column."""
        for entry in reversed(self.entries):
            if entry.offset >= offset or entry.column > column:
                continue
            if entry.column == column:
                return Piece((*entry.path[:-1], ""), key=True, start=offset, end=offset, blank=True)
            return Piece(entry.path, key=False, start=offset, end=offset, blank=True) if entry.empty else None
        return Piece(("",), key=True, start=offset, end=offset, blank=True) if column == 0 else None

    def raw(self, piece: Piece) -> str:
        """The raw characters of a piece."""
        return self.text[piece.start : piece.end]

    def value(self, path: Path) -> str:
        """The text of the value at a path, or an empty string."""
        return next((self.raw(p) for p in self.pieces if p.path == path and not p.key and not p.blank), "")

    def values(self, path: Path) -> list[str]:
        """The texts of the value at a path, or of the items of a list there."""
        depth = len(path)
        inside = (p for p in self.pieces if p.path[:depth] == path and not p.key and not p.blank)
        return [self.raw(p) for p in inside if len(p.path) <= depth + 1]


class _Entry(Struct, frozen=True):
    """A key at the start of its line (or after dashes): its column, and whether it has no value on the line."""

    offset: int
    column: int
    path: Path
    empty: bool


class _Frame(Struct):
    """An open block: the column of its keys or dashes, and its number of items for a list."""

    column: int
    path: Path
    items: int | None = None


@lru_cache(maxsize=128)
def outline(text: str) -> Outline:
    """The outline of a text; never raises."""
    scanner = _Scanner(text)
    scanner.run()
    pieces = tuple(sorted(scanner.pieces, key=lambda piece: (piece.start, piece.end)))
    return Outline(text, pieces, {path: tuple(keys) for path, keys in scanner.keys.items()}, tuple(scanner.entries))


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces: list[Piece] = []
        self.keys: dict[Path, dict[str, None]] = {}
        self.entries: list[_Entry] = []
        self.frames: list[_Frame] = []
        # the path of the pending value, and the column of its key
        self.pending: tuple[Path, int] | None = ((), -1)

    def run(self) -> None:
        offset = 0
        while offset < len(self.text):
            stop = self.end_of_line(offset)
            start = _skip(self.text, offset)
            if start < stop and self.text[start] != "#" and not self.text.startswith("---", start):
                stop = self.line(start, start - offset)
            offset = stop + 1

    def end_of_line(self, offset: int) -> int:
        stop = self.text.find("\n", offset)
        return len(self.text) if stop < 0 else stop

    def line(self, offset: int, column: int) -> int:
        """Read the construct at an offset; returns the end of its last line."""
        while (dash := _DASH.match(self.text, offset)) is not None:
            self.item(column)
            column += dash.end() - offset
            offset = dash.end()
            if offset >= self.end_of_line(offset) or self.text[offset] in "\r\n":
                return self.blank(offset)
        key = _KEY.match(self.text, offset)
        if key is not None:
            return self.entry(key, offset, column)
        if self.pending is not None and self.pending[1] < column:
            path, floor = self.pending
            self.pending = None
            return self.scalar(offset, path, floor)
        return self.loose(offset, column)

    def item(self, column: int) -> None:
        while self.frames and self.frames[-1].column > column:
            self.frames.pop()
        top = self.frames[-1] if self.frames else None
        if top is None or top.items is None or top.column != column:
            path = self.pending[0] if self.pending is not None else top.path if top is not None else ()
            top = _Frame(column, path, 0)
            self.frames.append(top)
        assert top.items is not None
        self.pending = ((*top.path, top.items), column)
        top.items += 1

    def blank(self, offset: int) -> int:
        """Record a dash or key without a value on its line."""
        stop = self.end_of_line(offset)
        if self.pending is not None:
            self.pieces.append(Piece(self.pending[0], False, offset, _trimmed(self.text, offset, stop), blank=True))
        return stop

    def entry(self, key: re.Match[str], offset: int, column: int) -> int:
        frame = self.mapping(column)
        name = str(key["double"] if key["double"] is not None else key["single"] or key["plain"] or "")
        path = (*frame.path, name)
        group = next(g for g in ("double", "single", "plain") if key[g] is not None)
        self.pieces.append(Piece(path, True, key.start(group), key.end(group)))
        self.keys.setdefault(frame.path, {})[name] = None
        after = _skip(self.text, key.end())
        stop = self.end_of_line(key.end())
        empty = after >= stop or self.text[after] in "#\r"
        self.entries.append(_Entry(offset, column, path, empty))
        if empty:
            self.pending = (path, column)
            self.pieces.append(Piece(path, False, key.end(), min(after, stop), blank=True))
            return stop
        self.pending = None
        return self.scalar(after, path, column)

    def mapping(self, column: int) -> _Frame:
        """The block whose keys are at a column; a badly indented key belongs to the enclosing block."""
        while self.frames and (self.frames[-1].column > column or self.is_list_at(column)):
            self.frames.pop()
        top = self.frames[-1] if self.frames else None
        if top is not None and top.column == column:
            return top
        if self.pending is not None and self.pending[1] < column:
            self.frames.append(_Frame(column, self.pending[0]))
            return self.frames[-1]
        if top is None or top.items is not None:
            path = () if top is None else (*top.path, max((top.items or 0) - 1, 0))
            self.frames.append(_Frame(column, path))
            return self.frames[-1]
        return top

    def is_list_at(self, column: int) -> bool:
        top = self.frames[-1]
        return top.items is not None and top.column == column

    def loose(self, offset: int, column: int) -> int:
        """A single word where a key is expected: a key being typed."""
        stop = self.end_of_line(offset)
        end = _trimmed(self.text, offset, stop, marks=True)
        owner = next((f for f in reversed(self.frames) if f.items is None and f.column <= column), None)
        path = owner.path if owner is not None else ()
        self.pieces.append(Piece((*path, self.text[offset:end]), True, offset, end))
        return stop

    # --- values -----------------------------------------------------------------------------------------------------

    def scalar(self, offset: int, path: Path, floor: int) -> int:
        """Read a value at an offset, introduced at column `floor`; returns the end of its last line."""
        char = self.text[offset]
        if char in "|>" and (header := _BLOCK.match(self.text, offset)):
            return self.block(header.end(), path, floor)
        if char in "\"'":
            end = self.quoted(offset, path, self.limit(offset, floor))
            return self.end_of_line(end)
        if char in "[{":
            end = self.flow(offset, path, self.limit(offset, floor), 0)
            return self.end_of_line(end)
        stop = self.end_of_line(offset)
        comment = _COMMENT.search(self.text, offset, stop)
        end = _trimmed(self.text, offset, comment.start() if comment else stop)
        while comment is None and stop < len(self.text):
            start = _skip(self.text, stop + 1)
            following = self.end_of_line(stop + 1)
            if start >= following or start - stop - 1 <= floor or self.text[start] in "#\r":
                break
            if _KEY.match(self.text, start) or _DASH.match(self.text, start):
                break
            comment = _COMMENT.search(self.text, start, following)
            end = _trimmed(self.text, start, comment.start() if comment else following)
            stop = following
        self.pieces.append(Piece(path, False, offset, end))
        return stop

    def block(self, header: int, path: Path, floor: int) -> int:
        stop = self.end_of_line(header)
        start, end = min(stop + 1, len(self.text)), stop
        while stop < len(self.text):
            first = _skip(self.text, stop + 1)
            following = self.end_of_line(stop + 1)
            written = first < following and self.text[first] != "\r"
            if written and first - stop - 1 <= floor:
                break
            stop = following
            end = stop if written else end
        self.pieces.append(Piece(path, False, start, max(start, _trimmed(self.text, start, end)), "|"))
        return max(end, self.end_of_line(header))

    def limit(self, offset: int, floor: int) -> int:
        """The latest end of an unclosed value: before a line of an enclosing block."""
        stop = self.end_of_line(offset)
        while stop < len(self.text):
            start = _skip(self.text, stop + 1)
            following = self.end_of_line(stop + 1)
            if start < following and start - stop - 1 <= floor and self.text[start] not in "#\r]}":
                return stop
            stop = following
        return stop

    def quoted(self, offset: int, path: Path, limit: int, *, key: bool = False) -> int:
        """Read a quoted text; an unclosed one ends at the end of its line."""
        quote = self.text[offset]
        found = (_DOUBLE if quote == '"' else _SINGLE).match(self.text, offset, limit)
        start, end = found.span(1) if found else (offset + 1, self.end_of_line(offset))
        self.pieces.append(Piece(path, key, start, end, quote))
        return found.end() if found else end

    def flow(self, offset: int, path: Path, limit: int, depth: int) -> int:
        """Read `[...]` or `{...}`; returns its end."""
        opening = self.text[offset]
        closing = "]" if opening == "[" else "}"
        rank, offset, fresh = 0, offset + 1, True
        while True:
            blank = offset
            offset = min(self.skip_blanks(offset), limit)
            char = self.text[offset : offset + 1]
            if fresh and (offset >= limit or char in (closing, ",")):
                place = (*path, rank) if opening == "[" else (*path, "")
                self.pieces.append(Piece(place, opening == "{", blank, offset, blank=True))
            if offset >= limit or char in "]}":
                return min(offset + 1, limit) if char == closing else offset
            if char == ",":
                rank, offset, fresh = rank + 1, offset + 1, True
            elif opening == "[":
                offset, fresh = self.member(offset, (*path, rank), limit, depth), False
            else:
                offset, fresh = self.pair(offset, path, limit, depth), False

    def skip_blanks(self, offset: int) -> int:
        found = _FLOW_BLANKS.match(self.text, offset)
        return found.end() if found else offset

    def member(self, offset: int, path: Path, limit: int, depth: int) -> int:
        """Read a value inside a flow collection; always advances."""
        char = self.text[offset]
        if char in "\"'":
            return self.quoted(offset, path, limit)
        if char in "[{":
            return self.flow(offset, path, limit, depth + 1) if depth < MAX_FLOW else limit
        found = _FLOW_PLAIN.match(self.text, offset, limit)
        end = found.end() if found else offset
        while end < limit and self.text[end] == "\n":
            start = self.skip_blanks(end)
            more = _FLOW_PLAIN.match(self.text, start, limit)
            if more is None or more.end() == start:
                break
            end = more.end()
        self.pieces.append(Piece(path, False, offset, max(offset, _trimmed(self.text, offset, end))))
        return max(end, offset + 1)

    def pair(self, offset: int, path: Path, limit: int, depth: int) -> int:
        """Read `key: value` inside a flow mapping; always advances."""
        place = len(self.pieces)
        if self.text[offset] in "\"'":
            end = self.quoted(offset, path, limit, key=True)
        else:
            found = _FLOW_PLAIN.match(self.text, offset, limit)
            end = found.end() if found else offset
            self.pieces.append(Piece(path, True, offset, _trimmed(self.text, offset, end)))
        piece = self.pieces[place]
        name = self.text[piece.start : piece.end]
        self.pieces[place] = Piece((*path, name), True, piece.start, piece.end)
        colon = self.skip_blanks(end)
        if self.text[colon : colon + 1] != ":" or colon >= limit:
            return max(end, offset + 1)
        self.keys.setdefault(path, {})[name] = None
        value = min(self.skip_blanks(colon + 1), limit)
        if value >= limit or self.text[value] in ",]}":
            self.pieces.append(Piece((*path, name), False, colon + 1, value, blank=True))
            return max(value, colon + 1)
        return self.member(value, (*path, name), limit, depth)


def _skip(text: str, offset: int) -> int:
    found = _BLANKS.match(text, offset)
    return found.end() if found else offset


def _trimmed(text: str, start: int, end: int, *, marks: bool = False) -> int:
    """The end of a range without trailing blanks (and colons, with `marks`)."""
    return start + len(text[start:end].rstrip(" \t\r\n:" if marks else " \t\r\n"))
