"""An example at a date that moved: the same data, moved with the date, for which its rule still answers what it did.

Without it, once the example says what the rule answers now, nothing would show the other side of the new date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from recevable.decision.decide import Decider
from recevable.inference.definitions import Contradiction
from recevable.language.calendar import parse_date, parse_instant
from recevable.language.types import Kind
from recevable.pack.examples import Example
from recevable.trials.examples import run_example
from recevable.trials.impact.model import Origin, PackChanges

_MOMENT: Final = re.compile(
    r"(?<![\w-])\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?P<offset>Z|[+-]\d\d:\d\d)?)?(?![\w:])"
)
_DAY: Final = re.compile(r'(?<![\w.])au:\s*"?(?P<day>\d{4}-\d\d-\d\d)')
# Data further from a date than this have nothing to do with it.
_NEAR: Final = timedelta(days=3)
# Stands for the day of an example in its text, which moves apart from its data.
_HELD: Final = "\0"


class Move(Struct, frozen=True):
    """A date or an instant that became another one; moments further from it than `reach` stay."""

    before: date
    after: date
    zone: tzinfo
    reach: timedelta = _NEAR

    @property
    def days(self) -> timedelta:
        """By how many days, on a calendar."""
        return self._local(self.after) - self._local(self.before)

    def moved(self, text: str) -> str:
        """A text with the moments near the date moved as it was."""
        return _MOMENT.sub(lambda found: self._moved(found[0], found["offset"] or ""), text)

    def _moved(self, text: str, offset: str) -> str:
        try:
            moment = parse_instant(text, self.zone) if "T" in text else parse_date(text)
        except ValueError:
            return text
        if abs(self._local(moment) - self._local(self.before)) > max(2 * abs(self.days), self.reach):
            return text
        if not isinstance(moment, datetime):
            return (moment + self.days).isoformat()
        wall = moment.astimezone(self.zone).replace(tzinfo=None)
        if isinstance(self.before, datetime) and isinstance(self.after, datetime):
            wall += self._wall(self.after) - self._wall(self.before)
        else:
            wall += self.days
        there = wall.replace(tzinfo=self.zone)
        if not offset:
            return wall.isoformat()
        if offset == moment.astimezone(self.zone).isoformat()[-len(offset) :]:
            return there.isoformat()
        written = there.astimezone(datetime.fromisoformat(text).tzinfo).isoformat()
        return written.replace("+00:00", "Z") if offset == "Z" else written

    def _wall(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def _local(self, moment: date) -> date:
        return self._wall(moment).date() if isinstance(moment, datetime) else moment


def moves(changes: PackChanges, origins: tuple[Origin, ...], zone: tzinfo) -> Iterator[Move]:
    """The dates of the text that moved, among some origins."""
    for change in changes.parameters:
        if change.part.origin not in origins or change.type.kind not in (Kind.DATE, Kind.INSTANT):
            continue
        for period in change.periods:
            before, after = (one.value if one is not None else None for one in (period.before, period.after))
            if before is not None and after is not None:
                yield Move(before, after, zone)


def twin(example: Example, text: str, move: Move, decider: Decider) -> str:
    """The text of an example, moved so that its rule answers what it did before; empty when nothing does."""
    day = _DAY.search(text)
    held = text if day is None else f"{text[: day.start('day')]}{_HELD}{text[day.end('day') :]}"
    for data, on in ((True, False), (False, True), (True, True)):
        if on and day is None:
            continue
        moved = replace(
            example,
            data=_in(example.data, move) if data else example.data,
            given=_in(example.given, move) if data else example.given,
            day=example.day + move.days if on else example.day,
        )
        try:
            holds = run_example(moved, decider).passed
        except Contradiction:
            continue
        if holds:
            body = move.moved(held) if data else held
            return body.replace(_HELD, moved.day.isoformat())
    return ""


def _in(value: Any, move: Move) -> Any:
    """Data with the moments near the date moved."""
    if isinstance(value, dict):
        return {key: _in(one, move) for key, one in value.items()}
    if isinstance(value, list):
        return [_in(one, move) for one in value]
    return move.moved(value) if isinstance(value, str) else value
