"""Parameter mutations: a value slightly higher or lower, a period starting or ending one day earlier or later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from msgspec.structs import replace

from recevable.language.tables import Grid, Scale
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
    if isinstance(value, Grid | Scale):
        yield from _tables(value, parameter.type.item.kind if parameter.type.item is not None else Kind.TEXT)
        return
    yield from _single(parameter.type.kind, value)


def _single(kind: Kind, value: Any) -> Iterator[Any]:
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


def _tables(table: Grid | Scale, kind: Kind) -> Iterator[Grid | Scale]:
    """Each value of a table changed; each limit of a scale moved, and left out or taken in."""
    if isinstance(table, Grid):
        for rank, (cell, value) in enumerate(table.cells):
            for other in _single(kind, value):
                yield replace(table, cells=(*table.cells[:rank], (cell, other), *table.cells[rank + 1 :]))
        return
    for rank, one in enumerate(table.slices):
        changed = [replace(one, value=other) for other in _single(table.kind, one.value)]
        if one.limit is not None:
            step = 1 if isinstance(one.limit, int) else HUNDREDTH
            changed += [replace(one, limit=one.limit + step), replace(one, limit=one.limit - step)]
            # the amount of a marginal scale is the same on either side of a limit
            changed += [] if table.marginal else [replace(one, included=not one.included)]
        for new in changed:
            yield replace(table, slices=(*table.slices[:rank], new, *table.slices[rank + 1 :]))


def _with(parameter: Parameter, rank: int, *, value: Any = None, start: date | None = None) -> Parameter:
    old = parameter.values[rank]
    new = replace(old, start=start) if start is not None else replace(old, value=value)
    return replace(parameter, values=(*parameter.values[:rank], new, *parameter.values[rank + 1 :]))


VALUE: Final = Operator(
    "parametre",
    "Valeur d'un paramètre ± 0,01, ± 1, ± 1 jour ou 1 seconde ; élément d'une liste, ligne ou limite d'un tableau ; "
    "entrée en vigueur ± 1 jour",
    "un exemple qui tombe exactement sur cette valeur, et un juste à côté",
    _changes,
)
