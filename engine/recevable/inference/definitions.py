"""The named values of a context: deductions, then the numbers that may depend on them, computed by the language."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from recevable.language.evaluate import Evaluator, Layout, Slots, build
from recevable.language.operations import round_to
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, LITERAL, Expr
from recevable.language.types import TEXT
from recevable.pack.model import AmountRule, Context, Definition


class Contradiction(Exception):
    """Two applicable rules give one name two values: the pack is wrong, no order settles it."""

    def __init__(self, name: str, rules: tuple[str, ...], values: tuple[object, ...]) -> None:
        super().__init__(f"{name}: {', '.join(f'{r} = {v}' for r, v in zip(rules, values, strict=True))}")
        self.name, self.rules, self.values = name, rules, values


class Definitions:
    """Computes every definition of a context into its slot."""

    def __init__(self, context: Context) -> None:
        layout = context.layout
        self.deductions = {
            d.name: layout.slot(DEDUCTION, d.name) for d in context.definitions if d.deduction is not None
        }
        self._deduced = [
            (self.deductions[d.name], d.name, _evaluator(d, layout))
            for d in context.definitions
            if d.deduction is not None
        ]
        self._amounts = [
            (layout.slot(AMOUNT_NAME, d.name), d.name, _evaluator(d, layout))
            for d in context.definitions
            if d.deduction is None
        ]

        self.stores: list[tuple[int, Expr | Evaluator]] = [
            (layout.slot(AMOUNT_NAME, d.name), _store(d, evaluate))
            for d, (_, _, evaluate) in zip(
                (d for d in context.definitions if d.deduction is None), self._amounts, strict=True
            )
        ]

    def compute_deductions(self, slots: Slots, given: Collection[str] = ()) -> None:
        """Fill the slots of the deductions; names `given` keep the value they have."""
        for index, name, evaluate in self._deduced:
            if name not in given:
                slots[index] = evaluate(slots)

    def compute_amounts(self, slots: Slots, given: Collection[str] = ()) -> None:
        """Fill the slots of the numbers, once those of the deductions are.  Raises Contradiction."""
        for index, name, evaluate in self._amounts:
            if name not in given:
                slots[index] = evaluate(slots)


def _store(definition: Definition, evaluate: Evaluator) -> Expr | Evaluator:
    """How a compiled program computes a number: a plain expression when there is one, else its evaluator."""
    if len(definition.amounts) > 1 or definition.amounts[0].when is not None:
        return evaluate
    amount = definition.amounts[0]
    rounding = amount.rule.body.rounding
    if rounding is None:
        return amount.value
    words = tuple(Expr(LITERAL, (), TEXT, word) for word in (rounding.step, rounding.direction))
    return Expr("arrondi", (amount.value, *words), amount.value.type)


def _evaluator(definition: Definition, layout: Layout) -> Evaluator:
    if definition.deduction is not None:
        return build(definition.deduction, layout)
    alternatives = [
        (
            rule.rule.id,
            build(rule.when, layout) if rule.when is not None else None,
            _rounded(rule, build(rule.value, layout)),
        )
        for rule in definition.amounts
    ]
    if len(alternatives) == 1 and alternatives[0][1] is None:
        return alternatives[0][2]

    def choose(slots: Slots) -> Any:
        applicable = []
        for rule, when, value in alternatives:
            applies = True if when is None else when(slots)
            if applies is None:
                return None
            if applies:
                applicable.append((rule, value(slots)))
        if len({value for _, value in applicable}) > 1:
            rules, values = zip(*applicable, strict=True)
            raise Contradiction(definition.name, rules, values)
        return applicable[0][1] if applicable else None

    return choose


def _rounded(rule: AmountRule, value: Evaluator) -> Evaluator:
    rounding = rule.rule.body.rounding
    if rounding is None:
        return value
    step, direction = rounding.step, rounding.direction
    return lambda slots: None if (v := value(slots)) is None else round_to(v, step, direction)
