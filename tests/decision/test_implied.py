"""When silence becomes a decision: of the same number to the same number, suspended, and never guessed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable import Dossier, MemorySource, Programme, open_programme
from recevable.decision.implied import end_of_delay
from recevable.language.calendar import Duration

ROOT = Path(__file__).parents[2]
DAY = date(2023, 9, 4)
TWO_MONTHS = Duration(months=2)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.fixture(scope="module")
def programme() -> Programme:
    return open_programme("af-ope-mss")


def dossier(**requests: Any) -> Dossier:
    return Dossier({"programme": "af-ope-mss", **requests}, "0" * 64)


@pytest.mark.parametrize(
    ("received", "end"),
    [
        ("2023-03-15", "2023-05-15"),
        ("2023-12-31", "2024-02-29"),  # a leap year
        ("2022-12-31", "2023-02-28"),
        ("2022-12-30", "2023-02-28"),
        ("2023-07-31", "2023-09-30"),
        ("2023-04-30", "2023-06-30"),  # the last day of a month is not carried to the last day
        ("2024-02-29", "2024-04-29"),
        ("2023-11-15", "2024-01-15"),
    ],
)
def test_a_delay_ends_on_the_same_number_or_the_last_day(received: str, end: str) -> None:
    found = end_of_delay(date.fromisoformat(received), TWO_MONTHS, "suspend", [])
    assert found == (date.fromisoformat(end), False)


@given(
    DAYS,
    st.integers(0, 14),
    st.integers(0, 40),
    st.lists(st.tuples(st.integers(-40, 900), st.integers(0, 90) | st.none()), max_size=5),
)
def test_a_suspended_delay_is_that_of_somebody_who_counts_days(
    received: date, months: int, days: int, asked: list[tuple[int, int | None]]
) -> None:
    completions = [
        (received + timedelta(start), None if length is None else received + timedelta(start + length))
        for start, length in asked
    ]
    assert end_of_delay(received, Duration(months=months, days=days), "suspend", completions) == _by_counting(
        received, months, days, completions
    )


def _by_counting(
    received: date, months: int, days: int, completions: list[tuple[date, date | None]]
) -> tuple[date | None, bool]:
    """Day after day, without the calendar arithmetic of the engine."""
    year, month = received.year, received.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    number = received.day
    while True:
        try:
            plain = date(year, month, number)
            break
        except ValueError:
            number -= 1
    left, day = (plain - received).days + days, received
    while True:
        if any(start <= day and answered is None for start, answered in completions):
            return None, True
        if any(answered is not None and start <= day < answered for start, answered in completions):
            day += timedelta(1)
        elif left == 0:
            return day, False
        else:
            left, day = left - 1, day + timedelta(1)


@given(DAYS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 90)), max_size=4))
def test_asking_for_more_never_brings_the_end_nearer(received: date, asked: list[tuple[int, int]]) -> None:
    completions = [(received + timedelta(s), received + timedelta(s + n)) for s, n in asked]
    plain, _ = end_of_delay(received, TWO_MONTHS, "sans_effet", completions)
    assert plain == end_of_delay(received, TWO_MONTHS, "suspend", [])[0]
    for effect in ("suspend", "interrompt"):
        end, suspended = end_of_delay(received, TWO_MONTHS, effect, completions)
        assert not suspended
        assert end is not None
        assert plain is not None
        assert end >= plain


def test_a_delay_that_starts_again_is_whole_from_the_answer() -> None:
    asked = [(date(2023, 1, 20), date(2023, 3, 31))]
    assert end_of_delay(date(2023, 1, 1), TWO_MONTHS, "interrompt", asked) == (date(2023, 5, 31), False)
    assert end_of_delay(date(2023, 1, 1), TWO_MONTHS, "interrompt", [(date(2023, 1, 20), None)]) == (None, True)


def test_what_is_asked_after_the_end_changes_nothing() -> None:
    for effect in ("suspend", "interrompt"):
        late = [(date(2023, 3, 2), None)]
        assert end_of_delay(date(2023, 1, 1), TWO_MONTHS, effect, late) == (date(2023, 3, 1), False)


def test_an_answer_before_the_question_is_refused(programme: Programme) -> None:
    found = dossier(avance={"recue_le": "2023-03-01T10:00:00+01:00"})
    with pytest.raises(ValueError, match="an answer"):
        programme.implied_decisions(found, DAY, {"avance": [(date(2023, 3, 9), date(2023, 3, 8))]})
    with pytest.raises(ValueError, match="'inconnue'"):
        programme.implied_decisions(found, DAY, {"inconnue": []})


def test_the_day_of_reception_is_that_of_the_programme(programme: Programme) -> None:
    (late,) = programme.implied_decisions(dossier(avance={"recue_le": "2023-03-01T23:30:00Z"}), DAY)
    assert (late.received, late.day, late.direction) == (date(2023, 3, 2), date(2023, 5, 2), "rejet")
    assert late.to_confirm
    assert "L231-4" in late.source


def test_what_is_not_known_is_not_guessed(programme: Programme) -> None:
    (unknown,) = programme.implied_decisions(dossier(solde={}), DAY)
    assert (unknown.request, unknown.received, unknown.day, unknown.suspended) == ("solde", None, None, False)
    (early,) = programme.implied_decisions(dossier(solde={"recue_le": "2023-07-18T09:00:00Z"}), date(2022, 1, 1))
    assert early.day is None


@pytest.mark.parametrize(("sense", "runs"), [("validee", False), ("rejetee", False), ("a_modifier", True)])
def test_an_answered_request_runs_no_more(programme: Programme, sense: str, runs: bool) -> None:
    found = dossier(avance={"recue_le": "2023-03-01T10:00:00Z", "decision": {"sens": sense}}, solde={})
    assert [one.request for one in programme.implied_decisions(found, DAY)] == ["avance"] * runs + ["solde"]


def test_the_applicant_is_where_the_manifest_says(programme: Programme) -> None:
    found = programme.applicant(
        dossier(operateur={"raison_sociale": " Hôpital ", "siret": "732 829 320 00074"}, ans={"referencement": {}})
    )
    assert (found.name, found.siret, found.identifiers) == ("Hôpital", "73282932000074", ())
    assert programme.applicant(dossier()).name == ""


def test_a_programme_that_says_nothing_of_silence_has_none() -> None:
    folder = ROOT / "tests" / "second_programme" / "prime-velo"
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    velo = open_programme(MemorySource(files))
    found = Dossier({"programme": "prime-velo", "prime": {"deposee_le": "2024-03-01T10:00:00Z"}}, "0" * 64)
    assert velo.implied_decisions(found, DAY) == ()
    assert velo.applicant(found) == type(velo.applicant(found))()
