"""The values of an expression that reads nothing of a dossier, by period of reception.

A parameter read at the reception has no value before there is a request: it has one by period, and nobody may guess
which will count.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from recevable.decision.wording import day
from recevable.language.tree import PARAMETER, Expr, references
from recevable.pack.model import Pack


class Period(Struct, frozen=True):
    """A value and the first and the last day of reception for which it holds; None: no limit on that side.

    `value` is None when it is not known.
    """

    start: date | None
    end: date | None
    value: Any

    @property
    def words(self) -> str:
        """For which days of reception, to be put after a value; nothing when it is for all."""
        if self.start is None:
            return ""
        if self.end is None:
            return f", pour une demande reçue à partir du {day(self.start)}"
        return f", pour une demande reçue du {day(self.start)} au {day(self.end)}"

    def holds(self, on: date) -> bool:
        """Whether it is the value of a request received on a day."""
        return (self.start is None or self.start <= on) and (self.end is None or on <= self.end)


def periods(pack: Pack, expr: Expr, value_on: Callable[[date | None], Any]) -> list[Period]:
    """The values in order; `value_on` computes the expression for a day of reception, None when that day is nothing.

    One period without limits when the expression depends on no day of reception; days before the first value of every
    parameter and after the last are left out, for no value holds then.
    """
    read = [p for p in map(pack.parameters.__getitem__, references(expr, PARAMETER)) if not p.by_decision]
    if not read:
        return [Period(None, None, value_on(None))]
    ends = [p.until for p in read if p.until is not None]
    last = min(ends, default=None)
    first = max(p.values[0].start for p in read)
    starts = sorted({v.start for p in read for v in p.values if v.start >= first and (last is None or v.start <= last)})
    found: list[Period] = []
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        end = last if following is None else following - timedelta(days=1)
        value = value_on(start)
        if found and found[-1].value == value:
            found[-1] = Period(found[-1].start, end, value)
        else:
            found.append(Period(start, end, value))
    return found
