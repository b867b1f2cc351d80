"""Diagnostics: values that say what is wrong, where, and what was perhaps meant."""

from __future__ import annotations

import re

import pytest

from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity, Span, suggest

NAMES = ["avance.recue_le", "solde.recue_le", "plafond"]


@pytest.mark.parametrize(
    ("word", "help"),
    [
        ("plafon", "Vouliez-vous dire `plafond` ?"),
        ("avance.recu_le", "Vouliez-vous dire `avance.recue_le` ou `solde.recue_le` ?"),
        ("PLAFOND", ""),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_the_closest_names_are_suggested(word: str, help: str) -> None:
    assert suggest(word, NAMES) == help


def test_at_most_three_names_are_suggested() -> None:
    help = suggest("piece", [f"piece{n}" for n in range(9)])
    assert help.count("`") == 6
    assert re.fullmatch(r"Vouliez-vous dire `piece\d`, `piece\d` ou `piece\d` \?", help)


def test_nothing_is_suggested_among_nothing() -> None:
    assert suggest("piece", []) == ""


def test_a_span_is_written_as_editors_read_it() -> None:
    assert str(Span("regles/avance.yaml", 12, 5, 3)) == "regles/avance.yaml:12:5"


def test_a_diagnostic_is_an_error_unless_it_says_otherwise() -> None:
    assert Diagnostic("PAQ-NOM", "nom inconnu").severity is Severity.ERROR


def test_an_error_keeps_every_diagnostic_in_order() -> None:
    found = [Diagnostic("B", "second fault"), Diagnostic("A", "first fault")]
    error = DiagnosticError(found)
    assert error.diagnostics == tuple(found)
    assert str(error) == "second fault; first fault"
