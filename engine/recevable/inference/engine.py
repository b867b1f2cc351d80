"""Evaluate one context on one dossier with both engines; a disagreement stops the decision.

Every value (truth values, deductions, numbers) is computed twice on every dossier, by closures and by generated code;
by sampling (docs/adr/0016), by generated code alone where the outcomes for its truth values are agreed on already.
From truth values to outcomes, inference is a pure function: the outcome that both engines agreed on for a check and the
truth values that it reads is cached, within bounds, and so are those of a group of checks (docs/adr/0006).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from recevable.inference.agreement import Sample
from recevable.inference.definitions import Contradiction, Definitions
from recevable.inference.forms import Asked
from recevable.inference.network import Group, Network
from recevable.inference.reference import Reference
from recevable.inference.ruleset import IncompleteRun
from recevable.inference.values import Computed, Values
from recevable.language.evaluate import Evaluators, Slots, picker
from recevable.language.tree import DEDUCTION
from recevable.pack.model import Context, Outcome

REMEMBERED: Final = 4096

Picker = Callable[[Sequence[Any]], Sequence[Any]]


class EngineDisagreement(Exception):
    """The two engines gave different answers, so there is no decision.  Carries the rule or deduction concerned."""

    def __init__(self, context: str, rule: str, network: object, reference: object) -> None:
        super().__init__(f"{context}/{rule}: network {network}, reference {reference}")
        self.context, self.rule, self.network, self.reference = context, rule, network, reference

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.context, self.rule, self.network, self.reference)


class Answer:
    """The agreed outcomes of a group of checks; the same object as long as it is cached."""

    __slots__ = ("group", "outcomes")

    def __init__(self, group: Group, outcomes: tuple[Outcome, ...]) -> None:
        self.group, self.outcomes = group, outcomes


class Evaluation(Struct, frozen=True):
    """The result of a context on a dossier: slots (facts, parameters, numbers, deductions) and an answer per group.

    `each` is the list of the element that it is about; empty for the request itself.
    """

    context: Context
    slots: Slots
    answers: tuple[Answer, ...]
    each: str = ""

    def outcomes(self) -> list[Outcome]:
        """One outcome per check, in the order of the context."""
        return [outcome for answer in self.answers for outcome in answer.outcomes]


class _Remembered:
    """A group of checks, what it reads of a vector of truth values, and what both engines agreed on for it.

    `answers` are those of the group, by the values that it reads; `outcomes` those of each of its checks, by the values
    that this check reads, which are fewer: a group is seldom new when its checks are not.
    """

    __slots__ = ("answers", "group", "outcomes", "pick", "reference")

    def __init__(self, group: Group, reference: Reference) -> None:
        self.group, self.reference = group, reference
        self.pick = picker(group.indices)
        self.answers: dict[Sequence[bool | None], Answer] = {}
        self.outcomes: list[tuple[Picker, dict[Sequence[bool | None], Outcome]]] = [
            (picker(question.variables), {}) for question, _ in group.questions
        ]


class Engine:
    """A context ready to run many times; caches at most `remembered` vectors per group (0: none).

    The caller fills the facts and parameters into the slots given to `evaluate`.
    """

    def __init__(self, context: Context, remembered: int = REMEMBERED, network: Network | None = None) -> None:
        """`network` is the prebuilt network of the context, if any."""
        self.context, self.remembered = context, remembered
        layout = context.layout
        self._network = network or Network(context)
        # the closures of the reference evaluator, shared with what explains its answers
        self.built = Evaluators(layout)
        self._values = Values(context, self._network, self.built)
        self._slots = [layout.slot(DEDUCTION, name) for name in self._network.deduced]
        self._deduced = slice(self._slots[0], self._slots[-1] + 1) if self._slots else slice(0, 0)
        assert self._slots == list(range(self._deduced.start, self._deduced.stop))
        self._deductions: dict[tuple[bool | None, ...], tuple[bool | None, ...]] = {}
        self._groups = [
            _Remembered(group, Reference([context.checks[i] for i in group.checks], self.built))
            for group in self._network.groups
        ]

    def evaluate(self, slots: Slots, asked: Asked | None = None, sample: Sample | None = None) -> Evaluation:
        """Run both engines on one dossier, in the decimal context set by the caller (`EXACT`).

        `asked` is what the library has answered already, to be shared by the contexts of one decision.  `sample`: the
        values are those of generated code, with the closures for a dossier that is drawn or that is answered by what
        was not agreed on yet.  Raises EngineDisagreement, Contradiction.
        """
        if sample is not None and not sample.drawn:
            found = self._by_code(slots.copy())
            if found is not None:
                return found
        asked = {} if asked is None else asked
        filled = slots.copy()
        expected = self._values.by_closures(slots)
        computed = self._computed(filled, asked)
        if computed != expected:
            raise self._disagreement(computed, expected)
        if isinstance(expected, Contradiction):
            raise expected
        if expected.early not in self._deductions:
            self._remember(self._deductions, expected.early, expected.deduced)
        vector = (*expected.early, *expected.deduced, *expected.late)
        answers = tuple([self._answer(group, group.pick(vector), slots, asked) for group in self._groups])
        # the same values, of which one may be written 1.0 and the other 1.00: one or the other, whatever was agreed on
        return Evaluation(self.context, slots if sample is None else filled, answers)

    def _by_code(self, slots: Slots) -> Evaluation | None:
        """What generated code alone comes to; None when the engines have not agreed yet on what answers it."""
        network = self._network
        early = tuple(network.early_program(slots))
        deduced = self._deductions.get(early)
        if deduced is None:
            return None
        slots[self._deduced] = deduced
        try:
            rest = network.late_program(slots)
        except Contradiction:
            return None
        vector = (*early, *deduced, *self._values.late(rest))
        answers = []
        for group in self._groups:
            values = group.pick(vector)
            answer = group.answers.get(values) or self._agreed(group, values)
            if answer is None:
                return None
            answers.append(answer)
        return Evaluation(self.context, slots, tuple(answers))

    def _computed(self, slots: Slots, asked: Asked) -> Computed | Contradiction:
        """The values from the other engine: generated code, with durable_rules for the deductions."""
        network = self._network
        early = tuple(network.early_program(slots))
        deduced = self._deductions.get(early)
        if deduced is None:
            try:
                deduced = network.deduce(early, asked)
            except IncompleteRun as error:
                raise EngineDisagreement(self.context.name, "deductions", error, "complete") from error
        slots[self._deduced] = deduced
        try:
            rest = network.late_program(slots)
        except Contradiction as contradiction:
            return contradiction
        return self._values.gather(early, deduced, rest)

    def _disagreement(
        self, computed: Computed | Contradiction, expected: Computed | Contradiction
    ) -> EngineDisagreement:
        """The error for the first value that differs, with both answers."""
        if isinstance(computed, Contradiction) or isinstance(expected, Contradiction):
            contradiction = expected if isinstance(expected, Contradiction) else computed
            assert isinstance(contradiction, Contradiction)
            return EngineDisagreement(self.context.name, contradiction.rules[0], computed, expected)
        for name, got, wanted in self._values.pairs(computed, expected):
            if got != wanted:
                return EngineDisagreement(self.context.name, name, got, wanted)
        raise AssertionError("nothing differs")

    def _agreed(self, group: _Remembered, values: Sequence[bool | None]) -> Answer | None:
        """What both engines have agreed on already, for the group or for each of its checks; else None."""
        answer = group.answers.get(values)
        if answer is None:
            outcomes = []
            for pick, known in group.outcomes:
                outcome = known.get(pick(values))
                if outcome is None:
                    return None
                outcomes.append(outcome)
            answer = Answer(group.group, tuple(outcomes))
            self._remember(group.answers, values, answer)
        return answer

    def _answer(self, group: _Remembered, values: Sequence[bool | None], slots: Slots, asked: Asked) -> Answer:
        """The answer of a group, of both engines for each check on which they have not agreed already."""
        answer = self._agreed(group, values)
        if answer is not None:
            return answer
        expected = group.reference.run(slots)
        checks = [self.context.checks[index] for index in group.group.checks]
        keys = [pick(values) for pick, _ in group.outcomes]
        found = [known.get(key) for key, (_, known) in zip(keys, group.outcomes, strict=True)]
        new = [rank for rank, outcome in enumerate(found) if outcome is None]
        try:
            answered = self._network.answer(group.group, values, asked, new)
        except IncompleteRun as error:
            raise EngineDisagreement(self.context.name, checks[new[0]].rule, error, "complete") from error
        for rank, outcome in zip(new, answered, strict=True):
            found[rank] = outcome
        for check, got, wanted in zip(checks, found, expected, strict=True):
            if got != wanted:
                raise EngineDisagreement(self.context.name, check.rule, got, wanted)
        for rank in new:
            self._remember(group.outcomes[rank][1], keys[rank], expected[rank])
        answer = Answer(group.group, tuple(expected))
        self._remember(group.answers, values, answer)
        return answer

    def _remember(self, known: dict[Any, Any], key: Any, value: Any) -> None:
        if self.remembered:
            if len(known) >= self.remembered:
                known.clear()
            known[key] = value

    def close(self) -> None:
        """Release the memory of the network."""
        self._network.close()


class ReferenceEngine:
    """The reference evaluator alone, for packs that decide nothing.

    Building a network for each of a thousand variants, each run on a few known cases, would cost too much.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.built = Evaluators(context.layout)
        self._definitions = Definitions(context, self.built)
        self._reference = Reference(context.checks, self.built)
        self._group = Group(checks=list(range(len(context.checks))))
        self._known: dict[tuple[Outcome, ...], tuple[Answer, ...]] = {}

    def evaluate(self, slots: Slots, asked: Asked | None = None, sample: Sample | None = None) -> Evaluation:
        """Like `Engine.evaluate`, without the second engine, so that nothing is asked.  Raises Contradiction."""
        self._definitions.compute_deductions(slots)
        self._definitions.compute_amounts(slots)
        outcomes = tuple(self._reference.run(slots))
        answers = self._known.get(outcomes)
        if answers is None:
            answers = self._known[outcomes] = (Answer(self._group, outcomes),)
        return Evaluation(self.context, slots, answers)
