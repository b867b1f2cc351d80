"""Make values of a YAML file read otherwise, changing the fewest characters: keys and items that stay keep their text.

`edit` replaces one text; this adds and takes away keys and items too, and checks that nothing else reads otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from collections.abc import Mapping as Mapped
from collections.abc import Sequence as Members
from typing import Any, Final

from msgspec import Struct

from recevable.pack.edit import Path, at
from recevable.pack.nodes import Mapping, Node, Scalar, Sequence
from recevable.pack.yaml_strict import cut

# A round makes at most one change to each list and mapping.
_ROUNDS: Final = 500
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
# What may stand between the last member of a flow collection and its end.
_CLOSING: Final = re.compile(r"(?:[\s,]|#[^\n]*\n)*[\]}]")
_CHANGED: Final = object()


class Text(Struct, frozen=True):
    """A text to write; `quoted` tells `"8000.00"` from `inconnu`."""

    text: str
    quoted: bool = False


# What a value reads as: a text, a list, or keys in order.
Data = Text | list[Any] | dict[str, Any]


class _Splice(Struct, frozen=True):
    """Characters to replace, by their place in the text of the file."""

    start: int
    end: int
    text: str


def read_as(node: Node) -> Data:
    """A value of a file, to be changed and given to `with_values`."""
    if isinstance(node, Mapping):
        return {key: read_as(value) for key, value in node.entries.items()}
    if isinstance(node, Sequence):
        return [read_as(item) for item in node.items]
    return Text(node.text, node.quoted)


def with_values(content: bytes, wanted: Mapped[Path, Data]) -> bytes:
    """Return the bytes of a file in which each path reads as wanted; no path leads into another one.

    Raises KeyError when a path leads nowhere, DiagnosticError when the file is not valid pack YAML, ValueError when it
    cannot be written so without changing the rest of the file.
    """
    mark, text = ("\ufeff" if content.startswith(b"\xef\xbb\xbf") else ""), content.decode("utf-8-sig")
    before = cut("", content)[1]
    for _ in range(_ROUNDS):
        root = cut("", text.encode())[1]
        splices = [one for path, data in wanted.items() for one in _changes(text, at(root, path), data)]
        if not splices:
            if _outside(root, wanted) != _outside(before, wanted):
                break
            return f"{mark}{text}".encode()
        for one in sorted(splices, key=lambda splice: splice.start, reverse=True):
            text = text[: one.start] + one.text + text[one.end :]
    raise ValueError("the values cannot be written without changing the rest of the file")


def _outside(node: Node, wanted: Mapped[Path, Data], path: Path = ()) -> object:
    """The values of a file without those that change."""
    if path in wanted:
        return _CHANGED
    if isinstance(node, Mapping):
        return [(key, _outside(child, wanted, (*path, key))) for key, child in node.entries.items()]
    if isinstance(node, Sequence):
        return [_outside(child, wanted, (*path, rank)) for rank, child in enumerate(node.items)]
    return node.text, node.quoted


# --- what to replace --------------------------------------------------------------------------------------------------


def _changes(text: str, node: Node, data: Data) -> Iterator[_Splice]:
    """What to replace so that a value reads as `data`, or comes one step closer to it."""
    if isinstance(node, Mapping) and isinstance(data, dict):
        gone = next((rank for rank, key in enumerate(node.entries) if key not in data), None)
        new = next((key for key in data if key not in node.entries), None)
        if gone is not None:
            yield _without(text, node, gone)
        elif new is not None:
            yield _with(text, node, f"{_word(new)}: {_written(data[new])}")
        else:
            for key, value in node.entries.items():
                yield from _changes(text, value, data[key])
    elif isinstance(node, Sequence) and isinstance(data, list):
        yield from _items(text, node, data)
    elif not (isinstance(node, Scalar) and isinstance(data, Text) and node.text == data.text):
        yield _replaced(text, node, data)


def _items(text: str, node: Sequence, data: list[Any]) -> Iterator[_Splice]:
    """Items keep their order; one that holds keys is known by the first of them."""
    known, names = [_name(read_as(item)) for item in node.items], [_name(item) for item in data]
    gone = next((rank for rank, name in enumerate(known) if name not in names), None)
    new = next((rank for rank, name in enumerate(names) if name not in known), None)
    if gone is not None:
        yield _without(text, node, gone)
    elif new is not None:
        yield _with(text, node, _written(data[new]))
    else:
        for name, item in zip(known, node.items, strict=True):
            yield from _changes(text, item, data[names.index(name)])


def _name(data: Data) -> object:
    if isinstance(data, dict):
        return [(key, _name(value)) for key, value in list(data.items())[:1]]
    return data.text if isinstance(data, Text) else [_name(item) for item in data]


def _replaced(text: str, node: Node, data: Data) -> _Splice:
    start, end = _extent(text, node)
    if isinstance(data, Text) and isinstance(node, Scalar) and node.quoted:
        data = Text(data.text, quoted=True)
    written = _written(data)
    if not isinstance(node, Scalar) and not _is_flow(text, node):
        # a block ends up on the line of its key or dash
        start = len(text[:start].rstrip())
        written = f" {written}"
    elif start == end and text[start - 1] in ":-":
        written = f" {written}"
    return _Splice(start, end, written)


def _without(text: str, node: Mapping | Sequence, rank: int) -> _Splice:
    """Take a member away, with its comma or its lines.  Raises ValueError for a key that opens an item."""
    members = _members(text, node)
    start, end = members[rank]
    if _is_flow(text, node):
        if rank + 1 < len(members):
            return _Splice(start, members[rank + 1][0], "")
        return _Splice(members[rank - 1][1] if rank else start, end, "")
    if len(members) == 1:
        # nothing would be left of the block
        whole = _extent(text, node)
        empty = "{}" if isinstance(node, Mapping) else "[]"
        return _Splice(len(text[: whole[0]].rstrip()), whole[1], f" {empty}")
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    if text[first:start].strip(" -") or (isinstance(node, Mapping) and text[first:start].strip()):
        raise ValueError("the key that opens an item cannot be taken away")
    return _Splice(first, len(text) if last < 0 else last + 1, "")


def _with(text: str, node: Mapping | Sequence, written: str) -> _Splice:
    """Add a member at the end."""
    members = _members(text, node)
    if _is_flow(text, node):
        place = members[-1][1] if members else _start(text, node) + 1
        return _Splice(place, place, f", {written}" if members else written)
    found = text.find("\n", members[-1][1])
    place = len(text) if found < 0 else found - (text[found - 1] == "\r")
    dash = "- " if isinstance(node, Sequence) else ""
    line = "\r\n" if "\r\n" in text else "\n"
    return _Splice(place, place, f"{line}{' ' * (node.span.column - 1)}{dash}{written}")


# --- places -----------------------------------------------------------------------------------------------------------


def _is_flow(text: str, node: Mapping | Sequence) -> bool:
    """Whether a list or mapping is written between brackets."""
    return text[_start(text, node)] in "[{"


def _start(text: str, node: Mapping | Sequence) -> int:
    line, span = 0, node.span
    for _ in range(span.line - 1):
        line = text.index("\n", line) + 1
    return line + span.column - 1


def _extent(text: str, node: Node) -> tuple[int, int]:
    """Where a value begins and ends."""
    if isinstance(node, Scalar):
        return node.start, len(text[: node.end].rstrip()) if node.raw.endswith("\n") else node.end
    start = _start(text, node)
    end = max([start + 1, *(end for _, end in _members(text, node))])
    closing = _CLOSING.match(text, end) if _is_flow(text, node) else None
    return start, closing.end() if closing else end


def _members(text: str, node: Mapping | Sequence) -> Members[tuple[int, int]]:
    """Where each key with its value, or each item, begins and ends."""
    if isinstance(node, Sequence):
        return [_extent(text, item) for item in node.items]
    found = []
    for key, value in node.entries.items():
        at_key = node.keys[key]
        end = _extent(text, value)[1]
        # an empty value has no place of its own
        found.append((at_key.start, end if end > at_key.end else text.index(":", at_key.end) + 1))
    return found


# --- writing ----------------------------------------------------------------------------------------------------------


def _word(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _written(data: Data) -> str:
    """A value on one line."""
    if isinstance(data, dict):
        return f"{{{', '.join(f'{_word(key)}: {_written(value)}' for key, value in data.items())}}}"
    if isinstance(data, list):
        return f"[{', '.join(_written(item) for item in data)}]"
    return json.dumps(data.text, ensure_ascii=False) if data.quoted else _word(data.text)
