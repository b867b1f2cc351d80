"""Moments of an example, moved as a date of the text was."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from recevable.trials.moved import Move

PARIS = ZoneInfo("Europe/Paris")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


ONE_DAY = Move(instant("2023-09-28T14:00:00"), instant("2023-09-29T14:00:00"), PARIS)
TO_WINTER = Move(instant("2023-09-28T14:00:00"), instant("2023-11-28T09:30:00"), PARIS)
ALL = Move(instant("2023-09-28T14:00:00"), instant("2023-09-29T14:00:00"), PARIS, timedelta.max)
BY_DAY = Move(date(2023, 9, 28), date(2023, 10, 5), PARIS)


@pytest.mark.parametrize(
    ("move", "text", "moved"),
    [
        (ONE_DAY, "2023-09-28T14:00:01+02:00", "2023-09-29T14:00:01+02:00"),
        (ONE_DAY, "2023-09-28T12:00:01Z", "2023-09-29T12:00:01Z"),
        (ONE_DAY, "2023-09-28T08:00:01-04:00", "2023-09-29T08:00:01-04:00"),
        (ONE_DAY, "2023-09-28T14:00:01", "2023-09-29T14:00:01"),
        (ONE_DAY, "2023-09-29", "2023-09-30"),
        # the hour of the zone changes, and its offset with it
        (TO_WINTER, "2023-09-28T14:00:01+02:00", "2023-11-28T09:30:01+01:00"),
        (TO_WINTER, "2023-09-28T12:00:00Z", "2023-11-28T08:30:00Z"),
        (BY_DAY, "2023-09-28T23:59:59+02:00", "2023-10-05T23:59:59+02:00"),
        (BY_DAY, "2023-09-30", "2023-10-07"),
        (ALL, "2020-01-01T12:00:00+01:00", "2020-01-02T12:00:00+01:00"),
        # what is far from the date has nothing to do with it
        (ONE_DAY, "2023-10-15", "2023-10-15"),
        (ONE_DAY, "2023-09-24T12:00:00+02:00", "2023-09-24T12:00:00+02:00"),
        # what looks like a moment and is none
        (ONE_DAY, "2023-13-28", "2023-13-28"),
        (ONE_DAY, "DOSSIER-2023-09-28", "DOSSIER-2023-09-28"),
        (ONE_DAY, "8000.00", "8000.00"),
    ],
)
def test_a_moment_moves_with_the_date(move: Move, text: str, moved: str) -> None:
    assert move.moved(text) == moved


def test_the_moments_of_a_text_move_each_for_itself() -> None:
    text = '{avec: {a.le: "2023-09-28T14:00:00+02:00", b.le: "2020-01-01"}, resultat: satisfait}  # au 2023-09-28'
    assert ONE_DAY.moved(text) == (
        '{avec: {a.le: "2023-09-29T14:00:00+02:00", b.le: "2020-01-01"}, resultat: satisfait}  # au 2023-09-29'
    )
