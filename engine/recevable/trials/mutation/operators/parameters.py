"""Parameter mutations: a value slightly higher or lower, a period starting or ending one day earlier or later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from msgspec.structs import replace

from recevable.language.types import NUMERIC, Kind
from recevable.pack.model import Parameter
from recevable.trials.mutation.model import Change, Operator, View
from recevable.trials.mutation.units import HUNDREDTH, beside, literal_here

_DAY: Final = timedelta(days=1)


def _changes(view: View) -> Iterator[Change]:
    """Each known value increased and decreased; each day of change, and the last day, moved."""
    parameter = view.subject
    if not isinstance(parameter, Parameter):
        return
    for rank, value in enumerate(parameter.values):
        for other in _others(parameter, value.value):
            span = view.place("valeurs", rank, "valeur")
            before, after = (literal_here(one, view.zone) for one in (value.value, other))
            yield Change("valeur", span, before, after, _with(parameter, rank, value=other))
        for day in (value.start + _DAY, value.start - _DAY) if rank else ():
            span = view.place("valeurs", rank, "a_partir_du")
            yield Change("a_partir_du", span, str(value.start), str(day), _with(parameter, rank, start=day))
    for day in (parameter.until + _DAY, parameter.until - _DAY) if parameter.until else ():
        yield Change("jusqu_au", view.place("jusqu_au"), str(parameter.until), str(day), replace(parameter, until=day))


def _others(parameter: Parameter, value: Any) -> Iterator[Any]:
    if value is None:
        return
    kind = parameter.type.kind
    if kind in NUMERIC:
        step = 1 if kind is Kind.INTEGER else HUNDREDTH
        for other in (value + step, value - step):
            if kind is not Kind.RATE or 0 <= other <= 1:
                yield other
    elif kind is Kind.TEXT:
        yield f"{value} (autre)"
    elif kind is Kind.BOOLEAN:
        yield not value
    elif kind is Kind.LIST:
        yield from (tuple(one for one in value if one != removed) for removed in value)
    else:
        yield from beside(value)


def _with(parameter: Parameter, rank: int, *, value: Any = None, start: date | None = None) -> Parameter:
    old = parameter.values[rank]
    new = replace(old, start=start) if start is not None else replace(old, value=value)
    return replace(parameter, values=(*parameter.values[:rank], new, *parameter.values[rank + 1 :]))


VALUE: Final = Operator(
    "parametre",
    "Valeur d'un paramètre ± 0,01, ± 1, ± 1 jour ou 1 seconde, élément d'une liste ôté ; entrée en vigueur ± 1 jour",
    "un exemple qui tombe exactement sur cette valeur, et un juste à côté",
    _changes,
)
