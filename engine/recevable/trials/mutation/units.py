"""The nearest values of a moment or a duration (one day for a date, one second for an instant, one unit otherwise), and
how people write a value.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from recevable.language.calendar import Duration
from recevable.language.unparse import literal

HUNDREDTH: Final = Decimal("0.01")


def literal_here(value: Any, zone: tzinfo) -> str:
    """A value as written in a rule; instants are in the time zone of the programme."""
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None).isoformat()
    return literal(value)


def beside(value: Any) -> tuple[Any, ...]:
    """The next and the previous value; empty for a value that is not temporal."""
    if isinstance(value, datetime):
        return value + timedelta(seconds=1), value - timedelta(seconds=1)
    if isinstance(value, date):
        return value + timedelta(days=1), value - timedelta(days=1)
    if isinstance(value, Duration):
        unit = next((name for name in ("seconds", "days", "months") if getattr(value, name)), "days")
        parts = {name: getattr(value, name) for name in ("months", "days", "seconds")}
        # a duration has no sign: nothing below zero
        counts = (parts[unit] + 1, parts[unit] - 1) if parts[unit] > 0 else (1,)
        return tuple(Duration(**{**parts, unit: count}) for count in counts)
    return ()
