"""Working days: `jours_ouvres` (Monday to Friday), `jours_ouvrables` (Monday to Saturday), without public holidays.

Holidays are the values of a parameter over time, one list for each year, so that no calculation goes beyond the years
that the pack has: it is then unknown.  Each operation has two implementations, one per evaluator: the first looks at
each day, the second counts weeks and finds holidays by bisection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from recevable.language.history import History, value_at

# The weekday on which the rest of the week begins: Saturday, and Sunday.
OPENED: Final = 5
WORKED: Final = 6
_ONE_DAY: Final = timedelta(days=1)
# The most days that an operation goes through.
_LONGEST: Final = 400 * 366


def is_holiday(day: date, holidays: History) -> bool | None:
    """Whether a day is a public holiday; None in a year that the pack does not have."""
    listed = value_at(holidays, day)
    return None if listed is None else day in listed


def count_days(rest: int, first: date, last: date, holidays: History) -> int | None:
    """The number of working days after a day, up to another; negative when it comes before."""
    if last < first:
        found = count_days(rest, last, first, holidays)
        return None if found is None else -found
    total, day = 0, first
    while day < last:
        day += _ONE_DAY
        worked = _worked(day, rest, holidays)
        if worked is None:
            return None
        total += worked
    return total


def nth_day(rest: int, day: date, count: int, holidays: History) -> date | None:
    """The nth working day after a day, or before it when n is negative; the day itself for 0."""
    step = _ONE_DAY if count > 0 else -_ONE_DAY
    left = abs(count)
    if left > _LONGEST:
        return None
    while left:
        day += step
        worked = _worked(day, rest, holidays)
        if worked is None:
            return None
        left -= worked
    return day


def carried(day: date, holidays: History) -> date | None:
    """A day, or the first one after it that is neither a Saturday, a Sunday nor a holiday."""
    while True:
        worked = _worked(day, OPENED, holidays)
        if worked is not False:
            return None if worked is None else day
        day += _ONE_DAY


def _worked(day: date, rest: int, holidays: History) -> bool | None:
    holiday = is_holiday(day, holidays)
    return None if holiday is None else day.weekday() < rest and not holiday


# --- the second evaluator -------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _known(holidays: History, rest: int) -> tuple[date, date, tuple[date, ...]]:
    """The first and last days that have a list, and the holidays that are not days of rest."""
    last = holidays.until
    assert last is not None  # the pack refuses a calendar without end
    found = {day for listed in holidays.values for day in listed}
    return holidays.starts[0], last, tuple(sorted(day for day in found if day <= last and day.weekday() < rest))


def _whole(day: date, rest: int) -> int:
    """How many days of the week that are worked there are from 1 January of year 1, a Monday, to a day included."""
    weeks, more = divmod(day.toordinal(), 7)
    return weeks * rest + min(more, rest)


def _up_to(day: date, rest: int, listed: tuple[date, ...]) -> int:
    return _whole(day, rest) - bisect_right(listed, day)


def falls_on_holiday(day: date, holidays: History) -> bool | None:
    """`is_holiday`, for the second evaluator."""
    known = _known(holidays, 7)
    if not known[0] <= day <= known[1]:
        return None
    rank = bisect_left(known[2], day)
    return rank < len(known[2]) and known[2][rank] == day


def counted(rest: int, first: date, last: date, holidays: History) -> int | None:
    """`count_days`, for the second evaluator."""
    if first == last:
        return 0
    known = _known(holidays, rest)
    if min(first, last) < known[0] - _ONE_DAY or max(first, last) > known[1]:
        return None
    return _up_to(last, rest, known[2]) - _up_to(first, rest, known[2])


def moved(rest: int, day: date, count: int, holidays: History) -> date | None:
    """`nth_day`, for the second evaluator: the day that has the wanted number of working days up to it."""
    if not count:
        return day
    known = _known(holidays, rest)
    if abs(count) > _LONGEST:
        return None
    wanted = _up_to(day, rest, known[2]) + count
    if count < 0:
        # the day before counts one more unless it is not worked: the last day with one less, then the next
        wanted += not _is_worked(day, rest, known[2])
    low, high = known[0].toordinal(), known[1].toordinal()
    if count > 0:
        low = max(low, day.toordinal() + 1)
    else:
        high = min(high, day.toordinal() - 1)
    if (count > 0 and day < known[0] - _ONE_DAY) or (count < 0 and day > known[1] + _ONE_DAY):
        return None
    found = bisect_left(range(low, high + 1), wanted, key=lambda n: _up_to(date.fromordinal(n), rest, known[2])) + low
    return (
        date.fromordinal(found) if found <= high and _up_to(date.fromordinal(found), rest, known[2]) == wanted else None
    )


def next_worked(day: date, holidays: History) -> date | None:
    """`carried`, for the second evaluator."""
    first, last, listed = _known(holidays, OPENED)
    if not first <= day <= last:
        return None
    before = _up_to(day - _ONE_DAY, OPENED, listed)
    days = range(day.toordinal(), last.toordinal() + 1)
    rank = bisect_right(days, before, key=lambda n: _up_to(date.fromordinal(n), OPENED, listed))
    return date.fromordinal(days[rank]) if rank < len(days) else None


def _is_worked(day: date, rest: int, listed: tuple[date, ...]) -> bool:
    return _up_to(day, rest, listed) > _up_to(day - _ONE_DAY, rest, listed)
