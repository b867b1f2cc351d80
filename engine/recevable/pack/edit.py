"""Change a YAML file, or a JSON file, in place: one value replaced, or one entry added or taken out.

Every other character stays: comments, order, indentation, line endings and a byte order mark.  A change is made only
when the file then reads as before, but for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from recevable.language.diagnostics import DiagnosticError, Span
from recevable.pack.nodes import File, Mapping, Node, Scalar, Sequence
from recevable.pack.yaml_strict import cut

# The path of a value: mapping keys and list indices.
Path = tuple[str | int, ...]


def quoted(text: str) -> str:
    """A text between double quotes, as YAML and JSON read it."""
    return json.dumps(text, ensure_ascii=False)


def plain(text: str) -> str:
    """A text as YAML writes it, between quotes only when it would not read the same."""
    try:
        _, node = cut("", f"a: {text}\n".encode())
    except DiagnosticError:
        return quoted(text)
    found = node.entries.get("a") if isinstance(node, Mapping) else None
    same = isinstance(found, Scalar) and not found.quoted and found.text == text and found.raw == text
    return text if same else quoted(text)


def with_value(content: bytes, path: Path, text: str, *, quoted: bool | None = None) -> bytes:
    """Return the bytes of a file with the text at `path` replaced.

    The text is quoted if `quoted` (default: as before), and always when it could not be read back otherwise.  Raises
    KeyError when there is no text at `path`, DiagnosticError when the file is not valid pack YAML, ValueError when the
    text cannot be written without changing the rest of the file.
    """
    _, root = cut("", content)
    old = _at(root, path)
    before = content.decode("utf-8")
    start = before.startswith("\ufeff")
    wanted = old.quoted if quoted is None else quoted
    for write in _forms(old, quoted=wanted):
        after = f"{before[: old.start + start]}{write(text)}{before[old.end + start :]}"
        if _is_that(after, root, path, text, may_quote=wanted or quoted is None, may_leave=not wanted):
            return after.encode()
    raise ValueError(f"{text!r} cannot be written at {'/'.join(map(str, path))}")


def at(node: Node, path: Path) -> Node:
    """The value at a path.  Raises KeyError when there is none."""
    for step in path:
        if isinstance(node, Mapping) and isinstance(step, str) and step in node.entries:
            node = node.entries[step]
        elif isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
            node = node.items[step]
        else:
            raise KeyError(path)
    return node


def _at(node: Node, path: Path) -> Scalar:
    found = at(node, path)
    if not isinstance(found, Scalar):
        raise KeyError(path)
    return found


def _forms(old: Scalar, *, quoted: bool) -> Iterator[Callable[[str], str]]:
    """The ways to write a text, those closest to the old form first."""
    if not quoted:
        # an empty text would be read as an empty value
        yield lambda text: text or "''"
    ends = "\n" if old.raw.endswith("\n") else ""
    if old.raw.startswith("'"):
        yield lambda text: "'" + text.replace("'", "''") + "'"
    yield lambda text: json.dumps(text, ensure_ascii=False) + ends


def _is_that(after: str, root: Node, path: Path, text: str, *, may_quote: bool, may_leave: bool) -> bool:
    """Whether the file still reads as `root`, except for the one text."""
    try:
        _, found = cut("", after.encode())
        new = _at(found, path)
    except (DiagnosticError, KeyError):
        return False
    fits = new.text == text and (may_quote if new.quoted else may_leave)
    return fits and _essence(found, path) == _essence(root, path)


_HERE: Final = object()


def _essence(node: Node, path: Path | None) -> object:
    """The values of a file, without places and without the value at `path`."""
    if path == ():
        return _HERE
    if isinstance(node, Mapping):
        return [(key, _essence(child, _below(path, key))) for key, child in node.entries.items()]
    if isinstance(node, Sequence):
        return [_essence(child, _below(path, rank)) for rank, child in enumerate(node.items)]
    return node.text, node.quoted


def _below(path: Path | None, step: str | int) -> Path | None:
    return path[1:] if path and path[0] == step else None


# --- an entry more, or an entry less ---------------------------------------------------------------------------------

# A line longer than this is not made longer still: what is added goes to a line of its own.
_WIDTH: Final = 130


def with_item(content: bytes, path: Path, item: str, after: int | None = None) -> bytes:
    """Return the bytes of a file with an item more in the list at `path`: the last one, or that after another.

    `item` is the YAML of the item without its dash, on one line or several.  Raises KeyError when there is no list at
    `path`, or an empty one; DiagnosticError when the file cannot be read; ValueError when the item cannot be added
    without changing the rest of the file.
    """
    file, root = cut("", content)
    held = at(root, path)
    if not isinstance(held, Sequence) or not held.items:
        raise KeyError(path)
    rank = len(held.items) - 1 if after is None else after
    wanted = _essence_with(root, path, rank + 1, _essence(cut("", item.encode())[1], None))
    if _opens(file, held.span) == "[":
        texts = _flow(file, _end(file, held.items[rank]), held.span, item)
    else:
        dash = _dash(file, held.items[rank].span)
        lines = _indented(item, dash + 2, f"{' ' * dash}- ")
        texts = _block(file, held.items[rank], [one.span for one in held.items], dash, lines)
    return _first(file, content, texts, wanted)


def with_entry(content: bytes, path: Path, key: str, value: str, after: str = "") -> bytes:
    """Return the bytes of a file with a key more in the mapping at `path`: the last one, or that after another key.

    `value` is YAML, on one line or several; in a JSON file, JSON.  Raises KeyError when there is no mapping at `path`;
    ValueError when it has the key; and as `with_item`.
    """
    file, root = cut("", content)
    held = at(root, path)
    if not isinstance(held, Mapping):
        raise KeyError(path)
    if key in held.entries:
        raise ValueError(f"{key!r} is already at {'/'.join(map(str, path))}")
    last = after or next(reversed(held.entries), "")
    rank = [*held.entries].index(last) + 1 if last else 0
    wanted = _essence_with(root, path, rank, (key, _essence(cut("", value.encode())[1], None)))
    if _opens(file, held.span) == "{":
        quotes = '"' if isinstance(root, Mapping) and all(one.quoted for one in root.keys.values()) else ""
        end = _end(file, held.entries[last]) if last else _index(file, held.span) + 1
        texts = _flow(file, end, held.span, f"{quotes}{key}{quotes}: {value}", first=not last)
    else:
        column = held.keys[last].column - 1
        lines = _indented(value, column + 2, f"{' ' * column}{key}:{chr(10) if chr(10) in value else ' '}")
        texts = _block(file, held.entries[last], [one.span for one in held.keys.values()], column, lines)
    return _first(file, content, texts, wanted)


def without_entry(content: bytes, path: Path, key: str) -> bytes:
    """Return the bytes of a file without a key of the block mapping at `path`, its value and their lines.

    Raises KeyError when there is no such key; and as `with_item`.
    """
    file, root = cut("", content)
    held = at(root, path)
    if not isinstance(held, Mapping) or key not in held.entries:
        raise KeyError((*path, key))
    wanted = _essence_without(root, path, key)
    lines = file.text.splitlines(keepends=True)
    first = held.keys[key].line - 1
    last = _last_line(lines, file, held.entries[key], held.keys[key].column - 1)
    return _first(file, content, ["".join([*lines[:first], *lines[last + 1 :]])], wanted)


def item_text(content: bytes, path: Path, rank: int) -> str:
    """An item of a block list as it is written, without its dash and from the first column on.

    Raises KeyError, and ValueError for the item of a list between brackets.
    """
    file, root = cut("", content)
    held = at(root, path)
    if not isinstance(held, Sequence) or not 0 <= rank < len(held.items):
        raise KeyError((*path, rank))
    if _opens(file, held.span) == "[":
        raise ValueError(f"{'/'.join(map(str, path))} is written between brackets")
    lines = file.text.splitlines(keepends=True)
    item = held.items[rank]
    column = _dash(file, item.span)
    first, last = _rank(file, item), _last_line(lines, file, item, column)
    kept = [line.removesuffix("\n").removesuffix("\r")[column + 2 :] for line in lines[first : last + 1]]
    return "\n".join(kept)


def _first(file: File, content: bytes, texts: Iterable[str], wanted: object) -> bytes:
    """The first text that reads as what is wanted."""
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    for text in texts:
        try:
            _, found = cut("", mark + text.encode())
        except DiagnosticError:
            continue
        if _essence(found, None) == wanted:
            return mark + text.encode()
    raise ValueError(f"nothing can be added to {file.name or 'this file'} without changing the rest of it")


def _flow(file: File, end: int, span: Span, added: str, *, first: bool = False) -> Iterator[str]:
    """The texts with something more between braces or brackets, before each of the places where it may go."""
    text = file.text
    opened = _index(file, span)
    line_start = text.rfind("\n", 0, opened) + 1
    # what is on lines of its own stays so: the first thing between the braces says at which column
    inside = text[opened + 1 :]
    own = inside.lstrip(" \t\r").startswith("\n") or (first and "\n" in added)
    ends = "\r\n" if "\r\n" in text else "\n"
    indent = len(text[line_start:]) - len(text[line_start:].lstrip(" "))
    column = len(inside) - len(inside.lstrip()) - inside.index("\n") - 1 if own and not first else indent + 2
    for place in _ends(text, end):
        if own:
            body = f"{ends}{' ' * column}{added.replace(chr(10), f'{ends}{chr(32) * column}')}"
            closing = f"{ends}{' ' * indent}" if first else ""
            yield f"{text[:place]}{'' if first else ','}{body}{closing}{text[place:]}"
        else:
            stop = text.find("\n", place)
            length = (len(text) if stop < 0 else stop) - text.rfind("\n", 0, place) + len(added)
            gap = f"{ends}{' ' * (opened - line_start + 1)}" if length > _WIDTH and not first else " "
            yield f"{text[:place]}{'' if first else f',{gap}'}{added}{text[place:]}"


def _ends(text: str, end: int) -> Iterator[int]:
    """The places where a value may end: at `end`, or after each brace or bracket that closes what is around it."""
    yield end
    while end < len(text) and (text[end].isspace() or text[end] in "]}"):
        end += 1
        if text[end - 1] in "]}":
            yield end


def _block(file: File, held: Node, spans: list[Span], column: int, added: list[str]) -> Iterator[str]:
    """The text with lines more after those of a value, apart from it when its neighbours are."""
    lines = file.text.splitlines(keepends=True)
    ends = "\r\n" if "\r\n" in file.text else "\n"
    last = _last_line(lines, file, held, column)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += ends
    apart = sum(not lines[span.line - 2].strip() for span in spans[1:]) * 2 > len(spans) - 1
    yield "".join(
        [*lines[: last + 1], *([ends] if apart else []), *(f"{line}{ends}" for line in added), *lines[last + 1 :]]
    )


def _last_line(lines: list[str], file: File, held: Node, column: int) -> int:
    """The rank of the last line of a value, with what closes it, and the comments that are further in than it."""
    last = max(file.text.count("\n", 0, max(_end(file, held) - 1, 0)), _rank(file, held))
    for rank in range(last + 1, len(lines)):
        line = lines[rank]
        if not line.strip():
            continue
        if len(line) - len(line.lstrip(" ")) <= column:
            break
        last = rank
    return last


def _rank(file: File, node: Node) -> int:
    return node.line - 1 if isinstance(node, Scalar) else node.span.line - 1


def _end(file: File, node: Node) -> int:
    """The index after the last text of a value; of one without any, after its opening."""
    if isinstance(node, Scalar):
        return node.end
    below = [*node.entries.values()] if isinstance(node, Mapping) else [*node.items]
    return _end(file, below[-1]) if below else _index(file, node.span) + 1


def _index(file: File, span: Span) -> int:
    """The index in the text of the start of a place."""
    start = 0
    for _ in range(span.line - 1):
        start = file.text.index("\n", start) + 1
    return start + span.column - 1


def _opens(file: File, span: Span) -> str:
    at = _index(file, span)
    return file.text[at : at + 1]


def _dash(file: File, span: Span) -> int:
    """The column of the dash of an item."""
    start = _index(file, span)
    line_start = file.text.rfind("\n", 0, start) + 1
    return file.text.rindex("-", line_start, start) - line_start


def _indented(text: str, column: int, head: str) -> list[str]:
    """Lines at a column, the first with what precedes it."""
    first, *rest = text.rstrip("\n").split("\n")
    opening = head.rstrip("\n").rstrip(" ")
    more = [f"{' ' * column}{line}" if line.strip() else "" for line in rest]
    return [opening, f"{' ' * column}{first}", *more] if head.endswith("\n") else [f"{head}{first}", *more]


def _essence_with(node: Node, path: Path, rank: int, added: object) -> object:
    return _essence_changed(node, path, lambda found: [*found[:rank], added, *found[rank:]])


def _essence_without(node: Node, path: Path, key: str) -> object:
    return _essence_changed(node, path, lambda found: [one for one in found if one[0] != key])


def _essence_changed(node: Node, path: Path, change: Callable[[list[Any]], object]) -> object:
    """The values of a file, those of the list or mapping at `path` changed."""
    if not path:
        found = _essence(node, None)
        assert isinstance(found, list)
        return change(found)
    if isinstance(node, Mapping):
        return [
            (key, _essence_changed(child, path[1:], change) if key == path[0] else _essence(child, None))
            for key, child in node.entries.items()
        ]
    assert isinstance(node, Sequence)
    return [
        _essence_changed(child, path[1:], change) if rank == path[0] else _essence(child, None)
        for rank, child in enumerate(node.items)
    ]
