"""Calendar arithmetic; each ambiguous case is decided by the rule, not by a library.

Instants are stored in UTC; a zone is only used to find days and to read a timestamp without offset.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final, overload

from msgspec import Struct

from recevable.lazy import pattern

MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
END_OF_MONTH = "fin_de_mois"
NEXT_MONTH = "mois_suivant"

_INSTANT = pattern(
    r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(Z|[+-]\d{2}:\d{2})?",
    re.ASCII,
)


class Duration(Struct, frozen=True, eq=False):
    """A duration: whole months, whole days, seconds, and microseconds below one second.

    Durations are compared by months, then by microseconds, with days of 24 hours.
    """

    months: int = 0
    days: int = 0
    seconds: int = 0
    microseconds: int = 0

    def _key(self) -> tuple[int, int]:
        return (self.months, (self.days * 86_400 + self.seconds) * 1_000_000 + self.microseconds)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Duration) else NotImplemented

    # a Struct without equality answers `!=` by identity, whatever `__eq__` says
    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: Duration) -> bool:
        return self._key() < other._key()

    # prevents total_ordering from keeping the comparisons of Struct; Python mirrors these two
    def __le__(self, other: Duration) -> bool:
        return self._key() <= other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __add__(self, other: Duration) -> Duration:
        return Duration(
            self.months + other.months,
            self.days + other.days,
            self.seconds + other.seconds,
            self.microseconds + other.microseconds,
        )

    def __neg__(self) -> Duration:
        return self * -1

    def __mul__(self, count: int) -> Duration:
        return Duration(self.months * count, self.days * count, self.seconds * count, self.microseconds * count)

    __rmul__ = __mul__

    def __truediv__(self, other: Duration) -> Decimal:
        """How many times the other goes into this one: two durations in months, or two without months.

        Raises ZeroDivisionError when the other is nil.
        """
        months, elapsed = self._key()
        other_months, other_elapsed = other._key()
        if months or other_months:
            return Decimal(months) / other_months
        return Decimal(elapsed) / other_elapsed


def parse_date(text: str) -> date:
    """Parse `AAAA-MM-JJ`; raises ValueError with a French message."""
    written = len(text) == 10 and text[4] == text[7] == "-" and text.isascii()
    if not (written and f"{text[:4]}{text[5:7]}{text[8:]}".isdigit()):
        raise ValueError("une date s'écrit AAAA-MM-JJ, par exemple 2023-06-30")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"le jour {text} n'existe pas au calendrier") from None


# The largest offset of a clock, as in XML Schema; Kiribati has it.
MOST_OFFSET: Final = timedelta(hours=14)


def parse_instant(text: str, zone: tzinfo) -> datetime:
    """Parse an RFC 3339 instant into UTC; without an offset it is read in `zone`.

    Raises ValueError with a French message when malformed, or when the local time does not exist or occurs twice in the
    zone (clock changes): choosing one could move a deadline by an hour.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise ValueError(
            "un instant s'écrit AAAA-MM-JJThh:mm:ss, suivi de préférence de Z ou d'un décalage comme +02:00"
        )
    parse_date(match[1])
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"l'heure {match[2]}{match[4] or ''} n'existe pas") from None
    offset = moment.utcoffset()
    if offset is not None:
        if abs(offset) > MOST_OFFSET:
            raise ValueError(f"aucune horloge n'a le décalage {match[4]} : il est de 14 heures au plus")
        try:
            utc = moment.astimezone(UTC)
            utc.astimezone(zone)  # the last hours of the calendar may not exist in the zone
            return utc
        except OverflowError:
            raise ValueError("cet instant est hors du calendrier") from None
    return localize(moment, zone)


def localize(moment: datetime, zone: tzinfo) -> datetime:
    """The UTC instant of a local time; raises ValueError when it is ambiguous or does not exist."""
    early, late = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    try:
        utc = early.astimezone(UTC)
        if early.utcoffset() == late.utcoffset():
            return utc
    except OverflowError:
        raise ValueError("cet instant est hors du calendrier") from None
    if utc.astimezone(zone).replace(tzinfo=None) != moment:
        following = utc.astimezone(zone).isoformat()
        raise ValueError(
            f"cette heure locale n'existe pas (passage à l'heure d'été) : l'heure qui la suit s'écrit {following}"
        )
    first, second = early.isoformat(), late.isoformat()
    raise ValueError(f"cette heure locale existe deux fois (passage à l'heure d'hiver) : écrivez {first} ou {second}")


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The local date of an instant."""
    return moment.astimezone(zone).date()


def local_day(value: date, zone: tzinfo) -> date:
    """The local date of an instant, or the date itself."""
    return day_of(value, zone) if isinstance(value, datetime) else value


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """The first instant of a local day, in UTC."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """The last instant (microsecond) of a local day, in UTC."""
    return datetime.combine(day, time.max, zone).astimezone(UTC)


@overload
def shift(moment: datetime, duration: Duration, overflow: str, zone: tzinfo) -> datetime: ...
@overload
def shift(moment: date, duration: Duration, overflow: str, zone: tzinfo) -> date: ...
def shift(moment: date | datetime, duration: Duration, overflow: str, zone: tzinfo) -> date | datetime:
    """Add months, then days and seconds.

    When the day does not exist (31 January + 1 month), `overflow` selects `fin_de_mois` (28 or 29 February) or
    `mois_suivant` (1 March).  An instant keeps its local time when months or days are added.
    """
    if isinstance(moment, datetime):
        local = moment.astimezone(zone).replace(tzinfo=None)
        day = shift(local.date(), Duration(duration.months, duration.days), overflow, zone)
        moved = datetime.combine(day, local.time()).replace(tzinfo=zone).astimezone(UTC)
        return moved + timedelta(seconds=duration.seconds, microseconds=duration.microseconds)
    if duration.months:
        count = moment.year * 12 + moment.month - 1 + duration.months
        year, month = divmod(count, 12)
        last = last_day(year, month + 1)
        if moment.day <= last:
            moment = moment.replace(year=year, month=month + 1)
        elif overflow == END_OF_MONTH:
            moment = date(year, month + 1, last)
        else:
            moment = date(year, month + 1, last) + timedelta(days=1)
    return moment + timedelta(days=duration.days)


def last_day(year: int, month: int) -> int:
    """The number of days of a month (1 to 12); Python's `calendar` takes longer to import than a check has to lose."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if leap and month == 2 else _DAYS[month - 1]


def months_between(first: date, last: date, *, begun: bool) -> int:
    """The months from a day to another: complete ones, or with the one that has begun; negative backwards.

    A month ends on the day of the same number, or on the last day of a month that has no such day: one complete month
    from 31 January to 28 February.
    """
    if last < first:
        return -months_between(last, first, begun=begun)
    apart = (last.year - first.year) * 12 + last.month - first.month
    ends = min(first.day, last_day(last.year, last.month))
    return apart - (last.day < ends) + (begun and last.day != ends)


def age(birth: date, day: date) -> int:
    """The years of age on a day; who was born on 29 February is a year older on 1 March of an ordinary year.

    Raises ValueError before the birth.
    """
    if day < birth:
        raise ValueError("this day is before the birth")
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
