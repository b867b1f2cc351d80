"""Completion at the cursor: keys and closed values of the schema, names of the pack, functions."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from recevable.editor import grammar
from recevable.editor.cursor import Cursor
from recevable.editor.names import Name, Names, Sort
from recevable.language.tree import RESULT
from recevable.language.types import RESULTS
from recevable.lint.checks import CHECKS
from recevable.lint.manual import pages


class Proposal(Struct, frozen=True):
    """A completion that replaces the characters from `start` to `end`; `rank` sorts the list."""

    label: str
    sort: str
    detail: str
    markdown: str
    start: int
    end: int
    text: str
    rank: int = 0


def proposals(here: Cursor, names: Names) -> list[Proposal]:
    """Every completion at the cursor, the most likely first."""
    if here.piece is None:
        return []
    return list(_keys(here, names) if here.piece.key else _values(here, names))


def _keys(here: Cursor, names: Names) -> Iterator[Proposal]:
    assert here.piece is not None
    start, end = here.piece.start, here.piece.end
    colon = "" if here.sketch.text[end:].lstrip("\"' \t").startswith(":") else ": "
    for name in names.of(*here.sorts()):
        yield _named(name, start, end, f"{name.name}{colon}")
    if here.schema is None:
        return
    block = here.path[:-1]
    present = here.sketch.keys.get(block, ())
    current = here.sketch.raw(here.piece)
    for key in grammar.keys(here.schema, block, present):
        if key.name in present and key.name != current:
            continue
        detail = f"{key.entry.title}{' (obligatoire)' if key.required else ''}"
        rank = 0 if key.required else 1
        yield Proposal(key.name, "clé", detail, key.entry.markdown, start, end, f"{key.name}{colon}", rank)


def _values(here: Cursor, names: Names) -> Iterator[Proposal]:
    assert here.piece is not None
    identifier = here.result_of()
    if identifier is not None:
        for name in names.of(Sort.RULE):
            yield _named(name, identifier, here.offset, name.name)
        return
    compared = here.compared()
    if compared is not None:
        found = names.find(compared[0], Sort.FIELD, Sort.PARAMETER, Sort.DEFINITION)
        values = RESULTS if compared[0] == RESULT else found.values if found else ()
        for value in values:
            about = f"Valeur de `{compared[0]}`."
            yield Proposal(value, "valeur", compared[0], about, compared[1], here.offset, value)
        return
    blank = here.piece.blank
    start = here.offset if blank else here.piece.start
    end = here.offset if blank else here.piece.end
    # a value starts with a space after its colon or dash
    space = " " if blank and here.sketch.text[start - 1 : start] in (":", "-") else ""
    about_place = here.entry()
    last = next((step for step in reversed(here.path) if isinstance(step, str)), "")
    for value in about_place.values if about_place else ():
        yield Proposal(value, "valeur", about_place.title if about_place else "", "", start, end, f"{space}{value}")
    if last == "controle":
        for code in CHECKS:
            title = pages()[code].title
            yield Proposal(code, "contrôle", title, title, start, end, f"{space}{code}")
    sorts = here.sorts()
    if last == "id" or here.defines(last) or not sorts:
        return
    if Sort.FUNCTION in sorts:
        start, end = _typed(here) or (start, end)
    for rank, sort in enumerate(sorts):
        for name in names.of(sort):
            call = "(" if name.sort is Sort.FUNCTION else ""
            yield _named(name, start, end, f"{space}{name.name}{call}", rank)


def _typed(here: Cursor) -> tuple[int, int] | None:
    """The range of the word of an expression at the cursor; empty when a new word starts."""
    assert here.piece is not None
    if here.piece.blank:
        return None
    found = here.narrow()
    return (found[1], found[2]) if found is not None else (here.offset, here.offset)


def _named(name: Name, start: int, end: int, text: str, rank: int = 0) -> Proposal:
    return Proposal(name.name, str(name.sort), name.detail, name.markdown, start, end, text, rank)
