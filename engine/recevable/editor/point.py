"""What the word under the cursor designates: what a hover shows, and where its definition is."""

from __future__ import annotations

from msgspec import Struct

from recevable.editor.cursor import EXPRESSION, Cursor
from recevable.editor.names import Name, Names, Sort


class Hover(Struct, frozen=True):
    """A text in Markdown about the characters from `start` to `end`."""

    markdown: str
    start: int
    end: int


def designated(here: Cursor, names: Names) -> tuple[Name, int, int] | None:
    """The name under the cursor, as the place understands it; a rule named inside an expression is one too."""
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
    """What is to know of the word under the cursor, else of the key or of the value that it is in."""
    found = designated(here, names)
    if found is not None:
        name, start, end = found
        return Hover(f"{name.markdown}\n\n*{name.sort}* `{name.name}`", start, end)
    about = here.entry()
    if about is None or here.piece is None or here.piece.blank:
        return None
    return Hover(about.markdown, here.piece.start, here.piece.end)
