"""One context ready to run: fills the slots from facts and parameters, runs both engines, builds the decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from recevable.decision import appraisals
from recevable.decision.amounts import AmountReader
from recevable.decision.appraisals import Recorded
from recevable.decision.defaults import Defaults
from recevable.decision.findings import FindingReader, Findings
from recevable.decision.model import (
    AmountLine,
    AppraisalLine,
    AppraisalState,
    DatumOrigin,
    Element,
    ElementLine,
    Finding,
    HouseDefault,
    Maximum,
    Part,
    RecoveryCase,
    RequestDecision,
    TraceLine,
    TraceTest,
    Verdict,
    labelled,
)
from recevable.decision.payable import confirm
from recevable.decision.repair import repair
from recevable.decision.unknowns import Unknowns, unknown_parameters
from recevable.decision.verdict import verdict
from recevable.decision.wording import filled
from recevable.dossier.facts import Extractor
from recevable.inference.agreement import Sample
from recevable.inference.engine import Engine, Evaluation, ReferenceEngine
from recevable.inference.forms import Asked
from recevable.inference.network import Network
from recevable.language.calendar import local_day
from recevable.language.evaluate import Slots, build
from recevable.language.tree import ANSWER, FIELD, PARAMETER, RANK, TODAY, Expr, answer_member
from recevable.language.unparse import unparse
from recevable.lazy import pattern
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import Consequence, Context, ListContext, Request, Result

if TYPE_CHECKING:
    from recevable.decision.periods import Period

_RANK: Final = pattern(r"\[\d+\]")
# The most parts that are remembered without the findings of cases.
_MOST_PARTS: Final = 4096


class _Loop(Struct, frozen=True):
    """A list of the context: slots of the list, of the rank and of the members of an element, rules, its numbers."""

    of: ListContext
    list: int
    rank: int
    members: tuple[tuple[int, Sequence[str]], ...]
    asked: tuple[str, ...]
    asides: frozenset[str]
    amounts: AmountReader


class Examined(Struct, frozen=True):
    """An element of a list, the answers recorded about it, and what both engines say of it."""

    loop: _Loop
    element: Element
    recorded: Mapping[str, Recorded]
    evaluation: Evaluation


class ContextDecider:
    """Decides one context (a request, or recovery); built once, used for many dossiers."""

    def __init__(
        self,
        compiled: CompiledPack,
        name: str,
        remembered: int,
        network: Network | None,
        *,
        reference_only: bool = False,
    ) -> None:
        self.compiled, self.name = compiled, name
        self.context: Context = compiled.context(name)
        self.zone = compiled.pack.manifest.zone
        layout = self.context.layout
        self.fields = compiled.fields(name)
        request = self.context.request
        self._limited_by = self._maximum_title()
        self._reception = layout.slot(FIELD, request.reception) if request else -1
        self.engine: Engine | ReferenceEngine = (
            ReferenceEngine(self.context) if reference_only else Engine(self.context, remembered, network)
        )
        self._claimed = {r.id: compiled.claimed(r) for r in self.context.rules.values() if r.claim is not None}
        # the parts without their cases, by identity, each kept alive with its answer
        self._unremarked: dict[int, tuple[Part, Part]] = {}
        self.unknowns = Unknowns(compiled.pack, self.context, self.engine.built)
        self.findings = FindingReader(compiled, self.context, self.unknowns, remembered)
        self.defaults = Defaults(compiled, self.context, self.unknowns)
        self.amounts = AmountReader(self.context, self.unknowns, remembered)
        self._parameters = [compiled.pack.parameters[name] for name in self.context.parameters]
        self._answers = [(slot, name) for (op, name), slot in layout.slots.items() if op == ANSWER]
        self._today = layout.slot(TODAY, TODAY)
        self._parameter_values = lru_cache(maxsize=512)(self._values_at)
        self._own: Extractor | None = None
        self._own_slots: list[int] = []
        if request is not None and request.each:
            own = {path: type_ for path, type_ in self.fields.items() if f"{path}.".startswith(f"{request.root}.")}
            self._own = Extractor(own, compiled.facts_layout)
            self._own_slots = [compiled.facts_layout.slot(FIELD, path) for path in own]
        self._loops = [self._loop(loop, remembered) for loop in self.context.loops]
        self._histories = tuple(compiled.pack.parameters[name].history for name in self.context.histories)
        filled = len(compiled.facts_layout.slots) + len(self._parameters) + len(self._histories)
        self._blank = [None] * (len(layout.slots) - filled)

    def of_element(self, facts: Slots, rank: int, element: Mapping[str, Any]) -> Slots:
        """The facts for the request of the element of this rank (from 0) of its list."""
        request = self.context.request
        assert request is not None
        assert self._own is not None
        slots = facts.copy()
        for slot in self._own_slots:
            slots[slot] = None
        self._own({request.root: element}, slots)
        slots[self.compiled.facts_layout.slot(RANK, request.root)] = rank
        return slots

    def _loop(self, loop: ListContext, remembered: int) -> _Loop:
        layout, root = self.compiled.facts_layout, loop.list.root
        own = [path for path in self.fields if f"{path}.".startswith(f"{root}.")]
        parts = [(layout.slot(FIELD, path), path.removeprefix(root).split(".")[1:]) for path in own]
        rules = [self.context.rules[rule] for rule in loop.rules if rule in self.context.rules]
        return _Loop(
            loop,
            layout.slot(FIELD, loop.list.path),
            layout.slot(RANK, root),
            tuple(parts),
            tuple(rule.id for rule in rules if rule.question is not None),
            frozenset(rule.id for rule in rules if rule.causes_aside),
            AmountReader(self.context, self.unknowns, remembered, loop.amounts),
        )

    def elements(
        self, facts: Slots, today: date, recorded: Mapping[str, Recorded], sample: Sample | None = None
    ) -> Iterator[Examined]:
        """Run both engines for each element of the lists that rules examine one by one; raises as `evaluate`."""
        for loop in self._loops:
            # imported late: most programmes have no rule about each element of a list
            from recevable.dossier.elements import key_of

            list_ = loop.of.list
            for rank, item in enumerate(facts[loop.list] or ()):
                key = key_of(item, list_.key)
                slots = facts.copy()
                for slot, parts in loop.members:
                    slots[slot] = _member(item, parts)
                slots[loop.rank] = rank
                answers = {name: record for name, record in recorded.items() if name not in loop.asked}
                answers |= appraisals.of_element(recorded, key)
                element = Element(list_.path, key, f"{list_.title} {key}", self.unknowns.place(list_.root, slots))
                evaluation = self.engine.evaluate(self.slots(slots, today, answers, recorded), None, sample)
                yield Examined(loop, element, answers, replace(evaluation, each=list_.path))

    def evaluate(
        self,
        facts: Slots,
        today: date,
        recorded: Mapping[str, Recorded],
        asked: Asked | None = None,
        sample: Sample | None = None,
    ) -> Evaluation:
        """Run both engines on this context; raises EngineDisagreement or Contradiction.

        `asked` and `sample`: see the engine.
        """
        return self.engine.evaluate(self.slots(facts, today, recorded), asked, sample)

    def reading_days(self, facts: Slots, today: date) -> list[tuple[bool, date | None]]:
        """The days at which parameters are read: pairs (read at the decision day?, day), the day None when unknown."""
        received = None if self._reception < 0 else facts[self._reception]
        days = {p.by_decision or self._reception < 0 for p in self._parameters} or {True}
        at_reception = None if received is None else local_day(received, self.zone)
        return [(it, today if it else at_reception) for it in sorted(days)]

    def text_day(self, facts: Slots, today: date) -> date | None:
        """The day whose text applies to the request; None when unknown, or when the programme does not say."""
        if self.context.text is None:
            return None
        found: date | None = self.unknowns.evaluator(self.context.text)(self.slots(facts, today, {}))
        return found

    def slots(
        self,
        facts: Slots,
        today: date,
        recorded: Mapping[str, Recorded],
        of_elements: Mapping[str, Recorded] | None = None,
    ) -> Slots:
        """Slots filled with facts, parameters at their dates, the day and recorded answers; the rest is empty.

        `of_elements` are the answers about the elements of lists, when they are not among `recorded`.
        """
        # the compiler refuses a parameter read at the reception where there is none, so this day is never a wrong one
        received = facts[self._reception] if self._reception >= 0 else None
        day = None if received is None else local_day(received, self.zone)
        slots = [*facts, *self._parameter_values(day, today), *self._histories, *self._blank]
        slots[self._today] = today
        for slot, rule in self._answers:
            record = recorded.get(rule)
            if record is not None and record.state is AppraisalState.RECORDED:
                slots[slot] = record.record["reponse"]
        for loop in self._loops:
            if loop.asked and slots[loop.list] is not None:
                given = recorded if of_elements is None else of_elements
                slots[loop.list] = [self._answered(loop, item, given) for item in slots[loop.list]]
        return slots

    def _answered(self, loop: _Loop, item: Mapping[str, Any], recorded: Mapping[str, Recorded]) -> Mapping[str, Any]:
        """An element with the answers recorded about it, where functions on its list read them."""
        from recevable.dossier.elements import key_of

        key = key_of(item, loop.of.list.key)
        given = {rule: recorded.get(labelled(rule, key)) for rule in loop.asked}
        valid = {r: one for r, one in given.items() if one is not None and one.state is AppraisalState.RECORDED}
        return {**item, **{answer_member(rule): one.record["reponse"] for rule, one in valid.items()}}

    def slots_received(self, facts: Slots, received: date | None, today: date) -> Slots:
        """The slots of a request received on day `received`, without human answers: used before a dossier exists."""
        slots = self.slots(facts, today, {})
        values = self._parameter_values(received, today)
        slots[len(facts) : len(facts) + len(values)] = values
        return slots

    def periods(self, expr: Expr, facts: Slots, today: date) -> list[Period]:
        """The values of an expression by period of reception; the reception day in `facts` is ignored."""
        # imported late: only used before there is a dossier
        from recevable.decision.periods import periods

        evaluate = build(expr, self.context.layout)
        return periods(self.compiled.pack, expr, lambda day: evaluate(self.slots_received(facts, day, today)))

    def _values_at(self, received: date | None, today: date) -> tuple[Any, ...]:
        values = (parameter.at(today if parameter.by_decision else received) for parameter in self._parameters)
        return tuple(value.value if value is not None else None for value in values)

    def request_decision(
        self,
        evaluation: Evaluation,
        recorded: Mapping[str, Recorded],
        lines: dict[str, AppraisalLine],
        key: str = "",
        elements: Sequence[Examined] = (),
    ) -> RequestDecision:
        """The decision on the request of this context; the appraisals it meets are added to `lines`, by label.

        `key` is that of the element that the request is for, if it is for one; `elements` are those of the lists that
        rules examine one by one.  Raises UnpayableAmount when an accepted request would pay an invalid amount.
        """
        request = self.context.request
        assert request is not None
        findings = self.findings.read(evaluation)
        slots, of_elements = evaluation.slots, [self.findings.of(one.evaluation, one.element) for one in elements]
        if of_elements:
            findings = self._with_elements(findings, of_elements)
        label = labelled(self.name, key)
        notable = [f for f in findings.notable if f.element is None] if of_elements else findings.notable
        still_open = self._appraise(notable, slots, recorded, lines, key, label) if notable else []
        of_each = []
        for one, found in zip(elements, of_elements, strict=True):
            its_slots = one.evaluation.slots
            waiting = self._appraise(found.notable, its_slots, one.recorded, lines, one.element.key, label)
            of_each.append(_line(one, found, one.loop.amounts.lines(its_slots, waiting)))
            still_open += waiting
        amounts = tuple(self.amounts.lines(evaluation.slots, still_open))
        proposed = next((line for line in amounts if line.name == request.amount), None)
        if proposed is not None and proposed.value is None:
            # without a known amount to pay, the request cannot be accepted
            unknown = self._without_amount(proposed, findings.notable)
            if unknown is not None:
                findings = findings.and_also(unknown)
        undecidable = unknown_parameters(findings.notable)
        given = verdict(findings.notable, undecidable, satisfied=findings.satisfied)
        maximum = self._maximum(evaluation.slots)
        if given is Verdict.ACCEPT and proposed is not None and proposed.value is not None:
            confirm(proposed, maximum)
        settled = self.context.settled
        return RequestDecision(
            request.name,
            self._title(request, key, slots),
            evaluation.slots[self._reception],
            given,
            any(f.result is Result.TO_APPRAISE for f in findings.notable),
            findings.parts,
            amounts,
            proposed,
            repair(findings.notable, undecidable, satisfied=findings.satisfied),
            defaults=self.defaults.applied(findings.parts, amounts, {}, evaluation.slots),
            settled=False if settled is None else self.unknowns.evaluator(settled)(evaluation.slots),
            key=key,
            place=self.unknowns.place(request.root, slots),
            elements=tuple(line for line in of_each if line is not None),
            maximum=maximum,
        )

    def _maximum(self, slots: Slots) -> Maximum | None:
        """What bounds the sum that the request pays."""
        limit = self.context.maximum
        if limit is None:
            return None
        return Maximum(str(limit.value), self._limited_by, self.unknowns.evaluator(limit)(slots))

    def _maximum_title(self) -> str:
        """What the maximum is called: the title of its parameter, or of the first rule that gives the amount."""
        limit = self.context.maximum
        if limit is None:
            return ""
        if limit.op == PARAMETER:
            return self.compiled.pack.parameters[str(limit.value)].title
        return next((one.rules[0].title for one in self.context.definitions if one.name == limit.value), "")

    def _with_elements(self, base: Findings, of_elements: Sequence[Findings]) -> Findings:
        """The findings, those of each element in the place of what its rules say without one."""
        each: dict[str, list[Finding]] = {}
        rules = frozenset(finding.rule for found in of_elements for finding in found.all)
        for found in of_elements:
            for finding in found.all:
                each.setdefault(finding.rule, []).append(finding)
        everything: list[Finding] = []
        for finding in base.all:
            everything += each.pop(finding.rule, []) if finding.rule in rules else [finding]
        notable = [finding for finding in base.notable if finding.rule not in rules]
        notable += [finding for found in of_elements for finding in found.notable]
        return Findings.of(everything, notable)

    def _title(self, request: Request, key: str, slots: Slots) -> str:
        """The title of the request, for an element with what tells it from the others."""
        if not key:
            return request.title
        label = self.context.label
        if label is None:
            return f"{request.title} {key}"
        return filled(label.texts, [(self.unknowns.evaluator(e)(slots), e.type) for e in label.exprs], self.zone)

    def _without_amount(self, proposed: AmountLine, notable: Sequence[Finding]) -> Finding | None:
        """The finding for a proposed amount that is unknown; None when other findings already prevent acceptance.

        A rejection makes the amount irrelevant.  Otherwise, data that another finding asks for are not asked for twice,
        and an amount that no rule gives is not reported until the other findings are resolved.
        """
        against = [f for f in notable if f.consequence in (Consequence.REJECT, Consequence.COMPLETE)]
        if any(f.consequence is Consequence.REJECT for f in against):
            return None
        named = self._named(notable)
        missing = tuple(d for d in proposed.missing if not named & {d.name, _RANK.sub("[]", d.name)})
        if against and all(datum.origin is DatumOrigin.VALUE for datum in missing):
            return None
        rule = self.compiled.pack.rules[proposed.rule]
        return self.findings.missing(rule, missing if against else proposed.missing, "Montant non calculable. ")

    def _named(self, findings: Iterable[Finding]) -> set[str]:
        """The names of the data that findings already report as missing."""
        named: set[str] = set()
        for finding in findings:
            named.update(datum.name for datum in finding.missing)
            if finding.result is Result.TO_APPRAISE:
                named.add(f"{DatumOrigin.ANSWER}:{finding.rule}")
            elif finding.consequence in (Consequence.REJECT, Consequence.COMPLETE):
                for check in self.context.checks:
                    if (check.rule, check.cause) == (finding.rule, finding.cause):
                        named |= self.unknowns.absences(check)
        return named

    def _appraise(
        self,
        findings: Iterable[Finding],
        slots: Slots,
        recorded: Mapping[str, Recorded],
        lines: dict[str, AppraisalLine],
        key: str = "",
        request: str = "",
    ) -> list[str]:
        """Record in `lines` every appraisal that applies; returns the ids of those still open.

        `key` is that of the element that it is about, `request` the label of the request.
        """
        still_open = []
        for finding in findings:
            rule = self.context.rules[finding.rule]
            if rule.question is None or finding.result in (Result.NOT_APPLICABLE, Result.MISSING):
                continue
            if finding.result is Result.TO_APPRAISE:
                still_open.append(rule.id)
            asked = labelled(rule.id, key)
            previous = lines[asked].requests if asked in lines else ()
            question, requests = self.findings.say(rule, "", slots), (*previous, request or self.name)
            lines[asked] = appraisals.line(rule, question, recorded.get(rule.id), requests, key)
        return still_open

    def recovery(
        self, evaluation: Evaluation, recorded: Mapping[str, Recorded], lines: dict[str, AppraisalLine]
    ) -> tuple[tuple[RecoveryCase, ...], tuple[Part, ...], tuple[HouseDefault, ...]]:
        """The cases of undue payment that are established or cannot be determined, the other findings, the choices."""
        findings = self.findings.read(evaluation)
        still_open = self._appraise(findings.notable, evaluation.slots, recorded, lines) if findings.notable else []
        cases = [
            self._case(finding, evaluation.slots, still_open)
            for finding in findings.notable
            if finding.rule in self._claimed and finding.result is not Result.NOT_APPLICABLE
        ]
        others = [part for part in map(self._without_cases, findings.parts) if part.findings]
        defaults = self.defaults.applied(findings.parts, (), self._claimed, evaluation.slots)
        return tuple(cases), tuple(others), defaults

    def _case(self, finding: Finding, slots: Slots, still_open: Sequence[str]) -> RecoveryCase:
        rule = self.context.rules[finding.rule]
        assert rule.claim is not None
        line = self.amounts.line(rule, self._claimed[finding.rule], slots, still_open)
        closed = finding.result is Result.SATISFIED
        return RecoveryCase(
            rule.id,
            rule.title,
            rule.claim.modality,
            finding.cause,
            self.findings.say(rule, finding.cause, slots) if closed else finding.message,
            rule.claim.basis,
            line,
            rule.source,
            finding.requirements,
            closed,
            finding.missing,
        )

    def _without_cases(self, part: Part) -> Part:
        """The findings of rules that define no case; the same object for the same part that many decisions have."""
        _, others = self._unremarked.get(id(part), (part, None))
        if others is None:
            found = [finding for finding in part.findings if finding.rule not in self._claimed]
            others = part if len(found) == len(part.findings) else Part.of(found, notable=part.notable)
            if not part.notable:
                if len(self._unremarked) >= _MOST_PARTS:
                    self._unremarked.clear()
                self._unremarked[id(part)] = part, others
        return others

    def trace(self, evaluation: Evaluation, element: str = "") -> tuple[TraceLine, ...]:
        """One line per check of the context: the tests passed and the outcome."""
        found = []
        for check, outcome in zip(self.context.checks, evaluation.outcomes(), strict=True):
            if not self.context.is_about(check.rule, evaluation.each):
                continue
            tests, named = [], self.context.rules[check.rule].element
            for step in check.steps:
                value = self.unknowns.evaluator(step.test)(evaluation.slots)
                place = f"{step.written[-1].text.file.name}:{step.written[-1].text.line}" if step.written else ""
                read = self.unknowns.read(step.test, evaluation.slots)
                tests.append(TraceTest(unparse(step.test, named), value, read, place))
                if step.answer(value) is not None:
                    break
            found.append(TraceLine(check.rule, check.cause, str(outcome), tuple(tests), element))
        return tuple(found)


def _member(item: Any, parts: Sequence[str]) -> Any:
    """The value at a path of an element; None when it is not there."""
    for part in parts:
        item = item.get(part) if item is not None else None
    return item


def _line(one: Examined, found: Findings, amounts: Sequence[AmountLine]) -> ElementLine | None:
    """What was decided on an element; None when no rule may set it aside or gives it a number."""
    aside = [f for f in found.all if f.result is Result.FAILED and f.consequence is Consequence.SET_ASIDE]
    open_ = (Result.MISSING, Result.TO_APPRAISE)
    doubtful = [f for f in found.notable if f.rule in one.loop.asides and f.result in open_]
    if not one.loop.asides and not amounts:
        return None
    rules = tuple(dict.fromkeys(f.rule for f in aside or doubtful))
    return ElementLine(one.element, bool(aside) if aside or not doubtful else None, rules, tuple(amounts))
