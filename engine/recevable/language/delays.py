"""Delays of the law, in whole days: when one ends, what suspends it, what starts it again.

A delay runs from an event (a reception, a delivery) whose day does not count, and lapses at the end of its last day.
In months and years it ends on the day of the same number, or on the last day of a month that has no such day.  Every
day stays in the count; a delay may be carried from a last day that is not worked to the next one that is.  Nothing here
reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, timedelta
from typing import Final, NamedTuple

from msgspec import Struct

from recevable.language.calendar import END_OF_MONTH, Duration, shift
from recevable.language.history import History
from recevable.language.working_days import carried

# What a pause does to a delay: its days are not counted, or the delay starts again whole after it, or nothing.
SUSPENDS, RESTARTS, RUNS_ON = "suspend", "interrompt", "sans_effet"
_ONE_DAY: Final = timedelta(days=1)


class Pause(Struct, frozen=True, order=True):
    """Days that may not count in a delay: from `start`, until the day `resumes`, which counts again.

    `resumes` is `date.max` as long as nothing says when.
    """

    start: date
    resumes: date


class Lapse(NamedTuple):
    """The end of a delay: `counted`, its last day, and `day`, the same or the working day to which it is carried.

    `day` is None when the calendar of public holidays does not reach it.
    """

    counted: date
    day: date | None


class Run(Struct, frozen=True):
    """A delay that runs: its last day (None while a pause has no end), and the pauses that changed it, in order."""

    day: date | None
    pauses: tuple[Pause, ...] = ()

    def pause(self, on: date) -> Pause | None:
        """The pause that holds a day; None when the delay runs on it."""
        return next((one for one in self.pauses if one.start <= on < one.resumes), None)


def last_day(begins: date, delay: Duration) -> date:
    """The day at whose end a delay lapses; the last day of the calendar for one that goes beyond it."""
    try:
        return shift(begins, delay, END_OF_MONTH, UTC)
    except (OverflowError, ValueError):
        return date.max


def lapse(begins: date, delay: Duration, *, clear: bool = False, holidays: History | None = None) -> Lapse:
    """How a delay ends; `clear` (*délai franc*): its last day does not count either.

    With `holidays`, it is carried from a Saturday, a Sunday or a public holiday to the first day that is none of them.
    """
    end = last_day(begins, delay)
    if clear:
        end = _later(end, _ONE_DAY)
    return Lapse(end, end if holidays is None else carried(end, holidays))


def pause(start: date, ended: date | None, last: date | None) -> Pause:
    """The pause of a delay while somebody is given until `last` (included) to answer, who did on `ended`.

    It begins on `start`, and ends on the day of the answer or on the morrow of the day that was given, whichever comes
    first; None for a day that is not known.  Raises ValueError when it ends before it begins.
    """
    if ended is not None and ended < start:
        raise ValueError(f"an answer of {ended} to what was asked on {start}")
    if last is not None and last < start:
        raise ValueError(f"a delay that ends on {last} for what was asked on {start}")
    ends = [] if ended is None else [ended]
    if last is not None and last < date.max:
        ends.append(last + _ONE_DAY)
    return Pause(start, min(ends, default=date.max))


def run(begins: date, delay: Duration, effect: str = RUNS_ON, pauses: Iterable[Pause] = ()) -> Run:
    """A delay that runs from a day, with its pauses.

    A pause that begins after the end changes nothing.  SUSPENDS: its days are added to the end, once where two of them
    meet, and none before `begins`.  RESTARTS: the delay starts again, whole, on the day when the pause ends.
    """
    end, counted = last_day(begins, delay), begins
    applied: list[Pause] = []
    for one in sorted(pauses) if effect in (SUSPENDS, RESTARTS) else ():
        if one.start > end:
            break
        applied.append(one)
        if one.resumes == date.max:
            return Run(None, tuple(applied))
        if one.resumes > counted:
            added = one.resumes - max(one.start, counted)
            end = last_day(one.resumes, delay) if effect == RESTARTS else _later(end, added)
            counted = one.resumes
    return Run(end, tuple(applied))


def _later(day: date, added: timedelta) -> date:
    try:
        return day + added
    except OverflowError:
        return date.max
