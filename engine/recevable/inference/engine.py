"""One context evaluated on one dossier by both engines; a disagreement stops the decision.

Every value (truth values, deductions, numbers) is computed twice on every dossier, by closures and by generated code.
From truth values to outcomes, inference is a pure function: what both engines have agreed on for a group of checks and
a vector of truth values is remembered, within bounds, and not computed again (docs/adr/0006).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final

from msgspec import Struct

from recevable.inference.definitions import Contradiction, Definitions
from recevable.inference.network import Group, Network
from recevable.inference.reference import Reference
from recevable.inference.ruleset import IncompleteRun
from recevable.inference.values import Computed, Values
from recevable.language.evaluate import Slots
from recevable.language.tree import DEDUCTION
from recevable.pack.model import Context, Outcome

REMEMBERED: Final = 4096


class EngineDisagreement(Exception):
    """The two engines answered differently: nothing may be decided.  Carries the rule or deduction at fault."""

    def __init__(self, context: str, rule: str, network: object, reference: object) -> None:
        super().__init__(f"{context}/{rule}: network {network}, reference {reference}")
        self.context, self.rule, self.network, self.reference = context, rule, network, reference

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.context, self.rule, self.network, self.reference)


class Answer:
    """The agreed outcomes of a group of checks; the same object as long as it is remembered."""

    __slots__ = ("__weakref__", "group", "outcomes")

    def __init__(self, group: Group, outcomes: tuple[Outcome, ...]) -> None:
        self.group, self.outcomes = group, outcomes


class Answers:
    """The answers of every group of a context, remembered together."""

    __slots__ = ("__weakref__", "answers")

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        self.answers = answers


class Evaluation(Struct, frozen=True):
    """What a context gives on a dossier: the slots (facts, parameters, numbers, deductions) and an answer per group."""

    context: Context
    slots: Slots
    answers: Answers

    def outcomes(self) -> list[Outcome]:
        """One outcome per check, in the order of the context."""
        return [outcome for answer in self.answers.answers for outcome in answer.outcomes]


class Engine:
    """A context made ready to run many times; `remembered` vectors at most are kept per group (0: none).

    `evaluate` is given the slots with facts and parameters in them: the caller knows dossiers.
    """

    def __init__(self, context: Context, remembered: int = REMEMBERED, network: Network | None = None) -> None:
        """`network` is the context's own, when it has been built before."""
        self.context, self.remembered = context, remembered
        layout = context.layout
        self._network = network or Network(context)
        self._values = Values(context, self._network)
        self._slots = [layout.slot(DEDUCTION, name) for name in self._network.deduced]
        self._deduced = slice(self._slots[0], self._slots[-1] + 1) if self._slots else slice(0, 0)
        assert self._slots == list(range(self._deduced.start, self._deduced.stop))
        self._deductions: dict[tuple[bool | None, ...], tuple[bool | None, ...]] = {}
        self._known: dict[tuple[bool | None, ...], Answers] = {}
        self._groups = [
            (
                group,
                _picker(group.indices),
                Reference([context.checks[i] for i in group.checks], layout),
                dict[Any, Answer](),
            )
            for group in self._network.groups
        ]

    def evaluate(self, slots: Slots) -> Evaluation:
        """Both engines on one dossier, in the decimal context that the caller has set (`EXACT`).

        Raises EngineDisagreement, Contradiction.
        """
        expected = self._values.by_closures(slots)
        computed = self._computed(slots.copy())
        if computed != expected:
            raise self._disagreement(computed, expected)
        if isinstance(expected, Contradiction):
            raise expected
        vector = (*expected.early, *expected.deduced, *expected.late)
        answers = self._known.get(vector)
        if answers is None:
            answers = Answers(tuple([self._group_answer(*group, vector, slots) for group in self._groups]))
            self._remember(self._known, vector, answers)
        return Evaluation(self.context, slots, answers)

    def _computed(self, slots: Slots) -> Computed | Contradiction:
        """The values by the other side: generated code, durable_rules for the deductions."""
        network = self._network
        early = tuple(network.early_program(slots))
        deduced = self._deductions.get(early)
        if deduced is None:
            try:
                deduced = network.deduce(early)
            except IncompleteRun as error:
                raise EngineDisagreement(self.context.name, "deductions", error, "complete") from error
        slots[self._deduced] = deduced
        try:
            rest = network.late_program(slots)
        except Contradiction as contradiction:
            return contradiction
        self._remember(self._deductions, early, deduced)
        return self._values.gather(early, deduced, rest)

    def _disagreement(
        self, computed: Computed | Contradiction, expected: Computed | Contradiction
    ) -> EngineDisagreement:
        """What the first value that differs belongs to, and both answers."""
        # what a wrong conclusion of the network was may not be kept
        self._deductions.clear()
        if isinstance(computed, Contradiction) or isinstance(expected, Contradiction):
            told = expected if isinstance(expected, Contradiction) else computed
            assert isinstance(told, Contradiction)
            return EngineDisagreement(self.context.name, told.rules[0], computed, expected)
        for name, got, wanted in self._values.pairs(computed, expected):
            if got != wanted:
                return EngineDisagreement(self.context.name, name, got, wanted)
        raise AssertionError("nothing differs")

    def _group_answer(
        self,
        group: Group,
        pick: Callable[[Sequence[Any]], Sequence[Any]],
        reference: Reference,
        known: dict[Any, Answer],
        vector: Sequence[bool | None],
        slots: Slots,
    ) -> Answer:
        key = pick(vector)
        answer = known.get(key)
        if answer is None:
            answer = self._answer(group, reference, key, slots)
            self._remember(known, key, answer)
        return answer

    def _answer(self, group: Group, reference: Reference, values: Sequence[bool | None], slots: Slots) -> Answer:
        expected = reference.run(slots)
        try:
            outcomes = self._network.answer(group, values)
        except IncompleteRun as error:
            rule = self.context.checks[group.checks[0]].rule
            raise EngineDisagreement(self.context.name, rule, error, "complete") from error
        for index, got, wanted in zip(group.checks, outcomes, expected, strict=True):
            if got != wanted:
                raise EngineDisagreement(self.context.name, self.context.checks[index].rule, got, wanted)
        return Answer(group, tuple(outcomes))

    def _remember(self, known: dict[Any, Any], key: Any, value: Any) -> None:
        if self.remembered:
            if len(known) >= self.remembered:
                known.clear()
            known[key] = value

    def close(self) -> None:
        """Give the network's memory back."""
        self._network.close()


class ReferenceEngine:
    """The reference evaluator alone, for packs that decide nothing.

    A thousand variants of a pack, each tried on a few known cases, are not worth a network each.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self._definitions = Definitions(context)
        self._reference = Reference(context.checks, context.layout)
        self._group = Group(checks=list(range(len(context.checks))))
        self._known: dict[tuple[Outcome, ...], Answers] = {}

    def evaluate(self, slots: Slots) -> Evaluation:
        """The same as `Engine.evaluate`, unconfirmed.  Raises Contradiction."""
        self._definitions.compute_deductions(slots)
        self._definitions.compute_amounts(slots)
        outcomes = tuple(self._reference.run(slots))
        answers = self._known.get(outcomes)
        if answers is None:
            answers = self._known[outcomes] = Answers((Answer(self._group, outcomes),))
        return Evaluation(self.context, slots, answers)


def _picker(indices: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """The values at the given indices, as a tuple."""
    if len(indices) > 1:
        return itemgetter(*indices)
    if not indices:
        return lambda vector: ()
    (only,) = indices
    return lambda vector: (vector[only],)
