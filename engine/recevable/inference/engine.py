"""One context evaluated on one dossier by both engines; a disagreement stops the decision."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recevable.inference.network import Network
from recevable.inference.reference import Reference
from recevable.inference.ruleset import IncompleteRun
from recevable.language.evaluate import EXACT, Evaluator, Slots, build
from recevable.language.operations import round_to
from recevable.language.tree import AMOUNT_NAME, DEDUCTION
from recevable.pack.model import AmountRule, Context, Definition, Outcome


class EngineDisagreement(Exception):
    """The two engines answered differently: nothing may be decided.  Carries the rule or deduction at fault."""

    def __init__(self, context: str, rule: str, network: object, reference: object) -> None:
        super().__init__(f"{context}/{rule}: network {network}, reference {reference}")
        self.context, self.rule, self.network, self.reference = context, rule, network, reference


class Contradiction(Exception):
    """Two applicable rules give one name two values: the pack is wrong, no order settles it."""

    def __init__(self, name: str, rules: tuple[str, ...], values: tuple[object, ...]) -> None:
        super().__init__(f"{name}: {', '.join(f'{r} = {v}' for r, v in zip(rules, values, strict=True))}")
        self.name, self.rules, self.values = name, rules, values


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a context gives on a dossier: the slots (facts, parameters, numbers, deductions) and one outcome per check."""

    context: Context
    slots: Slots
    outcomes: list[Outcome]


class Engine:
    """A context made ready to run many times.

    `fill` puts facts and parameters in the slots; it is given by the caller, which knows dossiers.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        layout = context.layout
        self._definitions: list[tuple[int, Callable[[Slots], Any]]] = [
            (layout.slot(DEDUCTION if d.deduction is not None else AMOUNT_NAME, d.name), self._definition(d))
            for d in context.definitions
        ]
        self._reference = Reference(context.checks, layout)
        self._network = Network(context)
        self._deduced = {d.name: layout.slot(DEDUCTION, d.name) for d in context.definitions if d.deduction is not None}

    def _definition(self, definition: Definition) -> Callable[[Slots], Any]:
        layout = self.context.layout
        if definition.deduction is not None:
            return build(definition.deduction, layout)
        alternatives = [
            (rule.rule.id, build(rule.when, layout) if rule.when is not None else None, _rounded(rule, build(rule.value, layout)))
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

    def evaluate(self, fill: Callable[[Slots], None]) -> Evaluation:
        """Both engines on one dossier; raises EngineDisagreement or Contradiction."""
        slots = self.context.layout.empty()
        with decimal.localcontext(EXACT):
            fill(slots)
            for index, compute in self._definitions:
                slots[index] = compute(slots)
            expected = self._reference.run(slots)
            try:
                deduced, outcomes = self._network.run(slots)
            except IncompleteRun as error:
                raise EngineDisagreement(self.context.name, str(error), "incomplete", "complete") from error
        self._agree(slots, deduced, outcomes, expected)
        return Evaluation(self.context, slots, outcomes)

    def _agree(self, slots: Slots, deduced: Mapping[str, bool | None], outcomes: list[Outcome], expected: list[Outcome]) -> None:
        for name, index in self._deduced.items():
            if deduced[name] is not slots[index]:
                raise EngineDisagreement(self.context.name, name, deduced[name], slots[index])
        if outcomes != expected:
            for check, got, wanted in zip(self.context.checks, outcomes, expected, strict=True):
                if got != wanted:
                    raise EngineDisagreement(self.context.name, check.rule, got, wanted)


def _rounded(rule: AmountRule, value: Evaluator) -> Evaluator:
    rounding = rule.rule.body.rounding
    if rounding is None:
        return value
    step, direction = rounding.step, rounding.direction
    return lambda slots: None if (v := value(slots)) is None else round_to(v, step, direction)
