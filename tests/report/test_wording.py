"""Values as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.decision.wording import amount, cents, count, number


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0", "0,00 €"),
        ("-0.00", "0,00 €"),
        ("8", "8,00 €"),
        ("8.5", "8,50 €"),
        ("250.000", "250,00 €"),
        ("0.125", "0,125 €"),
        ("0.1250", "0,125 €"),
        ("2.5E+5", "250 000,00 €"),
        ("-1234.5", "\N{MINUS SIGN}1 234,50 €"),
    ],
)
def test_an_amount_has_two_decimals_or_those_that_say_more(value: str, shown: str) -> None:
    assert amount(Decimal(value)).replace("\u202f", " ").replace("\u00a0", " ") == shown


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_cents_never_change_a_value(value: Decimal) -> None:
    exact = cents(value)
    assert exact == value
    exponent = exact.as_tuple().exponent
    assert isinstance(exponent, int)
    assert exponent <= -2
    assert exponent == -2 or exact.as_tuple().digits[-1] != 0


@pytest.mark.parametrize(("how_many", "said"), [(0, "0 dossier"), (1, "1 dossier"), (2, "2 dossiers")])
def test_what_is_counted_agrees(how_many: int, said: str) -> None:
    assert count(how_many, "dossier", "dossiers") == said


def test_thousands_are_apart() -> None:
    assert number(1_234_567) == "1\u202f234\u202f567"
