"""Search for field values that make expressions true together; values found were evaluated, so they are certain.

It tries the values written in the expressions and their neighbours.  Finding nothing proves nothing.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from itertools import islice, product
from random import Random
from typing import Any, Final

from recevable.language.calendar import Duration
from recevable.language.evaluate import EXACT, Layout, build
from recevable.language.tree import (
    ABSENT,
    AMOUNT_NAME,
    DEDUCTION,
    FIELD,
    LITERAL,
    PARAMETER,
    PRESENT,
    REFERENCES,
    TODAY,
    Expr,
    nodes,
)
from recevable.language.types import Kind, Type, lookup
from recevable.lint.limits import declared, is_optional, whole_numbers
from recevable.pack.model import Pack

_TRIED: Final = 400
# The maximum number of candidates for one field.
_CANDIDATES: Final = 32
# Up to this many numbers, their sums and differences are tried too.
_COMBINED: Final = 4
_CENT: Final = Decimal("0.01")
_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
# Candidates stay far from the ends of the calendar, and within the digits that a dossier may have.
_YEARS: Final = (500, 9500)
_LONG: Final = 100_000
_GREAT: Final = 10**15
_SOME_DAY: Final = date(2024, 1, 15)
_SOME_TEXT: Final = "x"
# Schema constraints on texts: an invented text might violate them.
_FORMS: Final = frozenset(
    {"pattern", "format", "minLength", "maxLength", "const", "enum", "not", "anyOf", "oneOf", "if"}
)
_NUMBERS: Final = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.AMOUNT, Kind.RATE})
_FREE: Final = frozenset({FIELD, TODAY})


def witness(
    goals: Sequence[Expr],
    parameters: Mapping[str, Any],
    names: Mapping[str, Expr],
    pack: Pack,
) -> dict[Expr, Any] | None:
    """Field values, and a day of the decision, that make every goal true; None when none was found.

    A field that must be absent has the value None.

    `names` are the deductions and the amounts defined by one expression.  Returns None when a goal reads a list,
    another amount, a human answer, an unknown value, or the presence of an object: these cannot be chosen freely.
    """
    plain = [_inlined(goal, parameters, names) for goal in goals]
    every = [node for goal in plain for node in nodes(goal)]
    asked = {str(node.value) for node in every if node.op in (PRESENT, ABSENT) and not node.args}
    leaves = dict.fromkeys(node for node in every if node.op in REFERENCES)
    asked_only = asked - {str(leaf.value) for leaf in leaves if leaf.op == FIELD}
    leaves |= {Expr(FIELD, (), type_, path): None for path in sorted(asked_only) if (type_ := lookup(pack.facts, path))}
    if any(leaf.op not in _FREE or leaf.type.kind in (Kind.LIST, Kind.OBJECT) for leaf in leaves):
        return None
    written = [node.value for node in every if node.op == LITERAL and node.value is not None]
    zone = pack.manifest.zone
    with decimal.localcontext(EXACT):
        choices = [list(islice(_candidates(leaf, written, pack.schema, zone), _CANDIDATES)) for leaf in leaves]
    for leaf, choice in zip(leaves, choices, strict=True):
        if leaf.value in asked and is_optional(pack.schema, str(leaf.value)):
            choice.append(None)
    layout = Layout(zone)
    tests = [build(goal, layout) for goal in plain]
    slots = [layout.slot(leaf.op, leaf.value) for leaf in leaves]
    with decimal.localcontext(EXACT):
        for values in _combinations(choices):
            held = layout.empty()
            for slot, value in zip(slots, values, strict=True):
                held[slot] = value
            if all(test(held) is True for test in tests):
                return dict(zip(leaves, values, strict=True))
    return None


def _inlined(expr: Expr, parameters: Mapping[str, Any], names: Mapping[str, Expr]) -> Expr:
    """An expression with its parameters, deductions and amounts substituted."""
    if expr.op == PARAMETER and parameters.get(expr.value) is not None:
        return Expr(LITERAL, (), expr.type, parameters[expr.value])
    if expr.op in (DEDUCTION, AMOUNT_NAME) and expr.value in names:
        return _inlined(names[expr.value], parameters, names)
    args = tuple(_inlined(arg, parameters, names) for arg in expr.args)
    return Expr(expr.op, args, expr.type, expr.value)


def _combinations(choices: Sequence[list[Any]]) -> Iterator[tuple[Any, ...]]:
    """All combinations when few; otherwise a fixed-size, deterministic subset."""
    total = 1
    for values in choices:
        total *= len(values)
    if total <= _TRIED:
        yield from product(*choices)
        return
    chance = Random(total)
    for _ in range(_TRIED):
        yield tuple(chance.choice(values) for values in choices)


def _candidates(leaf: Expr, written: Sequence[Any], schema: Mapping[str, Any], zone: tzinfo) -> Iterator[Any]:
    kind = leaf.type.kind
    if kind is Kind.BOOLEAN:
        yield from (True, False)
    elif kind is Kind.TEXT:
        yield from _texts(
            leaf.type, written, free=not _FORMS & {key for node in declared(schema, str(leaf.value)) for key in node}
        )
    elif kind in _NUMBERS:
        low, high = whole_numbers(schema, str(leaf.value)) if kind is Kind.INTEGER else (None, None)
        for value in _numbers(kind, written):
            if (low is None or value >= low) and (high is None or value <= high):
                yield value
    elif kind in (Kind.DATE, Kind.INSTANT):
        yield from _days(kind, written, zone)


def _texts(type_: Type, written: Sequence[Any], *, free: bool) -> Iterator[str]:
    """The words of a closed text; otherwise the texts written and, when `free`, one that is not."""
    if type_.values:
        yield from sorted(type_.values)
        return
    texts = sorted({value for value in written if isinstance(value, str)})
    yield from texts
    if free and _SOME_TEXT not in texts:
        yield _SOME_TEXT


def _numbers(kind: Kind, written: Sequence[Any]) -> Iterator[Decimal]:
    """The numbers written, their neighbours, halves and doubles."""
    numbers = {Decimal(v) for v in written if isinstance(v, int | Decimal) and not isinstance(v, bool)}
    numbers = {n for n in numbers if abs(n) < _GREAT} | {Decimal(0)}
    beside = _CENT if kind is Kind.AMOUNT else Decimal(1)
    ordered = sorted(numbers)
    if len(ordered) <= _COMBINED:
        ordered += sorted({a + sign * b for a in ordered for b in ordered for sign in (1, -1)} - numbers)
    for near in ([n, n + beside, n - beside, n / 2, n * 2] for n in ordered):
        for value in near:
            if 0 <= value < _GREAT and _can_be(kind, value):
                yield value


def _can_be(kind: Kind, value: Decimal) -> bool:
    """Whether a datum of this kind may have the value."""
    if kind is Kind.INTEGER:
        return value == value.to_integral_value()
    if kind is Kind.AMOUNT:
        return value == value.quantize(_CENT)
    return kind is not Kind.RATE or value <= 1


def _days(kind: Kind, written: Sequence[Any], zone: tzinfo) -> Iterator[Any]:
    """The days and instants written, their neighbours, and those shifted by the durations written."""
    moments = {v for v in written if isinstance(v, datetime)}
    days = {v for v in written if isinstance(v, date) and not isinstance(v, datetime)}
    days |= {moment.astimezone(zone).date() for moment in moments}
    moments = {v for v in moments if _YEARS[0] < v.year < _YEARS[1]}
    spans = [
        timedelta(days=v.days, seconds=v.seconds)
        for v in written
        if isinstance(v, Duration) and not v.months and abs(v.days) < _LONG and abs(v.seconds) < _LONG * 86_400
    ]
    near = sorted(day for day in days if _YEARS[0] < day.year < _YEARS[1]) or [_SOME_DAY]
    if kind is Kind.DATE:
        for step in (timedelta(0), *spans, _DAY, -_DAY):
            yield from (day + step for day in near)
        return
    yield from sorted(moments)
    whole = [timedelta(days=span.days) for span in spans]
    for day in (day + step for step in (timedelta(0), *whole, _DAY, -_DAY) for day in near):
        yield from (datetime.combine(day, time(hour), zone).astimezone(UTC) for hour in (0, 12))
        yield datetime.combine(day + _DAY, time(), zone).astimezone(UTC) - _SECOND
    for moment in sorted(moments):
        for step in (_SECOND, -_SECOND, *spans):
            yield moment + step
