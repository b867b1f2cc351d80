"""`soit x = a : b` is b with a in the place of x, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from recevable.language.check import MOST_NODES, size
from recevable.language.syntax import ExpressionError
from recevable.language.tree import Expr
from recevable.language.unparse import unparse

Typed = Callable[[str], Expr]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("soit x = age + 1 : x * x", "(age + 1) * (age + 1)"),
        ("soit x = age : soit y = x + 1 : y * x", "(age + 1) * age"),
        ("soit x = age > 2 : x et non x", "age > 2 et non age > 2"),
        ("soit l = lignes : somme(e dans l, e.prix)", "somme(e dans lignes, e.prix)"),
        ("soit f = piece : f.lisible et f.jour est present", "piece.lisible et piece.jour est present"),
        ("somme(e dans lignes, soit p = e.prix : p + p)", "somme(e dans lignes, e.prix + e.prix)"),
        ("somme(e dans lignes, soit a = e.acheteur : si a.siret = \"x\" alors 1 sinon 2)",
         "somme(e dans lignes, si e.acheteur.siret = \"x\" alors 1 sinon 2)"),
        ("non soit x = signe : x ou complet", "non (signe ou complet)"),
        ("plafond > (soit x = prix : x + x)", "plafond > prix + prix"),
    ],
)  # fmt: skip
def test_a_name_stands_for_its_expression(typed: Typed, text: str, same: str) -> None:
    if text.startswith("non soit"):
        text = text.replace("non soit", "non (soit") + ")"
    assert typed(text) == typed(same)
    assert typed(unparse(typed(text))) == typed(text)


def test_both_evaluators_agree_on_it(value: Callable[..., Any]) -> None:
    assert value("soit x = prix + 1.00 : si x > 3.00 alors x sinon x * 2", prix=Decimal("1.50")) == Decimal("5.00")
    assert value("soit x = prix + 1.00 : si x > 3.00 alors x sinon x * 2") is None


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("soit age = 3 : age", "désigne déjà autre chose", "soit age = 3 : age"),
        ("soit plafond = 3 : plafond", "désigne déjà autre chose", "soit plafond = 3 : plafond"),
        ("soit x = 1 : soit x = 2 : x", "désigne déjà autre chose", "soit x = 2 : x"),
        ("somme(e dans lignes, soit e = 1 : e)", "désigne déjà autre chose", "soit e = 1 : e"),
        ("soit min = 3 : min", "désigne déjà autre chose", "soit min = 3 : min"),
        ("soit x = 3 : age", "ne sert pas", "soit x = 3 : age"),
        ("soit x = 3 : x.a", "n'a pas de champs", "x.a"),
        ("soit x = age : x + \"a\"", "un nombre est attendu", '"a"'),
        ("(soit x = 3 : x) + x", "nom inconnu : `x`", "x"),
        ("soit x = age : x est present ou y", "nom inconnu : `y`", "y"),
        ("soit x 3 : x", "`=` est attendu", "3"),
        ("soit x.a = 3 : x", "un nom sans point est attendu", "x.a"),
        ("soit x = 3 x", "`:` est attendu", "x"),
    ],
)  # fmt: skip
def test_what_is_badly_named_is_refused(
    refusal: Callable[[str], ExpressionError], text: str, message: str, place: str
) -> None:
    fault = refusal(text)
    assert message in fault.message
    assert text[fault.start : fault.end] == place


def test_names_within_names_cannot_make_an_expression_without_bound(refusal: Callable[[str], ExpressionError]) -> None:
    doubled = "".join(f"soit x{n + 1} = x{n} + x{n} : " for n in range(30))
    assert "démesurée" in refusal(f"soit x0 = age + age : {doubled}x30 + x30").message


def test_what_is_accepted_has_a_bounded_size(typed: Typed) -> None:
    assert size(typed("soit x = age + age : x + x + x")) == 11 <= MOST_NODES
