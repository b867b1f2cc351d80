"""What an expression may be worth when some fields are still open: a set of values that contains the real one.

Every answer is an over-approximation: a value that is left out is certainly impossible, and a field that `reads` leaves
out certainly changes nothing.  Values have the order and the arithmetic of `language`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import product
from typing import Any, Final, Protocol

from msgspec import Struct

from recevable.language.evaluate import FOLDS, Layout
from recevable.language.operations import OPERATIONS
from recevable.language.tables import Grid, Scale
from recevable.language.tree import (
    ABSENT,
    AND,
    AT,
    FIELD,
    FILTER,
    IN_GRID,
    IN_SCALE,
    LITERAL,
    NOT,
    OR,
    PRESENT,
    REFERENCES,
    VARIABLE,
    Expr,
)
from recevable.language.types import ORDERED, Kind

# The largest set of values that is enumerated, and the most combinations of operands that are tried.
MOST_VALUES: Final = 32
_MOST_TRIED: Final = 128
_BOTH: Final = (True, False)
_NOTHING: Final[frozenset[str]] = frozenset()
# Operations that always have a result on known operands; any other may have none.
_TOTAL: Final = frozenset(
    {"=", "!=", "<", "<=", ">", ">=", "dans", "entre", "min", "max", "oppose", "jours", "normalise", "longueur"}
    | {"nombre_de_jours", "nombre_de_mois", "annee", "mois", "jour", "parmi", "commence_par", "contient", "motif"}
    | {"siret_valide", "siret_compact", "iban_valide", "iban_compact", "bic_valide", "bic_complet"}
)
# Operations that never decrease when an operand increases.
_GROWING: Final = frozenset({"date_de", "debut_de_jour", "fin_de_jour", "jours", "annee", "+"})
_COMPARED: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})


class Possible(Struct, frozen=True):
    """A set of values: `values` when they are listed, otherwise all those from `low` to `high` (None: no limit).

    `unknown`: the value may also be unknown.  `reads` are the open fields on which it depends, none when it is settled.
    """

    values: tuple[Any, ...] | None = None
    low: Any = None
    high: Any = None
    unknown: bool = False
    reads: frozenset[str] = _NOTHING

    @property
    def settled(self) -> bool:
        """Whether there is a single value, or only the unknown one."""
        return self.values is not None and len(self.values) + self.unknown <= 1

    @property
    def value(self) -> Any:
        """The value of a settled set; None when it is unknown."""
        return self.values[0] if self.values else None

    @property
    def ends(self) -> tuple[Any, Any]:
        """The least and the greatest value, None where there is no limit; for values that have an order."""
        if self.values is None:
            return self.low, self.high
        return (min(self.values), max(self.values)) if self.values else (None, None)

    def can(self, value: bool | None) -> bool:
        """Whether a truth value may be this one."""
        return self.unknown if value is None else self.values is None or value in self.values


UNKNOWN: Final = Possible((), unknown=True)


def single(value: Any) -> Possible:
    """A known value, or the unknown one (None)."""
    return UNKNOWN if value is None else Possible((value,))


def listed(values: Iterable[Any], unknown: bool, reads: frozenset[str]) -> Possible:
    """The set of these values."""
    found = tuple(dict.fromkeys(values))
    return Possible(found, None, None, unknown, reads if len(found) + unknown > 1 else _NOTHING)


def between(low: Any, high: Any, unknown: bool, reads: frozenset[str]) -> Possible:
    """All the values from `low` to `high`."""
    if low is not None and low == high:
        return listed((low,), unknown, reads)
    return Possible(None, low, high, unknown, reads)


def either(parts: Sequence[Possible], reads: frozenset[str] = _NOTHING) -> Possible:
    """The union of sets; `reads` are the fields that choose among them."""
    reads = reads.union(*(part.reads for part in parts))
    unknown = any(part.unknown for part in parts)
    known = [part for part in parts if part.values is None or part.values]
    if all(part.values is not None for part in known):
        values = [value for part in known for value in part.values or ()]
        if len(values) <= MOST_VALUES or not _ordered(values):
            return listed(values, unknown, reads)
    ends = [part.ends for part in known]
    low = None if any(a is None for a, _ in ends) else min((a for a, _ in ends), default=None)
    high = None if any(b is None for _, b in ends) else max((b for _, b in ends), default=None)
    return between(low, high, unknown, reads)


def _ordered(values: Sequence[Any]) -> bool:
    return not any(isinstance(value, bool | str) for value in values)


class World(Protocol):
    """Where the values of references are found."""

    def of(self, op: str, name: str) -> Possible:
        """The possible values of a reference."""

    def element(self, variable: str) -> Possible:
        """The possible values of the element of a loop."""

    def push(self, variable: str, value: Possible) -> None:
        """Begin an iteration of a loop."""

    def pop(self, variable: str) -> None:
        """End it."""


Ask = Callable[[World], Possible]


def build(expr: Expr, layout: Layout) -> Ask:
    """The closure that gives the possible values of an expression; mirrors `language.evaluate.build`."""
    op = expr.op
    if op == LITERAL:
        constant = single(expr.value)
        return lambda world: constant
    if op in REFERENCES:
        name = str(expr.value)
        return lambda world: world.of(op, name)
    if op in (PRESENT, ABSENT):
        return _presence(expr, layout)
    if op == VARIABLE:
        return _variable(expr)
    parts = [build(arg, layout) for arg in expr.args]
    if op in (AND, OR):
        return lambda world: _connected([part(world) for part in parts], stops=op == OR)
    if op == NOT:
        return lambda world: _negated(parts[0](world))
    if op == "si":
        return _branch(parts)
    if op == FILTER:
        return _filtered(expr, parts)
    if OPERATIONS[op].over_list:
        return _over_list(expr, parts, layout)
    return lambda world: _strict(expr, [part(world) for part in parts], layout)


def _presence(expr: Expr, layout: Layout) -> Ask:
    wanted = expr.op == PRESENT
    if expr.args:
        item = build(expr.args[0], layout)
    else:
        path = str(expr.value)

        def item(world: World) -> Possible:
            return world.of(FIELD, path)

    def ask(world: World) -> Possible:
        found = item(world)
        there = found.values is None or bool(found.values)
        values = [wanted] * there + [not wanted] * found.unknown
        return listed(values, False, found.reads)

    return ask


def _variable(expr: Expr) -> Ask:
    name, path = expr.value
    parts = path.split(".") if path else []

    def ask(world: World) -> Possible:
        found = world.element(name)
        if not found.settled:
            return _anything(expr, found.reads)
        value = found.value
        for part in parts:
            value = None if value is None else value.get(part)
        return UNKNOWN if value is None else Possible((value,))

    return ask


def _connected(parts: Sequence[Possible], *, stops: bool) -> Possible:
    """`et` and `ou`, in Kleene's logic; `stops` is the truth value that decides alone."""
    if any(part.settled and part.value is stops for part in parts):
        return single(stops)
    values = []
    if any(part.can(stops) for part in parts):
        values.append(stops)
    if all(part.can(not stops) for part in parts):
        values.append(not stops)
    # unknown: one part is, and every other may be something else than decisive
    unknown = any(part.unknown for part in parts) and all(part.can(not stops) or part.unknown for part in parts)
    return listed(values, unknown, _NOTHING.union(*(part.reads for part in parts)))


def _negated(part: Possible) -> Possible:
    values = _BOTH if part.values is None else part.values
    return Possible(tuple(not value for value in values), None, None, part.unknown, part.reads)


def _branch(parts: Sequence[Ask]) -> Ask:
    def ask(world: World) -> Possible:
        condition = parts[0](world)
        found = [parts[1](world)] if condition.can(True) else []
        if condition.can(False):
            found.append(parts[2](world))
        if condition.unknown:
            found.append(UNKNOWN)
        return either(found, condition.reads)

    return ask


def _anything(expr: Expr, reads: frozenset[str]) -> Possible:
    """Any value of the type of an expression, known or not."""
    if expr.type.kind is Kind.BOOLEAN:
        return listed(_BOTH, True, reads)
    if expr.type.values:
        return listed(expr.type.values, True, reads)
    return Possible(None, None, None, True, reads)


# --- operations on known values -------------------------------------------------------------------------------------


def _strict(expr: Expr, operands: Sequence[Possible], layout: Layout) -> Possible:
    """An operation whose result is unknown as soon as an operand is."""
    if any(operand.values == () for operand in operands):
        return UNKNOWN
    reads = _NOTHING.union(*(operand.reads for operand in operands))
    unknown = any(operand.unknown for operand in operands)
    row = OPERATIONS[expr.op]
    compute = row.compute
    assert compute is not None

    def result(*values: Any) -> Any:
        return compute(layout.zone, *values) if row.zoned else compute(*values)

    count = 1
    for operand in operands:
        count *= len(operand.values) if operand.values is not None else _MOST_TRIED + 1
    if count <= _MOST_TRIED:
        values = [result(*chosen) for chosen in product(*(operand.values or () for operand in operands))]
        return listed([v for v in values if v is not None], unknown or None in values, reads)
    if expr.op == AT and operands[0].settled:
        return listed([v for v in operands[0].value.values if v is not None], True, reads)
    if expr.op in (IN_GRID, IN_SCALE) and operands[0].settled and not _marginal(operands[0].value):
        return listed(operands[0].value.results, True, reads)
    partial = expr.op not in _TOTAL
    if expr.type.kind is Kind.BOOLEAN:
        return listed(_compared(expr, operands), unknown or partial, reads)
    found = _bounded(expr, operands, result)
    if found is None:
        return Possible(None, None, None, unknown or partial, reads)
    low, high = found
    # near the limits of the calendar or of the digits an operation has no result
    return between(low, high, unknown or (partial and (low is None or high is None)), reads)


def _marginal(table: Grid | Scale) -> bool:
    return isinstance(table, Scale) and table.marginal


def _compared(expr: Expr, operands: Sequence[Possible]) -> tuple[bool, ...]:
    """The truth values that a comparison may have."""
    if expr.op == "entre" and expr.args[0].type.kind in ORDERED:
        (a, b), (low, _), (_, high) = (operand.ends for operand in operands)
        outside = _before(b, low) or _before(high, a)
        (_, low), (high, _) = operands[1].ends, operands[2].ends
        inside = _not_after(low, a) and _not_after(b, high)
        return (False,) if outside else (True,) if inside else _BOTH
    if expr.op not in _COMPARED or expr.args[0].type.kind not in ORDERED:
        return _BOTH
    (a, b), (c, d) = operands[0].ends, operands[1].ends
    if expr.op in ("=", "!="):
        apart = _before(b, c) or _before(d, a)
        return (expr.op == "!=",) if apart else _BOTH
    if expr.op in (">", ">="):
        a, b, c, d = c, d, a, b
    if expr.op in ("<", ">"):
        return (True,) if _before(b, c) else (False,) if _not_after(d, a) else _BOTH
    return (True,) if _not_after(b, c) else (False,) if _before(d, a) else _BOTH


def _before(left: Any, right: Any) -> bool:
    return left is not None and right is not None and bool(left < right)


def _not_after(left: Any, right: Any) -> bool:
    return left is not None and right is not None and bool(left <= right)


def _bounded(expr: Expr, operands: Sequence[Possible], result: Callable[..., Any]) -> tuple[Any, Any] | None:
    """The ends of the result of an operation on intervals; None when nothing is known of it."""
    op = expr.op
    if any(arg.type.kind not in ORDERED for arg in expr.args if op != "arrondi"):
        return None
    if expr.type.kind is Kind.DURATION and op != "jours":
        # months and days have no common measure
        return None
    ends = [operand.ends for operand in operands]
    lows, highs = [low for low, _ in ends], [high for _, high in ends]

    def at(*values: Any) -> Any:
        return None if None in values else result(*values)

    if op == "arrondi":
        step, direction = operands[1].value, operands[2].value
        return at(lows[0], step, direction), at(highs[0], step, direction)
    if op in _GROWING:
        return at(*lows), at(*highs)
    if op in ("nombre_de_jours", "age"):
        return at(highs[0], lows[1]), at(lows[0], highs[1])
    if op == "-":
        return at(lows[0], highs[1]), at(highs[0], lows[1])
    if op == "oppose":
        return at(highs[0]), at(lows[0])
    if op == "*":
        corners = [at(a, b) for a in ends[0] for b in ends[1]]
        return (None, None) if None in corners else (min(corners), max(corners))
    if op in ("min", "max"):
        known = [v for v in (highs if op == "min" else lows) if v is not None]
        near = (min(known) if op == "min" else max(known)) if known else None
        others = lows if op == "min" else highs
        far = None if None in others else min(others) if op == "min" else max(others)
        return (far, near) if op == "min" else (near, far)
    return None


# --- lists ------------------------------------------------------------------------------------------------------------


def _on_element(world: World, variable: str, element: Possible, ask: Ask) -> Possible:
    """The possible values of the body of a loop on one element."""
    world.push(variable, element)
    found = ask(world)
    world.pop(variable)
    return found


def _filtered(expr: Expr, parts: Sequence[Ask]) -> Ask:
    """A list whose elements are known or not; there is no list of the possible lists."""
    source, condition = parts
    variable = str(expr.value)

    def ask(world: World) -> Possible:
        items = source(world)
        if items.values == ():
            return UNKNOWN
        if not items.settled:
            each = _on_element(world, variable, Possible(None, reads=items.reads), condition)
            return Possible(None, None, None, True, items.reads | each.reads)
        found = [_on_element(world, variable, Possible((item,)), condition) for item in items.value]
        if not all(one.settled for one in found):
            return Possible(None, None, None, True, _NOTHING.union(*(one.reads for one in found)))
        if any(one.unknown for one in found):
            return UNKNOWN
        return Possible(([item for item, one in zip(items.value, found, strict=True) if one.value],))

    return ask


def _over_list(expr: Expr, parts: Sequence[Ask], layout: Layout) -> Ask:
    source, body = parts[0], parts[1]
    variable = str(expr.value)
    zero = 0 if expr.type.kind is Kind.INTEGER else Decimal(0)

    def ask(world: World) -> Possible:
        items = source(world)
        if items.values == ():
            return UNKNOWN
        if not items.settled:
            each = _on_element(world, variable, Possible(None, reads=items.reads), body)
            # an element that is always the same still leaves the number of elements open
            return _anything(expr, items.reads | each.reads)
        found = [_on_element(world, variable, Possible((item,)), body) for item in items.value]
        reads = _NOTHING.union(*(one.reads for one in found))
        if all(one.settled for one in found):
            return single(FOLDS[expr.op]([one.value for one in found], zero))
        if expr.op in ("tous", "certains"):
            return _connected(found, stops=expr.op == "certains")
        return _anything(expr, reads)

    return ask
