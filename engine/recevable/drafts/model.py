"""What a kind of change is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from recevable.drafts.desk import Desk
from recevable.drafts.questions import Answers, Question


class Draft(Struct, frozen=True):
    """A kind of change: its verb, what it does in one line, its questions, and what writes it on a desk.

    `write` raises InvalidAnswer when answers do not fit each other or the pack, DiagnosticError when what they give
    cannot be read.  `opens` makes the desk of a folder: a pack, or the project in which one is to be made.
    """

    verb: str
    about: str
    questions: tuple[Question, ...]
    write: Callable[[Desk, Answers], None]
    opens: Callable[[Path], Desk] = Desk
