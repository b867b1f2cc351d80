"""The steps of a calculation, for people: each operation with the values of its operands, innermost first."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from typing import Any, Final

from recevable.decision.model import AmountStep
from recevable.language.evaluate import EXACT, Evaluator, Layout, Slots, build
from recevable.language.tree import LITERAL, REFERENCES, Expr
from recevable.language.types import NUMERIC, Kind
from recevable.pack.kinds.amount import Rounding

_SYMBOLS: Final = {"+": "+", "-": "-", "*": "×", "/": "÷"}
StepMaker = Callable[[Slots], tuple[AmountStep, ...]]


def step_maker(expr: Expr, rounding: Rounding | None, slot: int, layout: Layout) -> StepMaker:
    """The steps of a number kept in `slot` once rounded; the function then reads them off the slots."""
    plan: list[tuple[Evaluator, Callable[[Slots], str]]] = []

    def prepare() -> None:
        _collect(expr, layout, plan)
        if rounding is not None:
            whole, words = build(expr, layout), f"arrondi à {rounding.step} ({rounding.direction})"
            plan.append((lambda s: s[slot], lambda s: f"{_plain(whole(s))} {words}"))

    def make(slots: Slots) -> tuple[AmountStep, ...]:
        if not plan:
            prepare()
        steps = []
        with decimal.localcontext(EXACT):
            for evaluate, describe in plan:
                value = evaluate(slots)
                if value is None:
                    return ()
                steps.append(AmountStep(describe(slots), value))
        return tuple(steps)

    return make


def _collect(expr: Expr, layout: Layout, plan: list[tuple[Evaluator, Callable[[Slots], str]]]) -> None:
    """Depth-first: a sum of products shows each product, then the sum; a choice shows only the branch taken."""
    if expr.op in REFERENCES or expr.op == LITERAL or expr.type.kind not in NUMERIC:
        return
    if expr.op == "si":
        return
    operands = _flatten(expr)
    for operand in operands:
        _collect(operand, layout, plan)
    values = [build(operand, layout) for operand in operands if operand.type.kind is not Kind.TEXT]
    if expr.op in _SYMBOLS:
        symbol = f" {_SYMBOLS[expr.op]} "
        plan.append((build(expr, layout), lambda s: symbol.join(_plain(value(s)) for value in values)))
    elif expr.op in ("min", "max"):
        name = expr.op
        plan.append((build(expr, layout), lambda s: f"{name}({' ; '.join(_plain(value(s)) for value in values)})"))


def _flatten(expr: Expr) -> list[Expr]:
    """`a + b + c` as three operands."""
    if expr.op == "+" and expr.args[0].op == "+":
        return [*_flatten(expr.args[0]), expr.args[1]]
    return list(expr.args)


def _plain(value: Any) -> str:
    return "?" if value is None else f"{value}"
