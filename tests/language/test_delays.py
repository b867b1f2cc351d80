"""Delays of the law, against somebody who counts them day by day on fifty years of calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.language.calendar import Duration, months_between
from recevable.language.delays import RESTARTS, RUNS_ON, SUSPENDS, Pause, Run, last_day, pause, run

FIRST, LAST = date(2000, 1, 1), date(2049, 12, 31)
DAYS = st.dates(FIRST, LAST)
ONE_DAY = timedelta(days=1)
TWO_MONTHS = Duration(months=2)
PAUSES = st.lists(st.tuples(st.integers(-40, 900), st.integers(0, 90) | st.none()), max_size=5)


def _pauses(begins: date, written: list[tuple[int, int | None]]) -> list[Pause]:
    starts = [(begins + timedelta(days=start), length) for start, length in written]
    return [Pause(start, date.max if n is None else start + timedelta(days=n)) for start, n in starts]


def _months_later(day: date, months: int) -> date:
    """Month after month on a calendar, then back from the number of the day to one that the month has."""
    year, month, number = day.year, day.month, day.day
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    while True:
        try:
            return date(year, month, number)
        except ValueError:
            number -= 1


def test_every_day_of_fifty_years_ends_where_somebody_who_turns_the_pages_says() -> None:
    day = FIRST
    while day <= LAST:
        for months in (1, 2, 4, 24, 60):
            assert last_day(day, Duration(months=months)) == _months_later(day, months), (day, months)
        for days in (0, 15, 30, 60):
            assert last_day(day, Duration(days=days)).toordinal() == day.toordinal() + days, (day, days)
        day += ONE_DAY


@pytest.mark.parametrize(
    ("begins", "end"),
    [
        ("2023-03-15", "2023-05-15"),
        ("2023-12-31", "2024-02-29"),
        ("2022-12-31", "2023-02-28"),
        ("2023-04-30", "2023-06-30"),  # the last day of a month is not carried to the last day
        ("2024-02-29", "2024-04-29"),
    ],
)
def test_months_end_on_the_same_number_or_on_the_last_day(begins: str, end: str) -> None:
    assert last_day(date.fromisoformat(begins), TWO_MONTHS) == date.fromisoformat(end)


@given(DAYS, st.integers(0, 72))
def test_the_months_of_a_delay_are_complete_on_its_last_day_and_not_the_day_before(begins: date, months: int) -> None:
    end = last_day(begins, Duration(months=months))
    assert months_between(begins, end, begun=False) == months
    assert months == 0 or months_between(begins, end - ONE_DAY, begun=False) == months - 1


@given(DAYS, st.integers(0, 14), st.integers(0, 40), PAUSES)
def test_a_suspended_delay_is_that_of_somebody_who_counts_days(
    begins: date, months: int, days: int, written: list[tuple[int, int | None]]
) -> None:
    pauses = _pauses(begins, written)
    found = run(begins, Duration(months=months, days=days), SUSPENDS, pauses)
    assert found.day == _by_counting(begins, months, days, pauses)


def _by_counting(begins: date, months: int, days: int, pauses: list[Pause]) -> date | None:
    """Day after day, without the calendar arithmetic of the engine."""
    left = ((_months_later(begins, months)) - begins).days + days
    day = begins
    while True:
        holding = [one for one in pauses if one.start <= day < one.resumes]
        if any(one.resumes == date.max for one in holding):
            return None
        if holding:
            day += ONE_DAY
        elif left == 0:
            return day
        else:
            left, day = left - 1, day + ONE_DAY


@given(DAYS, st.integers(0, 14), PAUSES)
def test_a_delay_that_starts_again_runs_whole_from_the_last_pause_that_it_met(
    begins: date, months: int, written: list[tuple[int, int | None]]
) -> None:
    pauses = _pauses(begins, written)
    day, counted, met = begins, begins, set[Pause]()
    while True:
        # asked and answered on one day: the delay starts again too
        holding = [one for one in pauses if one.start <= day < one.resumes or one.start == day == one.resumes]
        holding = [one for one in holding if one not in met]
        met.update(holding)
        if any(one.resumes == date.max for one in holding):
            assert run(begins, Duration(months=months), RESTARTS, pauses).day is None
            return
        if holding:
            day = counted = max(one.resumes for one in holding)
        elif day == _months_later(counted, months):
            break
        else:
            day += ONE_DAY
    assert run(begins, Duration(months=months), RESTARTS, pauses).day == day


@given(DAYS, PAUSES)
def test_a_pause_never_brings_the_end_nearer(begins: date, written: list[tuple[int, int | None]]) -> None:
    pauses = _pauses(begins, written)
    plain = last_day(begins, TWO_MONTHS)
    assert run(begins, TWO_MONTHS, RUNS_ON, pauses) == Run(plain)
    for effect in (SUSPENDS, RESTARTS):
        end = run(begins, TWO_MONTHS, effect, pauses).day
        assert end is None or end >= plain


@given(DAYS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 90)), max_size=4), st.integers(0, 400))
def test_a_delay_is_held_on_the_days_of_the_pauses_that_changed_it(
    begins: date, written: list[tuple[int, int]], after: int
) -> None:
    found = run(begins, TWO_MONTHS, SUSPENDS, _pauses(begins, [*written]))
    day = begins + timedelta(days=after)
    held = found.pause(day)
    assert (held is not None) == any(one.start <= day < one.resumes for one in found.pauses)
    assert found.day is not None
    assert day <= found.day or held is None


# --- what ends a pause ------------------------------------------------------------------------------------------------

ASKED = date(2023, 3, 1)


@pytest.mark.parametrize(
    ("answered", "given", "resumes"),
    [
        (date(2023, 3, 10), date(2023, 3, 31), date(2023, 3, 10)),  # the answer comes first
        (date(2023, 3, 31), date(2023, 3, 31), date(2023, 3, 31)),  # on the last day
        (date(2023, 4, 20), date(2023, 3, 31), date(2023, 4, 1)),  # too late: the delay that was given has ended it
        (None, date(2023, 3, 31), date(2023, 4, 1)),
        (date(2023, 3, 10), None, date(2023, 3, 10)),
        (None, None, date.max),
        (ASKED, date(2023, 3, 31), ASKED),
        (None, ASKED, date(2023, 3, 2)),
    ],
)
def test_an_answer_or_the_end_of_what_was_given_ends_a_pause(
    answered: date | None, given: date | None, resumes: date
) -> None:
    assert pause(ASKED, answered, given) == Pause(ASKED, resumes)


def test_what_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="an answer"):
        pause(ASKED, ASKED - ONE_DAY, None)
    with pytest.raises(ValueError, match="a delay that ends"):
        pause(ASKED, None, ASKED - ONE_DAY)


def test_a_pause_after_the_end_changes_nothing() -> None:
    for effect in (SUSPENDS, RESTARTS):
        late = [Pause(date(2023, 3, 2), date.max)]
        assert run(date(2023, 1, 1), TWO_MONTHS, effect, late) == Run(date(2023, 3, 1))


def test_a_delay_beyond_the_calendar_ends_with_it() -> None:
    assert last_day(date(2023, 1, 1), Duration(months=12 * 9000)) == date.max
    assert run(date(2023, 1, 1), Duration(months=12 * 7970), SUSPENDS, [Pause(ASKED, date(9000, 1, 1))]).day == date.max
