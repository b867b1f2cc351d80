"""The reference evaluator: typed trees become closures over a list of slots.

Values: True, False, Decimal, int, str, date, datetime (UTC), Duration, list, dict; None is *inconnu*.  Logic is
Kleene's.  The caller sets the decimal context (`EXACT`) once around its evaluations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, Underflow
from functools import partial
from operator import itemgetter
from typing import Any, Final

from recevable.language.operations import OPERATIONS, in_bounds
from recevable.language.tree import (
    ABSENT,
    AND,
    FIELD,
    FILTER,
    LITERAL,
    NOT,
    OR,
    PRESENT,
    REFERENCES,
    VARIABLE,
    Expr,
)
from recevable.language.types import Kind

Slots = list[Any]
Evaluator = Callable[[Slots], Any]

# The digits of decimal128, as in DMN FEEL.  A number too small to represent is unknown, not zero.
EXACT: Final = Context(prec=34, traps=[InvalidOperation, DivisionByZero, Overflow, Underflow])


class Layout:
    """Allocates slots: references are keyed by (operation, path or name), loop variables by their depth."""

    def __init__(self, zone: tzinfo, shared: Layout | None = None) -> None:
        """`shared`, if any, is a layout whose slots come first, with the same indices."""
        self.zone = zone
        self.slots: dict[tuple[str, str], int] = dict(shared.slots) if shared else {}

    def slot(self, op: str, name: str) -> int:
        """The index of a reference, allocated on first use."""
        return self.slots.setdefault((op, name), len(self.slots))

    def empty(self) -> Slots:
        """A new list of slots, all unknown."""
        return [None] * len(self.slots)


class Evaluators:
    """The closures of the expressions of one layout, each built once.

    They are known by identity (hashing a tree costs more than evaluating it), and the trees are kept alive.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._built: dict[int, tuple[Expr, Evaluator]] = {}

    def of(self, expr: Expr) -> Evaluator:
        """The closure that computes `expr` from a list of slots."""
        known = self._built.get(id(expr))
        if known is None:
            known = self._built[id(expr)] = (expr, _closure(expr, self))
        return known[1]


def build(expr: Expr, layout: Layout) -> Evaluator:
    """The closure that computes `expr` from a list of slots."""
    return Evaluators(layout).of(expr)


def picker(indices: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """A function that returns the values at the given indices, as a tuple."""
    if len(indices) > 1:
        return itemgetter(*indices)
    if not indices:
        return lambda vector: ()
    (only,) = indices
    return lambda vector: (vector[only],)


def _closure(expr: Expr, built: Evaluators) -> Evaluator:
    op = expr.op
    if op == LITERAL:
        constant = expr.value
        return lambda s: constant
    if op in REFERENCES:
        return itemgetter(built.layout.slot(op, expr.value))
    if op in (PRESENT, ABSENT):
        return _presence(expr, built)
    if op == VARIABLE:
        return _variable(expr, built.layout)
    if op == AND:
        return _and([built.of(arg) for arg in expr.args])
    if op == OR:
        return _or([built.of(arg) for arg in expr.args])
    if op == NOT:
        inner = built.of(expr.args[0])
        return lambda s: None if (v := inner(s)) is None else not v
    if op == "si":
        return _conditional([built.of(arg) for arg in expr.args])
    if op == FILTER:
        return _filter(expr, built)
    row = OPERATIONS[op]
    if row.over_list:
        return _over_list(expr, built)
    return _strict(expr, built)


def _presence(expr: Expr, built: Evaluators) -> Evaluator:
    wanted = expr.op == PRESENT
    if expr.args:
        item = built.of(expr.args[0])
        return lambda s: (item(s) is not None) is wanted
    index = built.layout.slot(FIELD, expr.value)
    return (lambda s: s[index] is not None) if wanted else (lambda s: s[index] is None)


def _variable(expr: Expr, layout: Layout) -> Evaluator:
    name, path = expr.value
    index = layout.slot(VARIABLE, name)
    parts = path.split(".") if path else []

    def read(s: Slots) -> Any:
        value = s[index]
        for part in parts:
            if value is None:
                return None
            value = value.get(part)
        return value

    return read


def _and(parts: Sequence[Evaluator]) -> Evaluator:
    def conjunction(s: Slots) -> bool | None:
        result: bool | None = True
        for part in parts:
            value = part(s)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return conjunction


def _or(parts: Sequence[Evaluator]) -> Evaluator:
    def disjunction(s: Slots) -> bool | None:
        result: bool | None = False
        for part in parts:
            value = part(s)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return disjunction


def _conditional(parts: Sequence[Evaluator]) -> Evaluator:
    condition, yes, no = parts

    def choose(s: Slots) -> Any:
        value = condition(s)
        return None if value is None else yes(s) if value else no(s)

    return choose


def _strict(expr: Expr, built: Evaluators) -> Evaluator:
    row = OPERATIONS[expr.op]
    compute = row.compute
    if compute is None:  # the table and the special forms above cover every operation
        raise NotImplementedError(expr.op)
    if row.zoned:
        compute = partial(compute, built.layout.zone)

    operands = expr.args
    if len(operands) == 1:
        only = built.of(operands[0])
        return lambda s: None if (a := only(s)) is None else compute(a)
    if len(operands) == 2:
        if operands[0].op in REFERENCES:
            return _of_reference(built.layout.slot(operands[0].op, operands[0].value), compute, operands[1], built)
        left, right = (built.of(arg) for arg in operands)

        def binary(s: Slots) -> Any:
            a = left(s)
            if a is None:
                return None
            b = right(s)
            return None if b is None else compute(a, b)

        return binary
    parts = [built.of(arg) for arg in operands]

    def general(s: Slots) -> Any:
        values = [part(s) for part in parts]
        return None if None in values else compute(*values)

    return general


def _of_reference(index: int, compute: Callable[[Any, Any], Any], other: Expr, built: Evaluators) -> Evaluator:
    """An operation whose first operand is a slot, like most comparisons in rules."""
    if other.op == LITERAL:
        constant = other.value
        return lambda s: None if (a := s[index]) is None else compute(a, constant)
    if other.op in REFERENCES:
        second = built.layout.slot(other.op, other.value)
        return lambda s: None if (a := s[index]) is None or (b := s[second]) is None else compute(a, b)
    right = built.of(other)
    return lambda s: None if (a := s[index]) is None or (b := right(s)) is None else compute(a, b)


def elements(expr: Expr, built: Evaluators) -> Evaluator:
    """For a list function: evaluates its body on each element, before folding; gives None without a list."""
    source = built.of(expr.args[0])
    index = built.layout.slot(VARIABLE, str(expr.value))
    body = built.of(expr.args[1])

    def evaluate(s: Slots) -> list[Any] | None:
        items = source(s)
        if items is None:
            return None
        values = []
        for item in items:
            s[index] = item
            values.append(body(s))
        return values

    return evaluate


def _filter(expr: Expr, built: Evaluators) -> Evaluator:
    """The elements that meet a condition; unknown when it is for one of them."""
    source, each = built.of(expr.args[0]), elements(expr, built)

    def evaluate(s: Slots) -> list[Any] | None:
        answers = each(s)
        if answers is None or None in answers:
            return None
        return [item for item, meets in zip(source(s), answers, strict=True) if meets]

    return evaluate


def folding(expr: Expr) -> Callable[[list[Any]], Any]:
    """How a list function combines the values of its elements."""
    zero: Any = 0 if expr.type.kind is Kind.INTEGER else Decimal(0)
    fold = FOLDS[expr.op]
    return lambda values: fold(values, zero)


def _over_list(expr: Expr, built: Evaluators) -> Evaluator:
    each, fold = elements(expr, built), folding(expr)
    return lambda s: None if (values := each(s)) is None else fold(values)


def _all(values: list[bool | None], _: Any) -> bool | None:
    return False if False in values else None if None in values else True


def _some(values: list[bool | None], _: Any) -> bool | None:
    return True if True in values else None if None in values else False


def _sum(values: list[Any], zero: Any) -> Any:
    try:
        return None if None in values else in_bounds(sum(values, zero))
    except ArithmeticError:
        return None


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[[list[Any], Any], Any]:
    return lambda values, _: choose(values) if values and None not in values else None


def _average(values: list[Any], zero: Any) -> Any:
    total = _sum(values, zero) if values else None
    return None if total is None else Decimal(total) / len(values)


FOLDS: Final[dict[str, Callable[[list[Any], Any], Any]]] = {
    "somme": _sum,
    "nombre": lambda values, zero: None if None in values else sum(values),
    "tous": _all,
    "certains": _some,
    "minimum": _extreme(min),
    "maximum": _extreme(max),
    "moyenne": _average,
    "premier": lambda values, _: values[0] if values else None,
    "liste": lambda values, _: None if None in values else tuple(values),
}
