"""Resolve the word under the cursor, for hover and go-to-definition."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from recevable.editor.cursor import EXPRESSION, Cursor
from recevable.editor.names import Name, Names, Sort
from recevable.lint.vocabulary import CONSEQUENCE, RESULT, meanings

# The groups of the vocabulary that are values of keys.
_VALUES: Final = (RESULT, CONSEQUENCE)


class Hover(Struct, frozen=True):
    """Markdown text about the characters from `start` to `end`."""

    markdown: str
    start: int
    end: int


def designated(here: Cursor, names: Names) -> tuple[Name, int, int] | None:
    """The name under the cursor and its range, given the place; includes rules named inside an expression."""
    if here.piece is None or here.piece.blank:
        return None
    sorts = here.sorts()
    if not sorts:
        return None
    if sorts == EXPRESSION:
        sorts = (*EXPRESSION, Sort.RULE)
    elif here.piece.key:
        found = names.find(here.sketch.raw(here.piece), *sorts)
        return (found, here.piece.start, here.piece.end) if found is not None else None
    for word in (here.word(), here.narrow()):
        if word is None:
            continue
        found = names.find(word[0], *sorts)
        if found is not None:
            return found, word[1], word[2]
    return None


def hover(here: Cursor, names: Names) -> Hover | None:
    """The hover for the word under the cursor, else for the key or value around it."""
    found = designated(here, names)
    if found is not None:
        name, start, end = found
        return Hover(f"{name.markdown}\n\n*{name.sort}* `{name.name}`", start, end)
    if here.piece is None or here.piece.blank:
        return None
    about = here.entry()
    parts = [about.markdown] if about is not None else []
    written = here.sketch.raw(here.piece)
    if not here.piece.key:
        # a consequence or a result says what it leads to, and not only that it is allowed here
        parts += [term.meaning for term in meanings(written) if term.group in _VALUES][:1]
    return Hover("\n\n".join(parts), here.piece.start, here.piece.end) if parts else None
