"""Find the documents and sections that a source cites.

A source is free text: « AF §2, §5.1 et §6.2 », « Délibération, art. 3 ».  A section belongs to the last document named
before it.  A mark that the document does not use (« art. » where sections are « § ») refers to a text that the
programme does not declare.
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

# Words after a name that make it a title (« règlement du solde ») rather than a date (« règlement du 3 mai 2023 »).
_COMPLEMENT: Final = re.compile(r"\s+(?:d[eu]s?\s+|d['’]|aux?\s+|à\s+|par\s+|pour\s+|sur\s+)(?!\d|la\s+\d)", re.I)
# Words before a name that allow it to be a document.
_BEFORE_NAME: Final = re.compile(r"(?:[,;:(/–—.]|\b(?:et|ou|puis|voir|cf|l[ea]s?)|l['’])\s*$", re.I)


class Citation(Struct, frozen=True):
    """A cited section: its document, its normalized form, its place in the source."""

    document: Document
    section: str
    start: int
    length: int


def cited(source: str, documents: Sequence[Document], default: Document | None = None) -> list[Citation]:
    """The sections that a source cites, in order; those before any document name belong to `default`."""
    named = [*mentions(source, documents)]
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
                else re.search(rf"(?<!\w){re.escape(section.text)}(?!\w)", source[start:end], re.I)
            )
            if title:
                found.append(Citation(document, section.text, start + title.start(), len(title[0])))
    return sorted(found, key=lambda citation: citation.start)


def names(source: str, documents: Sequence[Document]) -> list[Document]:
    """The documents that a source names, in order."""
    return [document for _, document in mentions(source, documents)]


def marks(document: Document) -> set[str]:
    """The section marks that a document uses."""
    return {known.split()[0] for known in sections(document) if _NUMBERED.fullmatch(known)}


def sections(document: Document) -> dict[str, str]:
    """The sections of a document: normalized form to written form."""
    found = {}
    for section in document.sections:
        match = _NUMBERED.fullmatch(section.text.strip())
        found[_numbered(match) if match else section.text] = section.text
    return found


def _numbered(match: re.Match[str]) -> str:
    mark = match[1] if match[1] == "§" else {"r": "art.", "n": "annexe", "h": "chapitre"}[match[1][1].lower()]
    return f"{mark} {match[2].upper()}"


def mentions(source: str, documents: Sequence[Document]) -> Iterator[tuple[int, Document]]:
    """The documents named in a source, by name or title; the longest match first."""
    written = {text: document for document in documents for text in (document.title, document.name.text)}
    ordered = sorted(written, key=len, reverse=True)
    if not ordered:
        return
    titles = [*_titles(source, documents)]
    pattern = "|".join(f"({re.escape(text)})" for text in ordered)
    for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", source, re.I):
        assert match.lastindex is not None
        text = ordered[match.lastindex - 1]
        inside = any(start <= match.start() and match.end() <= end for start, end in titles)
        if not inside and (match.start() == 0 or _is_name(source, match, text)):
            yield match.start(), written[text]


def _titles(source: str, documents: Sequence[Document]) -> Iterator[tuple[int, int]]:
    """The ranges where a source writes a section title, declared or quoted: they name no document."""
    for match in re.finditer(r"«[^»]*»|“[^”]*”|\"[^\"]*\"", source):
        if match[0][1:-1].strip().lower() not in {document.name.text.lower() for document in documents}:
            yield match.span()
    for document in documents:
        for section in document.sections:
            if not _NUMBERED.fullmatch(section.text):
                for match in re.finditer(rf"(?<!\w){re.escape(section.text)}(?!\w)", source, re.I):
                    yield match.span()


def _is_name(source: str, match: re.Match[str], text: str) -> bool:
    """Whether words inside a source name a document: « règlement, §2 », not « règlement du solde ».

    This depends on the following words and, when the name is not written exactly as declared, on those before.
    """
    if _COMPLEMENT.match(source, match.end()):
        return False
    return match[0] == text or _BEFORE_NAME.search(source[: match.start()]) is not None
