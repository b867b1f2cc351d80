"""Evaluate one context on one dossier with both engines; a disagreement stops the decision.

Every value (truth values, deductions, numbers) is computed twice on every dossier, by closures and by generated code;
by sampling (docs/adr/0016), by generated code alone where the outcomes for its truth values are agreed on already.
From truth values to outcomes, inference is a pure function: the outcomes that both engines agreed on for a group of
checks and a vector of truth values are cached, within bounds (docs/adr/0006).
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


class EngineDisagreement(Exception):
    """The two engines gave different answers, so there is no decision.  Carries the rule or deduction concerned."""

    def __init__(self, context: str, rule: str, network: object, reference: object) -> None:
        super().__init__(f"{context}/{rule}: network {network}, reference {reference}")
        self.context, self.rule, self.network, self.reference = context, rule, network, reference

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.context, self.rule, self.network, self.reference)


class Answer:
    """The agreed outcomes of a group of checks; the same object as long as it is cached."""

    __slots__ = ("__weakref__", "group", "outcomes")

    def __init__(self, group: Group, outcomes: tuple[Outcome, ...]) -> None:
        self.group, self.outcomes = group, outcomes


class Answers:
    """The answers of all groups of a context, cached together."""

    __slots__ = ("__weakref__", "answers")

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        self.answers = answers


class Evaluation(Struct, frozen=True):
    """The result of a context on a dossier: slots (facts, parameters, numbers, deductions) and an answer per group.

    `each` is the list of the element that it is about; empty for the request itself.
    """

    context: Context
    slots: Slots
    answers: Answers
    each: str = ""

    def outcomes(self) -> list[Outcome]:
        """One outcome per check, in the order of the context."""
        return [outcome for answer in self.answers.answers for outcome in answer.outcomes]


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
        self._known: dict[tuple[bool | None, ...], Answers] = {}
        self._groups = [
            (
                group,
                picker(group.indices),
                Reference([context.checks[i] for i in group.checks], self.built),
                dict[Any, Answer](),
            )
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
        answers = self._known.get(vector)
        if answers is None:
            answers = Answers(tuple([self._group_answer(*group, vector, slots, asked) for group in self._groups]))
            self._remember(self._known, vector, answers)
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
        answers = self._known.get(vector)
        if answers is None:
            agreed = [known.get(pick(vector)) for _, pick, _, known in self._groups]
            if None in agreed:
                return None
            answers = Answers(tuple([answer for answer in agreed if answer is not None]))
            self._remember(self._known, vector, answers)
        return Evaluation(self.context, slots, answers)

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
        asked: Asked,
    ) -> Answer:
        key = pick(vector)
        answer = known.get(key)
        if answer is None:
            answer = self._answer(group, reference, key, slots, asked)
            self._remember(known, key, answer)
        return answer

    def _answer(
        self, group: Group, reference: Reference, values: Sequence[bool | None], slots: Slots, asked: Asked
    ) -> Answer:
        expected = reference.run(slots)
        try:
            outcomes = self._network.answer(group, values, asked)
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
        self._known: dict[tuple[Outcome, ...], Answers] = {}

    def evaluate(self, slots: Slots, asked: Asked | None = None, sample: Sample | None = None) -> Evaluation:
        """Like `Engine.evaluate`, without the second engine, so that nothing is asked.  Raises Contradiction."""
        self._definitions.compute_deductions(slots)
        self._definitions.compute_amounts(slots)
        outcomes = tuple(self._reference.run(slots))
        answers = self._known.get(outcomes)
        if answers is None:
            answers = self._known[outcomes] = Answers((Answer(self._group, outcomes),))
        return Evaluation(self.context, slots, answers)
