"""What was probably meant by a date, a number or a word written out of habit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.pack import hints


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31/07/2023", "2023-07-31"), ("1/7/2023", "2023-07-01"), ("31-07-2023", "2023-07-31"),
        ("31.07.2023", "2023-07-31"), ("31 juillet 2023", "2023-07-31"), ("1er août 2023", "2023-08-01"),
        ("1er AOÛT 2023", "2023-08-01"), ("2023/07/31", "2023-07-31"), ("2023-7-1", "2023-07-01"),
        ("« 31/07/2023 »", "2023-07-31"), ("29/02/2024", "2024-02-29"),
    ],
)  # fmt: skip
def test_a_day_is_understood_as_people_write_it(text: str, day: str) -> None:
    assert hints.day(text) == day


@pytest.mark.parametrize("text", ["", "31/07/23", "31/13/2023", "29/02/2023", "07/31/2023", "juillet 2023", "demain",
                                  "31/07/2023 à midi", "31 juillette 2023"])  # fmt: skip
def test_a_day_that_is_not_sure_is_not_guessed(text: str) -> None:
    assert hints.day(text) == ""


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("26/07/2023 14:00", "2023-07-26T14:00:00"), ("26/07/2023 à 14h", "2023-07-26T14:00:00"),
        ("26 juillet 2023, 14 h 30", "2023-07-26T14:30:00"), ("2023-07-26 14:00:05", "2023-07-26T14:00:05"),
        ("2023-07-26T9:00", "2023-07-26T09:00:00"),
    ],
)  # fmt: skip
def test_an_instant_is_understood_as_people_write_it(text: str, instant: str) -> None:
    assert hints.instant(text) == instant


@pytest.mark.parametrize("text", ["26/07/2023", "26/07/2023 25:00", "26/07/2023 14:61", "26/07/2023 14:00:60", "14:00"])
def test_an_instant_that_is_not_sure_is_not_guessed(text: str) -> None:
    assert hints.instant(text) == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("6666,67", "6666.67"), ("6 666,67 €", "6666.67"), ("6\u00a0666,67", "6666.67"),
        ("6\u202f666,67 euros", "6666.67"), ("6.666,67", "6666.67"), ("6,666.67", "6666.67"), ("-12,5", "-12.5"),
        ("12", "12"), ("“58.33”", "58.33"),
        ("20 %", "0.2"), ("8,5 %", "0.085"), ("8,5%", "0.085"), ("1_000", "1000"), ("100 %", "1"),
    ],
)  # fmt: skip
def test_a_number_is_understood_as_people_write_it(text: str, number: str) -> None:
    assert hints.number(text) == number


@pytest.mark.parametrize("text", ["", "douze", "1,2,3", "1.2.3", "12 km", "--1", "1e3", "٣"])
def test_a_number_that_is_not_sure_is_not_guessed(text: str) -> None:
    assert hints.number(text) == ""


@pytest.mark.parametrize("text", ["oui", "Oui", "yes", "on", "vrai", "TRUE", "1"])
def test_a_yes_means_true(text: str) -> None:
    assert hints.boolean(text) == "true"


@pytest.mark.parametrize("text", ["non", "NON", "no", "off", "faux", "False", "0"])
def test_a_no_means_false(text: str) -> None:
    assert hints.boolean(text) == "false"


def test_neither_yes_nor_no_means_nothing() -> None:
    assert hints.boolean("peut-être") == ""


@pytest.mark.parametrize(
    ("word", "help"),
    [
        ("réparation", "Écrivez `reparation`, sans accent ni espace."),
        ("re\u0301paration", "Écrivez `reparation`, sans accent ni espace."),
        ("Reparation", "Écrivez `reparation`."),
        ("si absente", "Écrivez `si_absente`, sans accent ni espace."),
        ("si-absente", "Écrivez `si_absente`."),
        ("si\u00a0absente", "Écrivez `si_absente`, sans accent ni espace."),
        ("reparaton", "Vouliez-vous dire `reparation` ?"),
        ("zzz", ""),
    ],
)
def test_a_word_is_recognised_without_its_accents_and_capitals(word: str, help: str) -> None:
    assert hints.did_you_mean(word, ["reparation", "si_absente"]) == help


def test_the_closest_word_comes_first() -> None:
    assert hints.nearest("condtion", ["conditions", "condition", "conduction"])[0] == "condition"


@given(st.text(max_size=30))
def test_no_text_makes_a_hint_fail(text: str) -> None:
    hints.day(text), hints.instant(text), hints.number(text), hints.boolean(text)
    hints.did_you_mean(text, ["reparation", text[::-1]])
