"""The document symbols of a pack file: its rules, parameters, requirements, scenarios."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from recevable.editor.outline import Outline, Path, outline

# keys that name an item of a list, by preference, and keys that describe it
_NAMING: Final = ("id", "titre", "mutant", "sujet", "version", "nom")
_SAYING: Final = ("titre", "resume", "motif")


class Symbol(Struct, frozen=True):
    """A symbol: its name, a short description, the range of its block and that of its name."""

    name: str
    detail: str
    start: int
    end: int
    name_start: int
    name_end: int


def symbols(text: str) -> list[Symbol]:
    """The top-level symbols of a file: items of its lists, and keys of its blocks."""
    sketch = outline(text)
    found: list[tuple[str, str, int, int]] = []
    seen: set[Path] = set()
    for piece in sketch.pieces:
        path = piece.path[:2]
        if len(path) < 2 or path in seen or piece.blank:
            continue
        seen.add(path)
        if isinstance(path[1], str):
            found.append((path[1], _detail(sketch, path), piece.start, piece.end))
            continue
        for key in _NAMING:
            value = next((p for p in sketch.pieces if p.path == (*path, key) and not p.key and not p.blank), None)
            if value is not None and sketch.raw(value).strip():
                detail = _detail(sketch, path) if key not in _SAYING else ""
                found.append((sketch.raw(value), detail, value.start, value.end))
                break
    ends = [*(start for _, _, start, _ in found[1:]), len(text)] if found else []
    return [
        Symbol(name, detail, start, max(len(text[:stop].rstrip()) if stop == len(text) else _before(text, stop), end),
               start, end)
        for (name, detail, start, end), stop in zip(found, ends, strict=True)
    ]  # fmt: skip


def _before(text: str, stop: int) -> int:
    """The end of the text before the line of a character."""
    line = text.rfind("\n", 0, stop) + 1
    return len(text[:line].rstrip())


def _detail(sketch: Outline, path: Path) -> str:
    return next((text for key in _SAYING if (text := str(sketch.value((*path, key))))), "")
