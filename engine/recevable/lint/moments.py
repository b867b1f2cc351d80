"""The periods during which dated parameters keep the same values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from recevable.pack.model import Parameter


class Moment(Struct, frozen=True):
    """The values of parameters during one period; None for an unknown value.

    The request is received from day `first` and before `next`; None: no bound, or irrelevant.
    """

    values: Mapping[str, Any]
    first: date | None
    next: date | None


def moments(parameters: Iterable[Parameter]) -> Iterator[Moment]:
    """Every combination of values that one request can meet; a decision never precedes its reception."""
    kinds: tuple[list[Parameter], list[Parameter]] = ([], [])
    for parameter in parameters:
        kinds[parameter.by_decision].append(parameter)
    received, decided = kinds
    for first, after in _periods(received):
        for start, end in _periods(decided):
            if first is not None and end is not None and end <= first:
                continue
            values = {parameter.name: _worth(parameter, first) for parameter in received}
            values |= {parameter.name: _worth(parameter, start) for parameter in decided}
            yield Moment(values, first, after)


def _periods(parameters: Sequence[Parameter]) -> list[tuple[date | None, date | None]]:
    """From each day on which a value changes to the next; one unbounded period when nothing is dated."""
    days = {value.start for parameter in parameters for value in parameter.values}
    days |= {p.until + timedelta(days=1) for p in parameters if p.until is not None and p.until < date.max}
    starts: list[date | None] = [*sorted(days)]
    return list(zip(starts, [*starts[1:], None], strict=True)) if starts else [(None, None)]


def _worth(parameter: Parameter, day: date | None) -> Any:
    found = parameter.at(day)
    return None if found is None else found.value
