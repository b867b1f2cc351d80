"""The delays that a programme counts, as dates: read from its parameters, and never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import holidays
import pytest

from recevable import MemorySource, Programme, open_programme
from recevable.language.calendar import Duration
from recevable.pack.delays import DELAYS

ROOT = Path(__file__).parents[2]
DAY = date(2023, 9, 4)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return open_programme("af-ope-mss")


@pytest.mark.parametrize(
    ("kind", "begins", "day"),
    [
        ("complement", date(2023, 9, 4), date(2023, 10, 4)),
        # clear: neither the day of the delivery nor the last one counts
        ("recours", date(2023, 1, 15), date(2023, 3, 16)),
        ("recours", date(2022, 12, 31), date(2023, 3, 1)),
        ("retrait", date(2023, 10, 31), date(2024, 2, 29)),
        ("mise_en_demeure", date(2024, 2, 1), date(2024, 4, 1)),
        ("contradictoire", date(2024, 2, 1), date(2024, 3, 2)),
        ("prescription", date(2024, 2, 29), date(2029, 2, 28)),
    ],
)
def test_a_delay_runs_from_its_event_and_says_its_text(
    programme: Programme, kind: str, begins: date, day: date
) -> None:
    (one,) = programme.clocks(kind, begins, DAY)
    assert (one.kind, one.title, one.begins, one.day, one.instant) == (kind, DELAYS[kind].title, begins, day, None)
    assert one.runs_from == DELAYS[kind].runs_from
    assert one.source
    assert one.to_confirm
    assert (one.lapsed(day), one.lapsed(date.fromordinal(day.toordinal() + 1))) == (False, True)


@pytest.mark.parametrize(
    ("delivered", "counted", "day"),
    [
        # a Saturday, a Sunday, a holiday on a Monday, a Friday that is none
        (date(2023, 3, 24), date(2023, 5, 25), date(2023, 5, 25)),
        (date(2023, 3, 5), date(2023, 5, 6), date(2023, 5, 9)),
        (date(2023, 3, 6), date(2023, 5, 7), date(2023, 5, 9)),
        (date(2023, 3, 7), date(2023, 5, 8), date(2023, 5, 9)),
        (date(2031, 10, 30), date(2031, 12, 31), date(2031, 12, 31)),
        # the calendar has no year 2032
        (date(2031, 10, 31), date(2032, 1, 1), None),
    ],
)
def test_an_appeal_ends_on_a_day_that_is_worked_or_is_not_known(
    programme: Programme, delivered: date, counted: date, day: date | None
) -> None:
    (one,) = programme.clocks("recours", delivered, DAY)
    assert (one.counted, one.day) == (counted, day)
    assert one.lapsed(counted) is (None if day is None else False)


@pytest.mark.parametrize(("name", "first"), [("af-ope-mss", 2022), ("reconditionneurs", 2021)])
def test_the_calendar_of_a_programme_is_that_of_the_library(name: str, first: int) -> None:
    parameter = open_programme(name).pack.parameters["feries_87"]
    found = [day for value in parameter.values for day in value.value]
    assert found == sorted(holidays.country_holidays("FR", years=range(first, 2032)))


def test_a_delay_that_a_person_gives_takes_the_place_of_the_programmes(programme: Programme) -> None:
    (one,) = programme.clocks("mise_en_demeure", DAY, DAY, days=15)
    assert (one.day, one.counted) == (date(2023, 9, 19), date(2023, 9, 19))
    assert one.source


def test_both_readings_of_the_end_of_controls_are_told_the_soonest_first(programme: Programme) -> None:
    strict, wide = programme.clocks("controle", None, DAY)
    assert (strict.day, strict.instant, strict.delay) == (date(2025, 6, 30), None, None)
    assert (wide.day, wide.instant) == (date(2025, 9, 28), datetime(2025, 9, 28, 12, tzinfo=UTC))
    assert strict.title == "Fin des contrôles, deux ans après la Date de clôture"
    assert strict.begins is None


def test_what_is_not_known_has_no_day(programme: Programme) -> None:
    (unknown,) = programme.clocks("recours", None, DAY)
    assert (unknown.begins, unknown.day, unknown.lapsed(DAY)) == (None, None, None)
    assert unknown.delay == Duration(months=2)
    (before,) = programme.clocks("recours", DAY, date(2022, 1, 1))
    assert (before.day, before.delay, before.source) == (None, None, "")


def test_a_kind_that_does_not_exist_is_refused(programme: Programme) -> None:
    with pytest.raises(ValueError, match="'recour'"):
        programme.clocks("recour", DAY, DAY)


def test_a_programme_that_counts_no_delay_has_no_clock_and_one_that_does_needs_no_code() -> None:
    folder = ROOT / "tests" / "second_programme" / "prime-velo"
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    for kind in DELAYS:
        assert open_programme(MemorySource(files)).clocks(kind, DAY, DAY) == ()
    files["programme.yaml"] += b"delais: {controle: conservation}\n"
    # a control that lasts a while runs from its event; a parameter of the reception is read on that day
    (one,) = open_programme(MemorySource(files)).clocks("controle", date(2024, 5, 10), date(2024, 6, 1))
    assert (one.begins, one.day, one.to_confirm) == (date(2024, 5, 10), date(2027, 5, 10), False)
    files["programme.yaml"] = files["programme.yaml"].replace(b"controle: conservation", b"recours: delai_de_demande")
    velo = open_programme(MemorySource(files))
    assert velo.clocks("recours", date(2023, 12, 31), date(2024, 6, 1))[0].day is None
    assert velo.clocks("recours", date(2024, 1, 1), date(2024, 6, 1))[0].day == date(2024, 7, 2)


def test_a_delay_is_not_negative(programme: Programme) -> None:
    with pytest.raises(ValueError, match="-1 days"):
        programme.clocks("recours", DAY, DAY, days=-1)
