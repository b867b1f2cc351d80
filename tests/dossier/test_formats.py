"""The formats of a dossier: what is well formed is read, and check digits are left to the rules."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from recevable.dossier.formats import NAMES, parsers, validators

PARIS = ZoneInfo("Europe/Paris")
PARSERS, ACCEPTS = parsers(PARIS), validators(PARIS)


@pytest.mark.parametrize("text", ["0.00", "8000.00", "-1.50", "999999999999.99"])
def test_an_amount_has_exactly_two_decimals(text: str) -> None:
    assert ACCEPTS["montant"](text)


@pytest.mark.parametrize(
    "text",
    ["", "8000", "8000.0", "8000.000", "8000,00", "8 000.00", "8\u00a0000.00", "+8000.00", ".50", "8000.00\n",
     "8000.00 €", "8e3", "1234567890123.00", "٨٠٠٠.٠٠", "NaN", "--1.00", "0x10.00"],
)  # fmt: skip
def test_what_is_not_an_amount_is_refused_with_an_example(text: str) -> None:
    assert not ACCEPTS["montant"](text)
    with pytest.raises(ValueError, match=r"par exemple 8000\.00"):
        PARSERS["montant"](text)


@pytest.mark.parametrize(("text", "accepted"), [
    ("0", True), ("1", True), ("0.2", True), ("0.20", True), ("0.0850", True), ("0.08500", False),
    ("1.0", True), ("1.0000", True), ("1.00000", False), ("1.0001", False), ("1.", False),
    ("20", False), ("20 %", False), ("0,20", False), ("-0.20", False), (".2", False), ("0.", False), ("0.2\n", False),
])  # fmt: skip
def test_a_rate_is_between_0_and_1_in_four_decimals(text: str, accepted: bool) -> None:
    assert ACCEPTS["taux"](text) is accepted


@pytest.mark.parametrize(("text", "accepted"), [
    ("2023-06-30", True), ("2024-02-29", True), ("2023-02-29", False), ("2023-02-31", False), ("2023-13-01", False),
    ("0000-01-01", False), ("23-06-30", False), ("2023-6-30", False), ("30/06/2023", False), ("2023-W18-4", False),
    ("20230630", False), ("2023-06-30T00:00:00", False), ("٢٠٢٣-٠٥-٠٤", False), ("2023-06-30\n", False), ("", False),
])  # fmt: skip
def test_a_date_is_a_day_of_the_calendar(text: str, accepted: bool) -> None:
    assert ACCEPTS["date"](text) is accepted


@pytest.mark.parametrize(("text", "accepted"), [
    ("2023-07-26T14:00:00", True), ("2023-07-26T14:00:00Z", True), ("2023-07-26T14:00:00+02:00", True),
    ("2023-07-26T14:00:00.5-11:00", True), ("2023-07-26T14:00:00.1234567", False), ("2023-07-26T24:00:00", False),
    ("2023-07-26T13:59:60Z", False), ("2023-07-26T14:00", False), ("2023-07-26", False), ("2023-07-26 14:00:00", False),
    ("2023-07-26T14:00:00z", False), ("2023-07-26T14:00:00+25:00", False), ("2023-07-26T14:00:00[Europe/Paris]", False),
    ("2023-03-26T02:30:00", False), ("2023-03-26T02:30:00+02:00", True),
    ("2023-10-29T02:30:00", False), ("2023-10-29T02:30:00+01:00", True),
    ("0001-01-01T00:00:00+14:00", False), ("9999-12-31T23:59:59-12:00", False),
])  # fmt: skip
def test_an_instant_is_one_and_only_one_moment(text: str, accepted: bool) -> None:
    assert ACCEPTS["instant"](text) is accepted


def test_check_digits_are_left_to_the_rules() -> None:
    assert set(PARSERS) == {"instant", "date", "montant", "taux", "lisible"}


def test_every_strict_format_has_a_name_in_a_sentence() -> None:
    assert set(NAMES) == set(PARSERS)
