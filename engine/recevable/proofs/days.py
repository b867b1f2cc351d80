"""Days, months and the zone of a programme for the solver, over bounded years: functions by intervals."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import Any

from recevable.language.calendar import END_OF_MONTH
from recevable.proofs.terms import DAY, MICROSECOND, choose, integer, moment, tree

_HOUR = timedelta(hours=1)


class Calendar:
    """The days of the years from `first` to `last`, both included, in a zone.

    `within` collects the conditions under which what was asked stays inside them: they bound what is proved.
    """

    def __init__(self, zone: tzinfo, first: int, last: int) -> None:
        self.zone, self.first, self.last = zone, first, last
        self.within: list[Any] = []
        self._days: dict[int, tuple[Any, Any, Any]] = {}

    @cached_property
    def _months(self) -> list[date]:
        return [date(year, month, 1) for year in range(self.first, self.last + 1) for month in range(1, 13)]

    @cached_property
    def _offsets(self) -> tuple[list[datetime], list[int]]:
        """The instants at which the offset to UTC changes, and the offsets in microseconds, before and after each."""
        now, end = datetime(self.first, 1, 1, tzinfo=UTC), datetime(self.last + 1, 1, 1, tzinfo=UTC)
        changes: list[datetime] = []
        offsets = [self._offset(now)]
        while now < end:
            following = now + 24 * _HOUR
            if self._offset(following) != offsets[-1]:
                low, high = now, following
                while high - low > timedelta(seconds=1):
                    middle = low + (high - low) // 2
                    low, high = (middle, high) if self._offset(middle) == offsets[-1] else (low, middle)
                changes.append(high.replace(microsecond=0))
                offsets.append(self._offset(following))
            now = following
        return changes, offsets

    def _offset(self, at: datetime) -> int:
        offset = at.astimezone(self.zone).utcoffset()
        assert offset is not None
        return offset // MICROSECOND

    def keep_day(self, day: Any) -> None:
        """Bound what is proved to the dossiers in which a day is inside the years."""
        self.within += [
            day >= integer(date(self.first, 1, 1).toordinal()),
            day <= integer(date(self.last, 12, 31).toordinal()),
        ]

    def keep_instant(self, at: Any) -> None:
        """The same for an instant."""
        first, last = datetime(self.first, 1, 2, tzinfo=UTC), datetime(self.last, 12, 31, tzinfo=UTC)
        self.within += [at >= integer(moment(first)), at <= integer(moment(last))]

    def local(self, at: Any) -> Any:
        """The local time of an instant, in microseconds since local 1970."""
        return self._read(at)[1]

    def day(self, at: Any) -> Any:
        """The local day of an instant (`date_de`)."""
        return self._read(at)[2]

    def _read(self, at: Any) -> tuple[Any, Any, Any]:
        """An instant, kept so that its identity is not given to another, its local time and its local day."""
        known = self._days.get(at.get_id())
        if known is None:
            self.keep_instant(at)
            changes, offsets = self._offsets
            local = at + tree([moment(one) for one in changes], [integer(one) for one in offsets], at)
            day = local / integer(DAY) + integer(date(1970, 1, 1).toordinal())
            known = self._days[at.get_id()] = (at, local, day)
        return known

    def instant(self, day: Any, time_of_day: Any) -> Any:
        """The instant of a local day and time; as `datetime` with `fold=0` when the hour is skipped or comes twice."""
        self.keep_day(day)
        local = (day - integer(date(1970, 1, 1).toordinal())) * integer(DAY) + time_of_day
        changes, offsets = self._offsets
        walls = [
            moment(change) + max(before, after)
            for change, before, after in zip(changes, offsets, offsets[1:], strict=False)
        ]
        return local - tree(walls, [integer(one) for one in offsets], local)

    def start(self, day: Any) -> Any:
        """`debut_de_jour`."""
        return self.instant(day, integer(0))

    def end(self, day: Any) -> Any:
        """`fin_de_jour`."""
        last = datetime.combine(date(1970, 1, 1), time.max, UTC)
        return self.instant(day, integer(moment(last)))

    def shifted(self, day: Any, months: int, overflow: str) -> Any:
        """A day some months later (`decale`); `overflow` says what to do when there is no such day."""
        if months == 0:
            return day
        leaves = []
        for first in self._months:
            rank = first.year * 12 + first.month - 1 + months
            year, month = divmod(rank, 12)
            if not 1 <= year <= 9999:
                leaves.append(day)
                continue
            target, length = date(year, month + 1, 1).toordinal(), monthrange(year, month + 1)[1]
            here = day - integer(first.toordinal())
            beyond = target + length - (1 if overflow == END_OF_MONTH else 0)
            moved = here + integer(target)
            if monthrange(first.year, first.month)[1] <= length:
                leaves.append(moved)
            else:
                leaves.append(choose(here < integer(length), moved, integer(beyond)))
        return self._by_month(day, leaves)

    def part(self, day: Any, read: Callable[[date], int]) -> Any:
        """A number that is the same for all days of a month: `annee`, `mois`."""
        known = {read(first): integer(read(first)) for first in self._months}
        return self._by_month(day, [known[read(first)] for first in self._months])

    def day_of_month(self, day: Any) -> Any:
        """`jour`."""
        return day - self._by_month(day, [integer(first.toordinal() - 1) for first in self._months])

    def month_rank(self, day: Any) -> Any:
        """The months since year 0."""
        return self.part(day, lambda first: first.year * 12 + first.month - 1)

    def length_of_month(self, day: Any) -> Any:
        """The number of days of the month of a day."""
        return self.part(day, lambda first: monthrange(first.year, first.month)[1])

    def _by_month(self, day: Any, leaves: Sequence[Any]) -> Any:
        self.keep_day(day)
        return tree([first.toordinal() for first in self._months[1:]], leaves, day)
