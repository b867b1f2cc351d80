"""The values of one name over time, for reading it at a date of the law: `smic au conclu_le`."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from typing import Any

from msgspec import Struct


class History(Struct, frozen=True):
    """Dated values: each is in force from its start to the next one, the last until `until` (None: open).

    `starts` are in order.  A value is None when the text in force does not give one.
    """

    title: str
    starts: tuple[date, ...]
    values: tuple[Any, ...]
    until: date | None = None


def value_at(history: History, day: date) -> Any:
    """The value in force on a day; None before the first value, after the end, or when it is not known."""
    if history.until is not None and day > history.until:
        return None
    found = None
    for start, value in zip(history.starts, history.values, strict=True):
        if start <= day:
            found = value
    return found


def value_on(history: History, day: date) -> Any:
    """The same by bisection, for the second evaluator."""
    rank = bisect_right(history.starts, day)
    ended = history.until is not None and history.until < day
    return None if ended or not rank else history.values[rank - 1]
