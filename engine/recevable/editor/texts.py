"""What an editor shows of a pack whose texts no disk holds: completions, hovers, an outline, and edits in place.

No editor protocol here: a place in a text is an offset in characters, from 0.
"""

from __future__ import annotations

from datetime import date

from recevable.editor import names as pack_names
from recevable.editor.complete import Proposal, proposals
from recevable.editor.cursor import Cursor, cursor
from recevable.editor.names import Names
from recevable.editor.point import Hover
from recevable.editor.point import hover as hover_at
from recevable.editor.symbols import Symbol
from recevable.editor.symbols import symbols as outline
from recevable.pack.edit import with_value
from recevable.pack.source import AnyPack, source_of

__all__ = ["Hover", "Names", "Proposal", "Symbol", "completions", "hover", "names", "outline", "with_value"]


def names(pack: AnyPack, today: date) -> Names:
    """What the texts of a pack may name, to be read again after a change; `today` dates the values that are shown.

    A pack that is wrong gives the names of its readable files, without raising.
    """
    return pack_names.names(source_of(pack), today)


def completions(known: Names, name: str, text: str, offset: int) -> tuple[Proposal, ...]:
    """What may be written at an offset of the text of a file, the most likely first; none when nothing is known.

    `name` is that of the file in the pack (`regles/avance.yaml`), which says what may stand in it.
    """
    return tuple(proposals(_cursor(name, text, offset), known))


def hover(known: Names, name: str, text: str, offset: int) -> Hover | None:
    """What to show about the word, key or value at an offset, in Markdown; None when there is nothing to say."""
    return hover_at(_cursor(name, text, offset), known)


def _cursor(name: str, text: str, offset: int) -> Cursor:
    """The cursor at an offset; before or after the text, that of its start or of its end."""
    return cursor(name, text, max(0, min(offset, len(text))))
