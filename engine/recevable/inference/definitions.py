"""The named values of a context, computed by the language: deductions, then the numbers that may depend on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from msgspec import Struct

from recevable.language.evaluate import Evaluator, Evaluators, Slots
from recevable.language.generated import Stored
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, LITERAL, Expr
from recevable.language.types import BOOLEAN
from recevable.pack.model import Context, Definition


class Contradiction(Exception):
    """Two applicable rules give one name different values: a fault of the pack."""

    def __init__(self, name: str, rules: tuple[str, ...], values: tuple[object, ...]) -> None:
        super().__init__(f"{name}: {', '.join(f'{r} = {v}' for r, v in zip(rules, values, strict=True))}")
        self.name, self.rules, self.values = name, rules, values

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.rules, self.values)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.name, self.rules, self.values))


class Definitions:
    """Computes the definitions of a context into their slots, with the reference evaluator."""

    def __init__(self, context: Context, built: Evaluators) -> None:
        layout = context.layout
        self._deduced = [
            (layout.slot(DEDUCTION, d.name), built.of(d.deduction))
            for d in context.definitions
            if d.deduction is not None
        ]
        self._amounts = [(layout.slot(AMOUNT_NAME, d.name), _evaluator(d, built)) for d in numbers(context)]

    def compute_deductions(self, slots: Slots) -> None:
        """Fill the slots of the deductions."""
        for index, evaluate in self._deduced:
            slots[index] = evaluate(slots)

    def compute_amounts(self, slots: Slots) -> None:
        """Fill the slots of the numbers, after the deductions.  Raises Contradiction."""
        for index, evaluate in self._amounts:
            slots[index] = evaluate(slots)


def compute_given(context: Context, built: Evaluators, slots: Slots, given: Collection[str]) -> None:
    """Fill the slots of all definitions, in order, except the names `given`: a deduction reads the numbers among them.

    Raises Contradiction.
    """
    for one in context.definitions:
        if one.name not in given:
            op = AMOUNT_NAME if one.written is None else DEDUCTION
            evaluate = _evaluator(one, built) if one.written is None else built.of(one.written)
            slots[context.layout.slot(op, one.name)] = evaluate(slots)


class Choice(Struct, frozen=True):
    """For generated code: selects the value of the applicable rule among `rules`.

    The value is unknown when a condition is unknown, or when the applicable rule gives no value.
    """

    name: str
    rules: tuple[str, ...]

    def __call__(self, *operands: Any) -> Any:
        """Take alternating conditions and values.  Raises Contradiction when applicable rules give different values."""
        found: Any = None
        settled = True
        for rank in range(0, len(operands), 2):
            applies, value = operands[rank], operands[rank + 1]
            if applies is False:
                continue
            if applies is None or value is None:
                settled = False
            if applies is not True or value is None:
                continue
            if found is not None and value != found:
                raise self._contradiction(operands)
            found = value if found is None else found
        return found if settled else None

    def _contradiction(self, operands: Sequence[Any]) -> Contradiction:
        pairs = zip(self.rules, operands[0::2], operands[1::2], strict=True)
        given = [(rule, value) for rule, applies, value in pairs if applies is True and value is not None]
        return Contradiction(self.name, tuple(rule for rule, _ in given), tuple(value for _, value in given))


def numbers(context: Context) -> list[Definition]:
    """The definitions that are not deductions, in the order of computation."""
    return [definition for definition in context.definitions if definition.deduction is None]


def stores(context: Context) -> list[tuple[int, Stored]]:
    """For generated code: the slot of each number and what it is computed from."""
    found: list[tuple[int, Stored]] = []
    for definition in numbers(context):
        operands = _operands(definition)
        rules = tuple(amount.rule.id for amount in definition.amounts)
        value = operands[1] if _single(definition) else (Choice(definition.name, rules), operands)
        found.append((context.layout.slot(AMOUNT_NAME, definition.name), value))
    return found


def _single(definition: Definition) -> bool:
    """Whether one rule always gives the number."""
    return len(definition.amounts) == 1 and definition.amounts[0].when is None


def _operands(definition: Definition) -> tuple[Expr, ...]:
    """The alternating conditions and values of the rules."""
    return tuple(e for amount in definition.amounts for e in (amount.when or _ALWAYS, amount.rounded))


def _evaluator(definition: Definition, built: Evaluators) -> Evaluator:
    evaluators = [built.of(operand) for operand in _operands(definition)]
    if _single(definition):
        return evaluators[1]
    choose = _chooser(definition)
    return lambda slots: choose(*[evaluate(slots) for evaluate in evaluators])


def _chooser(definition: Definition) -> Callable[..., Any]:
    """The equivalent of Choice for the reference evaluator."""
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


_ALWAYS: Final = Expr(LITERAL, (), BOOLEAN, True)
