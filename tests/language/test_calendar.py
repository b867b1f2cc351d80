"""Days, months and clocks: each doubtful case has one answer, or is refused."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.language.calendar import (
    END_OF_MONTH,
    NEXT_MONTH,
    Duration,
    day_of,
    end_of_day,
    last_day,
    localize,
    parse_date,
    parse_instant,
    shift,
    start_of_day,
)

PARIS = ZoneInfo("Europe/Paris")
DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))


# --- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0001-01-01", "2024-02-29", "9999-12-31"])
def test_a_day_is_read_as_it_is_written(text: str) -> None:
    assert parse_date(text).isoformat() == text


@pytest.mark.parametrize("text", ["2023-02-29", "2023-13-01", "2023-00-10", "2023-06-31", "0000-01-01"])
def test_a_day_that_does_not_exist_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=f"le jour {text} n'existe pas au calendrier"):
        parse_date(text)


@pytest.mark.parametrize("text", ["", "30/06/2023", "2023-6-30", "20230630", "2023-W26-5", "2023-06-30T", "٢٠٢٣-٠٦-٣٠"])
def test_a_day_written_otherwise_is_told_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match="une date s'écrit AAAA-MM-JJ"):
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2023-07-26T14:00:00", "2023-07-26T12:00:00"),
        ("2023-01-26T14:00:00", "2023-01-26T13:00:00"),
        ("2023-07-26T14:00:00Z", "2023-07-26T14:00:00"),
        ("2023-07-26T14:00:00+02:00", "2023-07-26T12:00:00"),
        ("2023-07-26T14:00:00-04:00", "2023-07-26T18:00:00"),
        ("2023-07-26T14:00:00.5", "2023-07-26T12:00:00.500000"),
        ("2023-07-26T14:00:00.000001Z", "2023-07-26T14:00:00.000001"),
        # the hours around both changes of the clocks
        ("2023-03-26T01:59:59", "2023-03-26T00:59:59"),
        ("2023-03-26T03:00:00", "2023-03-26T01:00:00"),
        ("2023-10-29T01:59:59", "2023-10-28T23:59:59"),
        ("2023-10-29T03:00:00", "2023-10-29T02:00:00"),
        ("2023-10-29T02:30:00+02:00", "2023-10-29T00:30:00"),
        ("2023-10-29T02:30:00+01:00", "2023-10-29T01:30:00"),
    ],
)
def test_an_instant_is_read_in_utc_or_in_the_zone_of_the_programme(text: str, utc: str) -> None:
    assert parse_instant(text, PARIS) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["2023-03-26T02:00:00", "2023-03-26T02:30:00", "2023-03-26T02:59:59"])
def test_a_local_time_skipped_by_summer_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"n'existe pas \(passage à l'heure d'été\)"):
        parse_instant(text, PARIS)


@pytest.mark.parametrize("text", ["2023-10-29T02:00:00", "2023-10-29T02:30:00", "2023-10-29T02:59:59"])
def test_a_local_time_that_happens_twice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"existe deux fois \(passage à l'heure d'hiver\)"):
        parse_instant(text, PARIS)


def test_the_last_hour_of_the_calendar_has_no_day_in_paris() -> None:
    assert parse_instant("9999-12-31T22:59:59Z", PARIS).hour == 22
    with pytest.raises(ValueError, match="hors du calendrier"):
        parse_instant("9999-12-31T23:00:00Z", PARIS)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+02:00", "9999-12-31T23:00:00-02:00", "0001-01-01T00:00:00"])
def test_an_instant_out_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hors du calendrier"):
        parse_instant(text, PARIS)


@given(st.builds(datetime.combine, DAYS, st.times()))
def test_a_local_time_is_refused_or_read_as_itself(moment: datetime) -> None:
    try:
        utc = localize(moment, PARIS)
    except ValueError:
        early, late = (moment.replace(tzinfo=PARIS, fold=fold) for fold in (0, 1))
        assert early.utcoffset() != late.utcoffset()
    else:
        assert utc.astimezone(PARIS).replace(tzinfo=None) == moment


# --- days of instants ---------------------------------------------------------------------------------------------


@given(DAYS)
def test_a_day_begins_and_ends_within_itself(day: date) -> None:
    start, end, least = start_of_day(day, PARIS), end_of_day(day, PARIS), timedelta(microseconds=1)
    assert day_of(start, PARIS) == day_of(end, PARIS) == day
    assert day_of(start - least, PARIS) == day - timedelta(days=1)
    assert day_of(end + least, PARIS) == day + timedelta(days=1)


@pytest.mark.parametrize(("day", "hours"), [(date(2023, 3, 26), 23), (date(2023, 10, 29), 25), (date(2023, 6, 30), 24)])
def test_a_day_lasts_as_long_as_its_clocks_say(day: date, hours: int) -> None:
    lasting = end_of_day(day, PARIS) - start_of_day(day, PARIS)
    assert lasting == timedelta(hours=hours, microseconds=-1)


# --- months -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "end_of_month", "next_month"),
    [
        ("2023-01-31", 1, "2023-02-28", "2023-03-01"),
        ("2024-01-31", 1, "2024-02-29", "2024-03-01"),
        ("2024-01-30", 1, "2024-02-29", "2024-03-01"),
        ("2023-01-28", 1, "2023-02-28", "2023-02-28"),
        ("2023-03-31", 1, "2023-04-30", "2023-05-01"),
        ("2023-12-31", 2, "2024-02-29", "2024-03-01"),
        ("2024-02-29", 12, "2025-02-28", "2025-03-01"),
        ("2024-02-29", 48, "2028-02-29", "2028-02-29"),
        ("1896-02-29", 48, "1900-02-28", "1900-03-01"),
        ("2023-03-31", -1, "2023-02-28", "2023-03-01"),
        ("2023-01-15", -1, "2022-12-15", "2022-12-15"),
        ("2023-11-30", 1, "2023-12-30", "2023-12-30"),
        ("2023-10-31", 3, "2024-01-31", "2024-01-31"),
        ("2023-06-30", 0, "2023-06-30", "2023-06-30"),
    ],
)
def test_a_month_later_falls_where_the_rule_says(day: str, months: int, end_of_month: str, next_month: str) -> None:
    moved = [
        shift(date.fromisoformat(day), Duration(months=months), overflow, PARIS)
        for overflow in (END_OF_MONTH, NEXT_MONTH)
    ]
    assert [found.isoformat() for found in moved] == [end_of_month, next_month]


@given(DAYS, st.integers(-400, 400))
def test_the_two_rules_differ_by_one_day_when_the_day_does_not_exist(day: date, months: int) -> None:
    last = shift(day, Duration(months=months), END_OF_MONTH, PARIS)
    following = shift(day, Duration(months=months), NEXT_MONTH, PARIS)
    assert following - last == timedelta(days=last.day != day.day)
    assert (following.day == 1) or last == following


@given(DAYS, st.integers(-400, 400))
def test_the_end_of_month_rule_stays_in_the_month_it_counts_to(day: date, months: int) -> None:
    moved = shift(day, Duration(months=months), END_OF_MONTH, PARIS)
    assert moved.year * 12 + moved.month == day.year * 12 + day.month + months
    assert moved.day <= day.day


@given(DAYS, DAYS)
def test_a_later_day_never_falls_earlier_once_shifted(one: date, other: date) -> None:
    month = Duration(months=1)
    first, second = sorted([one, other])
    for overflow in (END_OF_MONTH, NEXT_MONTH):
        assert shift(first, month, overflow, PARIS) <= shift(second, month, overflow, PARIS)


def test_months_are_added_before_days() -> None:
    moved = shift(date(2023, 1, 31), Duration(months=1, days=1), END_OF_MONTH, PARIS)
    assert moved == date(2023, 3, 1)


# --- instants -----------------------------------------------------------------------------------------------------


def paris(text: str) -> datetime:
    return parse_instant(text, PARIS)


@pytest.mark.parametrize(
    ("moment", "duration", "expected"),
    [
        ("2023-03-25T14:00:00", Duration(days=1), "2023-03-26T14:00:00"),
        ("2023-03-25T14:00:00", Duration(seconds=86_400), "2023-03-26T15:00:00"),
        ("2023-10-28T14:00:00", Duration(days=1), "2023-10-29T14:00:00"),
        ("2023-10-28T14:00:00", Duration(seconds=86_400), "2023-10-29T13:00:00"),
        ("2023-01-31T23:30:00", Duration(months=1), "2023-02-28T23:30:00"),
        ("2023-12-31T00:30:00", Duration(months=6), "2024-06-30T00:30:00"),
        # landing in an hour that is skipped, then in one that happens twice
        ("2023-03-25T02:30:00", Duration(days=1), "2023-03-26T03:30:00"),
        ("2023-10-28T02:30:00", Duration(days=1), "2023-10-29T02:30:00+02:00"),
        ("2023-03-25T02:30:00", Duration(days=1, seconds=3_600), "2023-03-26T04:30:00"),
    ],
)
def test_days_keep_the_local_hour_and_hours_do_not(moment: str, duration: Duration, expected: str) -> None:
    assert shift(paris(moment), duration, END_OF_MONTH, PARIS) == paris(expected)


def test_a_shifted_instant_is_still_in_utc() -> None:
    moved = shift(paris("2023-06-30T10:00:00"), Duration(months=1), END_OF_MONTH, PARIS)
    assert moved.tzinfo is UTC


# --- durations ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Duration(seconds=86_400), Duration(days=1)),
        (Duration(days=1, seconds=-3_600), Duration(seconds=82_800)),
        (Duration(), Duration(months=0, days=0, seconds=0)),
    ],
)
def test_durations_of_one_length_are_equal(one: Duration, other: Duration) -> None:
    assert one == other
    assert hash(one) == hash(other)


def test_months_are_not_days() -> None:
    assert Duration(months=1) != Duration(days=30)
    assert Duration(months=1) != Duration(days=31)


@given(*[st.tuples(st.just(0), st.integers(-50, 50), st.integers(-200_000, 200_000))] * 2)
def test_durations_without_months_are_ordered_as_seconds_are(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    first, second = timedelta(days=one[1], seconds=one[2]), timedelta(days=other[1], seconds=other[2])
    assert (Duration(*one) < Duration(*other)) is (first < second)
    assert (Duration(*one) >= Duration(*other)) is (first >= second)
    assert (Duration(*one) == Duration(*other)) is (first == second)


def test_a_duration_is_never_equal_to_a_number() -> None:
    assert Duration(days=1) != 86_400


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2023-10-29T02:30:00", ["2023-10-29T02:30:00+02:00", "2023-10-29T02:30:00+01:00"]),
        ("2023-03-26T02:30:00", ["2023-03-26T03:30:00+02:00"]),
    ],
)
def test_an_hour_of_a_change_of_the_clocks_is_told_with_what_to_write(text: str, written: list[str]) -> None:
    zone = ZoneInfo("Europe/Paris")
    with pytest.raises(ValueError, match="cette heure locale") as caught:
        parse_instant(text, zone)
    for advice in written:
        assert advice in str(caught.value)
        assert parse_instant(advice, zone).tzinfo is UTC


def test_the_last_day_of_a_month_is_that_of_the_library() -> None:
    for year in range(1, 10_000):
        assert [last_day(year, month) for month in range(1, 13)] == [
            monthrange(year, month)[1] for month in range(1, 13)
        ]
