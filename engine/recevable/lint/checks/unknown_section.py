"""SRC-SECTION: a source that is not in the documents of the programme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import DiagnosticError, Severity
from recevable.lint.analysis import scalar_in, value_at
from recevable.lint.citations import Citation, cited, names, sections
from recevable.lint.model import UNDECIDED, Fault, View
from recevable.pack import applicants, letters
from recevable.pack.hints import did_you_mean
from recevable.pack.model import Document
from recevable.pack.nodes import Scalar, Sequence

CODE: Final = "SRC-SECTION"
SEVERITY: Final = Severity.ERROR


def check(view: View) -> Iterator[Fault]:
    """Report them; the source of a house default may name no document, but not a section that does not exist."""
    documents = view.pack.manifest.documents
    if not documents:
        return
    versions = [version.version for version in view.pack.manifest.versions]
    for source, subject, strict, default in _sources(view, documents):
        if UNDECIDED.search(source.text):
            continue
        yield from _source(source, documents, subject, strict=strict, default=default)
        yield from _version(source, documents[0], versions, subject)


def _sources(view: View, documents: tuple[Document, ...]) -> Iterator[tuple[Scalar, str, bool, Document | None]]:
    for rule in view.pack.rules.values():
        source = scalar_in(rule.node, "source")
        if source is not None:
            yield source, rule.id, True, None
    for parameter in view.pack.parameters.values():
        values = value_at(parameter, "valeurs")
        for item in values.items if isinstance(values, Sequence) else ():
            source = scalar_in(item, "source")
            if source is not None:
                yield source, parameter.name, not parameter.house_default, None
    for source, subject in _of_applicants(view):
        yield source, subject, True, None
    # most texts of a letter come from the law, which is no document of the programme
    for source in letters.sources(view.source):
        yield source, source.file.name, False, None
    for requirement in view.inventory.requirements.values() if view.inventory is not None else ():
        section = scalar_in(requirement.node, "section")
        if section is not None:
            yield section, requirement.id.text, True, documents[0]


def _of_applicants(view: View) -> Iterator[tuple[Scalar, str]]:
    """The sources of what applicants read; the other page of a difference is none of ours."""
    try:
        pages = applicants.read(view.source)
    except DiagnosticError:
        return
    yield from ((stage.source, stage.title.text) for stage in pages.stages if stage.source is not None)
    yield from ((one.text_source, one.subject) for one in pages.differences)


def _version(source: Scalar, document: Document, versions: list[str], subject: str) -> Iterator[Fault]:
    """`AF v9.9 §2`: report a version of the document that the programme does not have."""
    for match in re.finditer(rf"(?<!\w){re.escape(document.name.text)}\s+v(\d+(?:\.\d+)*)(?!\w)", source.text, re.I):
        if versions and match[1] not in versions:
            place = source.place(match.start(1) - 1, len(match[1]) + 1)
            help = f"Versions déclarées : {', '.join(f'`v{version}`' for version in versions)}."
            yield Fault(place, f"le programme n'a pas de version `v{match[1]}`", help, subject)


def _source(
    source: Scalar, documents: tuple[Document, ...], subject: str, *, strict: bool, default: Document | None = None
) -> Iterator[Fault]:
    found = cited(source.text, documents, default)
    named = names(source.text, documents)
    for citation in found:
        if citation.section not in sections(citation.document):
            yield _unknown(source, citation, subject)
    if found or not strict:
        return
    if not named and default is None:
        known = [document.name.text for document in documents]
        cite = f"Citez {', '.join(f'`{name}`' for name in known)}, ou déclarez ce document dans le manifeste."
        help = did_you_mean(source.text.split(",")[0], known) or cite
        yield Fault(source.span, "cette source ne nomme aucun document déclaré du programme", help, subject)
        return
    document = named[-1] if named else documents[0]
    written = [section.text for section in document.sections]
    rest = source.text.replace(document.name.text, "").strip(" ,:;")
    help = did_you_mean(rest, written) or f"Citez-en une, par exemple `{document.name.text} {written[0]}`."
    message = f"cette source ne cite aucune section de « {document.name.text} »"
    yield Fault(source.span, message, help, subject)


def _unknown(source: Scalar, citation: Citation, subject: str) -> Fault:
    known = sections(citation.document)
    name = citation.document.name.text
    written = source.text[citation.start : citation.start + citation.length]
    help = did_you_mean(citation.section, known.values()) or "Corrigez le renvoi, ou complétez `documents`."
    return Fault(
        source.place(citation.start, citation.length), f"« {name} » n'a pas de section `{written}`", help, subject
    )
