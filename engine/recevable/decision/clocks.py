"""The delays that a programme counts, as clocks: from which day, until which day, by which text.

A clock only says dates.  It decides nothing, reads no clock of the machine, and guesses no day that is not known.
"""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from recevable.language.calendar import Duration, day_of
from recevable.language.delays import lapse
from recevable.language.types import Kind
from recevable.pack.delays import DELAYS
from recevable.pack.model import Pack


class Clock(Struct, frozen=True):
    """A delay that runs from `begins` and lapses at the end of `day`, or at `instant` when the text gives an hour.

    `kind` is one of those that `delais` of a manifest names, `title` what it is called, `runs_from` the event that it
    runs from.  `counted` is the day on which the delay itself ends, and `day` the same or the working day to which the
    programme carries it.  Both are None when the event (`begins` is None) or the delay is not known; `day` alone, when
    the calendar of public holidays does not reach it.  `delay` is None when the text gives the end itself.
    `to_confirm`: a choice of the pack, not of the text that it applies.
    """

    kind: str
    title: str
    runs_from: str
    begins: date | None
    day: date | None
    instant: datetime | None = None
    delay: Duration | None = None
    source: str = ""
    to_confirm: bool = False
    counted: date | None = None

    def lapsed(self, on: date) -> bool | None:
        """Whether it has lapsed on a day, whole days counted; None when it is not known."""
        return None if self.day is None else on > self.day


def clocks(pack: Pack, kind: str, begins: date | None, on: date, *, given: Duration | None = None) -> tuple[Clock, ...]:
    """The clocks of a kind for an event of the day `begins` (None: not known); empty when the pack counts none.

    Parameters are read on `on`, or on `begins` when they say so; `given` is a delay that a person gave instead.  The
    soonest comes first, one without a day before them.  Raises ValueError for an unknown kind.
    """
    if kind not in DELAYS:
        raise ValueError(f"no delay is called {kind!r}")
    names = pack.manifest.delays.named.get(kind, ())
    found = [_clock(pack, kind, name.text, begins, on, given) for name in names]
    return tuple(sorted(found, key=lambda one: one.day or date.min))


def _clock(pack: Pack, kind: str, name: str, begins: date | None, on: date, asked: Duration | None) -> Clock:
    known, parameter = DELAYS[kind], pack.parameters[name]
    value = parameter.at(on if parameter.by_decision else begins)
    given, source = (None, "") if value is None else (value.value, value.source)
    if parameter.type.kind is not Kind.DURATION:
        # the text gives the end itself, and the title of the parameter says which
        instant = given if isinstance(given, datetime) else None
        day = day_of(instant, pack.manifest.zone) if instant is not None else given
        return Clock(kind, parameter.title, "", None, day, instant, None, source, parameter.house_default, day)
    delay = asked or given
    day = counted = None
    if delay is not None and begins is not None:
        delays = pack.manifest.delays
        calendar = delays.holidays if kind in delays.carried else None
        holidays = None if calendar is None else pack.parameters[calendar.text].history
        end = lapse(begins, delay, clear=known.clear, holidays=holidays)
        day, counted = end.day, end.counted
    return Clock(
        kind, known.title, known.runs_from, begins, day, None, delay, source, parameter.house_default, counted
    )  # fmt: skip
