"""Trees back to text: canonical, with the parentheses that are needed and no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from recevable.language.calendar import Duration
from recevable.language.tree import Expr
from recevable.language.unparse import literal, unparse

Typed = Callable[[str], Expr]


@pytest.mark.parametrize(
    "text",
    [
        "age + rang * 2",
        "(age + rang) * 2",
        "age - rang - 2",
        "age - (rang - 2)",
        "age - (rang + 2)",
        "prix / 2 / 3",
        "prix / (2 / 3)",
        "-age + -(rang + 1)",
        "--age",
        "-(age * 2)",
        "non (signe et complet)",
        "non signe et complet",
        "non age = 3",
        "(non signe) = complet",
        "(age = 3) = signe",
        "signe et (complet ou est_acheteur)",
        "signe et complet ou est_acheteur",
        "signe et (complet et est_acheteur)",
        "signe et (si complet alors vrai sinon faux)",
        "si signe alors 1 sinon si complet alors 2 sinon 3",
        "(si signe alors 1 sinon 2) + 3",
        "age dans [1, rang + 1, (si signe alors 1 sinon 2)]",
        "signe dans [(complet et vrai), (age = 1), (non complet)]",
        "(age = 1) dans [vrai, faux]",
        "age + 1 entre rang et rang * 2",
        "(signe = complet) = (age entre 1 et 2)",
        "piece.lisible est absent",
        "min(age, rang + 1, -2)",
        "somme(l dans lignes, si l.recu alors l.prix sinon 0)",
        "tous(l dans lignes, certains(m dans lignes, m.prix = l.prix))",
        "tous(l dans lignes, l.jour est present)",
        'reponse("APP-AVIS") = "favorable"',
        'decale(jour, 24 mois, "fin_de_mois")',
        "jour + 15 jours <= aujourd_hui",
        "recu < 2023-07-26T12:00:00Z",
        'nom = ""',
        "taux = 0.20",
        "recu + 86400 secondes < ferme",
    ],
)
def test_a_canonical_text_is_written_back_as_it_was(text: str, typed: Typed) -> None:
    assert unparse(typed(text)) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("((age))+( rang )", "age + rang"),
        ("(age * rang) + (age / rang)", "age * rang + age / rang"),
        ("(signe et complet) ou (non (signe))", "signe et complet ou non signe"),
        ("demande.lisible", "piece.lisible"),
        ("piece est presente", "piece est present"),
        ('decale(jour, 2 ans, "fin_de_mois")', 'decale(jour, 24 mois, "fin_de_mois")'),
        ("recu + 24 heures < ferme", "recu + 86400 secondes < ferme"),
        ("recu < 2023-07-26T14:00:00", "recu < 2023-07-26T12:00:00Z"),
        ("age = 007", "age = 7"),
    ],
)
def test_a_text_is_put_in_its_canonical_form(text: str, canonical: str, typed: Typed) -> None:
    assert unparse(typed(text)) == canonical
    assert typed(canonical) == typed(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "inconnu"),
        (True, "vrai"),
        (False, "faux"),
        (0, "0"),
        (-7, "-7"),
        (Decimal("8000.00"), "8000.00"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("-0.00"), "0.00"),
        (Decimal("-0.01"), "-0.01"),
        ("été", '"été"'),
        (date(2023, 6, 30), "2023-06-30"),
        (datetime(2023, 6, 30, 12, tzinfo=UTC), "2023-06-30T12:00:00Z"),
        (datetime(2023, 6, 30, 14, tzinfo=timezone(timedelta(hours=2))), "2023-06-30T12:00:00Z"),
        (Duration(), "0 jours"),
        (Duration(14, 2, 3), "14 mois 2 jours 3 secondes"),
        (Duration(days=-2), "-2 jours"),
        ([1, 2], "[2 élément(s)]"),
        ({"a": 1}, "{…}"),
    ],
)
def test_a_value_is_written_as_the_language_does(value: Any, text: str) -> None:
    assert literal(value) == text
