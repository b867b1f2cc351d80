"""What a source cites: the documents that it names, and their sections.

A source is a text for people: « AF §2, §5.1 et §6.2 », « Délibération, art. 3 ».  A section is looked for in the last
document named before it; marks that a document does not use (« art. » where it counts by « § ») belong to some other
text, that the programme does not declare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from recevable.pack.model import Document

# A numbered section: its mark and its number.
_NUMBERED: Final = re.compile(
    r"(§|\barticles?\b|\bart\.|\bannexes?\b|\bchapitres?\b)\s*([A-Z]?\d+(?:[.-]\d+)*|[IVX]+\b)", re.I
)


class Citation(Struct, frozen=True):
    """A section cited: its document, how it is written in one form, its place in the source."""

    document: Document
    section: str
    start: int
    length: int


def cited(source: str, documents: Sequence[Document], default: Document | None = None) -> list[Citation]:
    """Every section that a source cites, in order; before any document is named, those of `default`."""
    named = [*_names(source, documents)]
    found: list[Citation] = []
    for match in _NUMBERED.finditer(source):
        document = next((d for start, d in reversed(named) if start < match.start()), default)
        number = _numbered(match)
        if document is not None and number.split()[0] in marks(document):
            found.append(Citation(document, number, match.start(), len(match[0])))
    for start, document in [*named, *([(0, default)] if default else [])]:
        end = next((other for other, _ in named if other > start), len(source))
        for section in document.sections:
            title = (
                None
                if _NUMBERED.fullmatch(section.text)
                else re.search(re.escape(section.text), source[start:end], re.I)
            )
            if title:
                found.append(Citation(document, section.text, start + title.start(), len(title[0])))
    return sorted(found, key=lambda citation: citation.start)


def names(source: str, documents: Sequence[Document]) -> list[Document]:
    """The documents that a source names, in order."""
    return [document for _, document in _names(source, documents)]


def marks(document: Document) -> set[str]:
    """The marks by which a document numbers its sections."""
    return {known.split()[0] for known in sections(document) if _NUMBERED.fullmatch(known)}


def sections(document: Document) -> dict[str, str]:
    """The sections of a document, in the form of a citation, with how the programme writes them."""
    found = {}
    for section in document.sections:
        match = _NUMBERED.fullmatch(section.text.strip())
        found[_numbered(match) if match else section.text] = section.text
    return found


def _numbered(match: re.Match[str]) -> str:
    mark = match[1] if match[1] == "§" else {"r": "art.", "n": "annexe", "h": "chapitre"}[match[1][1].lower()]
    return f"{mark} {match[2].upper()}"


def _names(source: str, documents: Sequence[Document]) -> Iterator[tuple[int, Document]]:
    """The documents named in a source, the longest name first where two would do."""
    ordered = sorted(documents, key=lambda document: -len(document.name.text))
    if not ordered:
        return
    pattern = "|".join(f"({re.escape(document.name.text)})" for document in ordered)
    for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", source, re.I):
        assert match.lastindex is not None
        yield match.start(), ordered[match.lastindex - 1]
