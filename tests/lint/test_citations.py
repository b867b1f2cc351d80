"""Which document a source names."""

from __future__ import annotations

import pytest

from recevable.lint.citations import cited, names
from recevable.pack.model import Document
from recevable.pack.nodes import File, Scalar


def document(name: str, *sections: str) -> Document:
    def scalar(text: str) -> Scalar:
        return Scalar(text, False, File("programme.yaml", text), 0, len(text), 1, 1)

    return Document(scalar(name), name, tuple(map(scalar, sections)))


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
