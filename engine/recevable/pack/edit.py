"""Change one value of a YAML file in place: only its characters are replaced.

Comments, order, indentation, line endings and a byte order mark are preserved.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Final

from recevable.language.diagnostics import DiagnosticError
from recevable.pack.nodes import Mapping, Node, Scalar, Sequence
from recevable.pack.yaml_strict import cut

# The path of a value: mapping keys and list indices.
Path = tuple[str | int, ...]


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


def _at(node: Node, path: Path) -> Scalar:
    for step in path:
        if isinstance(node, Mapping) and isinstance(step, str) and step in node.entries:
            node = node.entries[step]
        elif isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
            node = node.items[step]
        else:
            raise KeyError(path)
    if not isinstance(node, Scalar):
        raise KeyError(path)
    return node


def _forms(old: Scalar, *, quoted: bool) -> Iterator[Callable[[str], str]]:
    """The ways to write a text, those closest to the old form first."""
    if not quoted:
        # an empty text would be read as an empty value
        yield lambda text: text or "''"
    ends = "\n" if old.raw.endswith("\n") else ""
    if old.raw.startswith("'"):
        yield lambda text: "'" + text.replace("'", "''") + "'"
    # YAML reads a JSON string in double quotes identically
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
