"""The named values of a context: deductions, then the numbers that may depend on them, computed by the language."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from recevable.language.compiled import Stored
from recevable.language.evaluate import Evaluator, Layout, Slots, build
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, LITERAL, Expr
from recevable.language.types import BOOLEAN, TEXT
from recevable.pack.model import AmountRule, Context, Definition


class Contradiction(Exception):
    """Two applicable rules give one name two values: the pack is wrong, no order settles it."""

    def __init__(self, name: str, rules: tuple[str, ...], values: tuple[object, ...]) -> None:
        super().__init__(f"{name}: {', '.join(f'{r} = {v}' for r, v in zip(rules, values, strict=True))}")
        self.name, self.rules, self.values = name, rules, values


class NegativePayment(Contradiction):
    """An accepted request would pay less than nothing: `name` is what it proposes, one rule gives it."""


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
        amounts = [d for d in context.definitions if d.deduction is None]
        self._amounts = [(layout.slot(AMOUNT_NAME, d.name), d.name, _evaluator(d, layout)) for d in amounts]
        self.stores = [(layout.slot(AMOUNT_NAME, d.name), _stored(d)) for d in amounts]

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


def _evaluator(definition: Definition, layout: Layout) -> Evaluator:
    if definition.deduction is not None:
        return build(definition.deduction, layout)
    stored = _stored(definition)
    if isinstance(stored, Expr):
        return build(stored, layout)
    choose, operands = stored
    evaluators = [build(operand, layout) for operand in operands]
    return lambda slots: choose(*[evaluate(slots) for evaluate in evaluators])


def _stored(definition: Definition) -> Stored:
    """A plain expression when one rule always gives the number, else a choice between (condition, value) pairs."""
    if len(definition.amounts) == 1 and definition.amounts[0].when is None:
        return _rounded(definition.amounts[0])
    operands = [e for amount in definition.amounts for e in (amount.when or _ALWAYS, _rounded(amount))]
    return _chooser(definition), tuple(operands)


def _chooser(definition: Definition) -> Callable[..., Any]:
    """The value of the one rule that applies; unknown while it is not known whether one does, or what it gives."""
    rules = [amount.rule.id for amount in definition.amounts]

    def choose(*operands: Any) -> Any:
        conditions, values = operands[::2], operands[1::2]
        applicable = [rank for rank, applies in enumerate(conditions) if applies]
        known = [rank for rank in applicable if values[rank] is not None]
        if len(known) > 1 and len({values[rank] for rank in known}) > 1:
            raise Contradiction(definition.name, tuple(rules[r] for r in known), tuple(values[r] for r in known))
        if None in conditions or not applicable or len(known) < len(applicable):
            return None
        return values[applicable[0]]

    return choose


def _rounded(amount: AmountRule) -> Expr:
    """The expression of an amount rule, its rounding included."""
    rounding = amount.rule.body.rounding
    if rounding is None:
        return amount.value
    words = tuple(Expr(LITERAL, (), TEXT, word) for word in (rounding.step, rounding.direction))
    return Expr("arrondi", (amount.value, *words), amount.value.type)


_ALWAYS: Final = Expr(LITERAL, (), BOOLEAN, True)
