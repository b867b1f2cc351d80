"""The steps of a calculation: each operation with its operands and its result, innermost first.

They are computed with the operations of the reference evaluator, so replaying them gives the same amount.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from functools import reduce
from typing import Any, Final

from recevable.decision.model import AmountStep
from recevable.decision.wording import day
from recevable.language.evaluate import EXACT, Evaluators, Layout, Slots, elements, folding
from recevable.language.operations import OPERATIONS
from recevable.language.tables import Scale, portions, slice_of
from recevable.language.tree import AT, IN_GRID, IN_SCALE, Expr
from recevable.language.types import NUMERIC

StepMaker = Callable[[Slots], tuple[AmountStep, ...]]
# Returns the value of an expression and appends its steps to a list.
_Walk = Callable[[Slots, list[AmountStep]], Any]

SUM: Final = "somme"
# Over a list, with its elements as operands.
OVER_LIST: Final = frozenset({SUM, "minimum", "maximum", "moyenne"})
ROUNDING: Final = "arrondi"
DAYS: Final = "nombre_de_jours"
MONTHS: Final = "nombre_de_mois"
AGE: Final = "age"
WORKING_DAYS: Final = frozenset({"jours_ouvres", "jours_ouvrables"})
_SHOWN: Final = frozenset({"+", "-", "*", "/", "oppose", "min", "max", DAYS, MONTHS, AGE})
# A longer list shows only its number of elements and the result.
MAX_ELEMENTS: Final = 12


def step_maker(expr: Expr, built: Evaluators) -> StepMaker:
    """A function that gives the steps of a number from the slots; empty if it is unknown or read as such."""
    made: list[_Walk] = []

    def make(slots: Slots) -> tuple[AmountStep, ...]:
        if not made:
            made.append(_walk(expr, built))
        steps: list[AmountStep] = []
        with decimal.localcontext(EXACT):
            value = made[0](slots, steps)
        return tuple(steps) if value is not None else ()

    return make


def _walk(expr: Expr, built: Evaluators) -> _Walk:
    if expr.op == "si":
        return _branch(expr, built)
    if expr.op == AT:
        return _at_date(expr, built)
    if expr.op in (IN_GRID, IN_SCALE):
        return _in_table(expr, built)
    if expr.op in WORKING_DAYS:
        return _working_days(expr, built)
    if expr.op in OVER_LIST and expr.type.kind in NUMERIC:
        return _over_list(expr, built)
    if expr.op == ROUNDING or (expr.op in _SHOWN and expr.type.kind in NUMERIC):
        return _operation(expr, built)
    evaluate = built.of(expr)
    return lambda slots, steps: evaluate(slots)


def _branch(expr: Expr, built: Evaluators) -> _Walk:
    """For an alternative, the steps of the branch taken."""
    condition = built.of(expr.args[0])
    yes, no = (_walk(arg, built) for arg in expr.args[1:])

    def choose(slots: Slots, steps: list[AmountStep]) -> Any:
        value = condition(slots)
        return None if value is None else (yes if value else no)(slots, steps)

    return choose


def _at_date(expr: Expr, built: Evaluators) -> _Walk:
    """A parameter at a date: its title, the day and the value."""
    history, on, value = (built.of(part) for part in (*expr.args, expr))

    def read(slots: Slots, steps: list[AmountStep]) -> Any:
        found = value(slots)
        if found is not None:
            steps.append(AmountStep(AT, (history(slots).title, on(slots)), found))
        return found

    return read


def _working_days(expr: Expr, built: Evaluators) -> _Walk:
    """A number of working days: the two days, and the title of the calendar."""
    parts, evaluate = [built.of(arg) for arg in expr.args], built.of(expr)

    def count(slots: Slots, steps: list[AmountStep]) -> Any:
        first, last, holidays = (part(slots) for part in parts)
        value = evaluate(slots)
        if value is not None:
            steps.append(AmountStep(expr.op, (first, last, holidays.title), value))
        return value

    return count


def _in_table(expr: Expr, built: Evaluators) -> _Walk:
    """A table: its title, what it was read for, and its value; before them the products of a marginal scale."""
    read, evaluate = built.of(expr.args[0]), built.of(expr)
    on = built.of(expr.args[0].args[1]) if expr.args[0].op == AT else None
    walks = [_walk(arg, built) for arg in expr.args[1:]]
    labels = [arg.type.labels for arg in expr.args[1:]] if expr.op == IN_GRID else []

    def look_up(slots: Slots, steps: list[AmountStep]) -> Any:
        keys = [walk(slots, steps) for walk in walks]
        table, value = read(slots), evaluate(slots)
        if value is None:
            return None
        if isinstance(table, Scale) and table.marginal:
            steps += [AmountStep("*", (one.part, one.value), one.product) for one in portions(table, keys[0])]
        elif isinstance(table, Scale):
            found = slice_of(table, keys[0])
            assert found is not None
            before = table.slices.index(found)
            # the limits of the slice that was read
            keys.append(table.slices[before - 1].limit if before else 0)
            keys += [] if found.limit is None else [found.limit]
        title = table.title if on is None else f"{table.title} (au {day(on(slots))})"
        called = tuple([names.get(key, key) for names, key in zip(labels, keys, strict=False)])
        steps.append(AmountStep(expr.op, (title, *keys), value, called=called))
        return value

    return look_up


def _operation(expr: Expr, built: Evaluators) -> _Walk:
    walks = [_walk(operand, built) for operand in _flatten(expr)]

    def operate(slots: Slots, steps: list[AmountStep]) -> Any:
        operands = tuple([walk(slots, steps) for walk in walks])
        if None in operands:
            return None
        value = _result(expr.op, operands, built.layout)
        steps.append(AmountStep(expr.op, operands, value))
        return value

    return operate


def _over_list(expr: Expr, built: Evaluators) -> _Walk:
    each, fold = elements(expr, built), folding(expr)

    def add(slots: Slots, steps: list[AmountStep]) -> Any:
        values = each(slots)
        value = None if values is None else fold(values)
        if value is None:
            return None
        # sorted by value: the order of a list in a dossier is not significant
        shown = tuple(sorted(values)) if len(values) <= MAX_ELEMENTS else ()
        steps.append(AmountStep(expr.op, shown, value, len(values)))
        return value

    return add


def _result(op: str, operands: tuple[Any, ...], layout: Layout) -> Any:
    row = OPERATIONS[op]
    compute = row.compute
    assert compute is not None
    if op == "+":
        return reduce(lambda a, b: None if a is None else compute(layout.zone, a, b), operands)
    return compute(layout.zone, *operands) if row.zoned else compute(*operands)


def _flatten(expr: Expr) -> list[Expr]:
    """`a + b + c` as a list of three operands."""
    if expr.op == "+" and expr.args[0].op == "+":
        return [*_flatten(expr.args[0]), expr.args[1]]
    return list(expr.args)
