"""Letters to applicants: what they say, from a decision, the texts of the pack and typed facts; and their PDF."""

from __future__ import annotations

from recevable.letters.content import LetterContent, LetterRefused, Unconfirmed, kind_for, kinds, write
from recevable.letters.facts import InvalidFacts, read_facts
from recevable.letters.rendering import TypstMissing, pdf, template
from recevable.pack.letter_kinds import LetterKind

__all__ = [
    "InvalidFacts",
    "LetterContent",
    "LetterKind",
    "LetterRefused",
    "TypstMissing",
    "Unconfirmed",
    "kind_for",
    "kinds",
    "pdf",
    "read_facts",
    "template",
    "write",
]
