"""The values of an expression that reads no field of a dossier, by period of reception days.

A parameter read at the reception day has no single value before there is a request, but one value per period.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from recevable.decision.wording import day
from recevable.language.tree import PARAMETER, Expr, nodes
from recevable.pack.model import Pack


class Period(Struct, frozen=True):
    """A value, and the first and last reception days on which it holds (inclusive; None: no limit on that side).

    `value` is None when it is unknown.
    """

    start: date | None
    end: date | None
    value: Any

    @property
    def words(self) -> str:
        """The period in French, to append to a value; an empty string when it has no limits."""
        if self.start is None:
            return ""
        if self.end is None:
            return f", pour une demande reçue à partir du {day(self.start)}"
        return f", pour une demande reçue du {day(self.start)} au {day(self.end)}"

    def holds(self, on: date) -> bool:
        """Whether the period contains the day."""
        return (self.start is None or self.start <= on) and (self.end is None or on <= self.end)


def periods(pack: Pack, expr: Expr, value_on: Callable[[date | None], Any]) -> list[Period]:
    """The periods of `expr`, in order; `value_on` computes it for a reception day, or None when it needs none.

    Returns one period without limits when the expression reads no parameter at the reception day.  Days on which some
    parameter has no value are left out.
    """
    names = dict.fromkeys(str(node.value) for node in nodes(expr) if node.op == PARAMETER)
    read = [p for p in map(pack.parameters.__getitem__, names) if not p.by_decision]
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
