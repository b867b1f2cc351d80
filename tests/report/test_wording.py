"""Values as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.decision.wording import amount, cents, count, moment, number
from recevable.language.calendar import end_of_day


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


@pytest.mark.parametrize(
    ("second", "shown"),
    [("14:00:00", "14:00:00"), ("14:00:00.500000", "14:00:00,5"), ("23:59:59.999998", "23:59:59,999998")],
)
def test_a_moment_has_the_fraction_that_it_has(second: str, shown: str) -> None:
    assert moment(datetime.fromisoformat(f"2023-06-30T{second}+00:00"), UTC) == f"30 juin 2023 à {shown}"


def test_the_end_of_a_day_is_shown_as_its_last_second() -> None:
    paris = ZoneInfo("Europe/Paris")
    assert moment(end_of_day(date(2023, 6, 30), paris), paris) == "30 juin 2023 à 23:59:59"
