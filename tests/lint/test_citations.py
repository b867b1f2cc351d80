"""Which document a source names."""

from __future__ import annotations

import pytest

from recevable.lint.citations import Citation, cited, names
from recevable.pack.model import Document
from recevable.pack.nodes import File, Scalar


def document(name: str, *sections: str, title: str = "") -> Document:
    def scalar(text: str) -> Scalar:
        return Scalar(text, False, File("programme.yaml", text), 0, len(text), 1, 1)

    return Document(scalar(name), title or name, tuple(map(scalar, sections)))


TWINS = [document("Arrete", "§1"), document("Arrêté", "§2"), document("Arrêté rectificatif", "§3")]


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("Arrêté §2", ["Arrêté"]),
        ("arrêté §2", ["Arrêté"]),
        ("Arrete §1", ["Arrete"]),
        ("Arrêté rectificatif §3", ["Arrêté rectificatif"]),
        ("Arrete §1 et Arrêté §2", ["Arrete", "Arrêté"]),
        ("Arrêtés §2", []),
    ],
)
def test_a_document_is_told_from_one_that_differs_by_accents_or_by_a_word(source: str, named: list[str]) -> None:
    assert [one.name.text for one in names(source, TWINS)] == named
    assert [one.document.name.text for one in cited(source, TWINS)] == named


TITLED = [
    document("AF", "§4", "§5", "§6", "Modalités de Règlement"),
    document("Règlement", "§1", "art. 3", title="Règlement intérieur annexé à la Convention"),
    document("Convention", "§1", "art. 3", title="Convention du 3 mai 2023"),
]


def written(found: list[Citation]) -> list[str]:
    return [f"{one.document.name.text} {one.section}".replace("§ ", "§") for one in found]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        # a word of a title, of a section or of a document, names no document
        ("AF §5 (règlement du solde) et §6", ["AF §5", "AF §6"]),
        ("AF §5, règlement du solde, §6", ["AF §5", "AF §6"]),
        ("AF §5 Règlement des factures, §6", ["AF §5", "AF §6"]),
        ("AF §5, l'instruction et le règlement d'une avance, §6", ["AF §5", "AF §6"]),
        ("AF §5 « Convention » et §6", ["AF §5", "Convention §6"]),
        ("AF §5 « La convention, le règlement » et §6", ["AF §5", "AF §6"]),
        ("AF §4, modalités de règlement, §6", ["AF §4", "AF Modalités de Règlement", "AF §6"]),
        ("AF §5, délai de règlement, §6", ["AF §5", "AF §6"]),
        ("Règlement intérieur annexé à la Convention, art. 3", ["Règlement art. 3"]),
        # a document is named by its name, by its title, or with its date
        ("AF §5 et règlement, §1", ["AF §5", "Règlement §1"]),
        ("AF §5, le Règlement art. 3", ["AF §5", "Règlement art. 3"]),
        ("AF §5, convention du 3 mai 2023, §1", ["AF §5", "Convention §1"]),
        ("AF §5, règlement du 3 mai 2023, §1", ["AF §5", "Règlement §1"]),
        ("Règlement du solde, §1", ["Règlement §1"]),
    ],
)
def test_a_word_of_a_title_is_no_document(source: str, found: list[str]) -> None:
    assert written(cited(source, TITLED)) == found


def test_a_title_inside_a_word_is_not_cited() -> None:
    assert written(cited("AF plaide §4", [document("AF", "§4", "Aide")])) == ["AF §4"]
    assert written(cited("AF Aide, §4", [document("AF", "§4", "Aide")])) == ["AF Aide", "AF §4"]
