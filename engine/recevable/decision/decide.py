"""Deciding: a dossier, a compiled pack and a day in, a decision out.  The same three give the same decision."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, Final

from recevable import __version__
from recevable.decision.model import (
    AmountLine,
    AppraisalLine,
    AppraisalState,
    Datum,
    Decision,
    Finding,
    Receipt,
    RecoveryCase,
    RequestDecision,
    TraceLine,
    TraceTest,
    Verdict,
)
from recevable.decision.receipt import digest_of, engine_digest, schema_digest
from recevable.decision.repair import repair
from recevable.decision.steps import StepMaker, step_maker
from recevable.decision.wording import words
from recevable.dossier.dossier import Dossier
from recevable.dossier.facts import extractor
from recevable.inference.engine import Answer, Engine, Evaluation
from recevable.language.calendar import day_of
from recevable.language.evaluate import Evaluator, Slots, build
from recevable.language.operations import OPERATIONS
from recevable.language.tree import (
    AMOUNT_NAME,
    ANSWER,
    DEDUCTION,
    FIELD,
    PARAMETER,
    REFERENCES,
    TODAY,
    Expr,
    nodes,
)
from recevable.language.types import TEXT, Type, lookup, walk
from recevable.language.unparse import unparse
from recevable.pack.compiler import CompiledPack
from recevable.pack.kinds.appraisal import Appraisal
from recevable.pack.kinds.undue import Undue
from recevable.pack.model import (
    RECOVERY,
    Check,
    Consequence,
    Context,
    Definition,
    Outcome,
    Parameter,
    Result,
    Rule,
)

APPRAISALS: Final = "appreciations"
_RECORD: Final = ("reponse", "auteur", "motif", "le", "expire_le")


class Decider:
    """A compiled pack made ready to decide many dossiers."""

    def __init__(self, compiled: CompiledPack, schema: Mapping[str, Any]) -> None:
        self.compiled = compiled
        self.pack = compiled.pack
        self.zone = self.pack.manifest.zone
        self._runners: dict[str, _Runner] = {}
        self._fields: dict[str, Type] = {}
        self._fill = extractor({}, compiled.facts_layout)
        self._pack_sha256 = digest_of(self.pack.digests)
        self._schema_sha256 = schema_digest(schema)

    def paths(self) -> Iterator[tuple[str, Type]]:
        """Every field of the dossier."""
        return walk(self.pack.facts)

    def runner(self, name: str) -> _Runner:
        """The machinery of one context, built at its first use."""
        if name not in self._runners:
            runner = self._runners[name] = _Runner(self.compiled, name)
            self._fields |= runner.fields
            self._fill = extractor(self._fields, self.compiled.facts_layout)
        return self._runners[name]

    def facts(self, dossier: Dossier) -> Slots:
        """The typed facts of a dossier, for the contexts built so far."""
        slots = self.compiled.facts_layout.empty()
        self._fill(dossier.data, slots)
        return slots

    def decide(self, dossier: Dossier, today: date, requests: Sequence[str] = (), *, trace: bool = False) -> Decision:
        """Decide every request that the dossier holds, or only the given ones, and look for undue payments.

        With `trace`, every check also says which tests it passed and what they read.

        Raises EngineDisagreement, Contradiction.
        """
        manifest = self.pack.manifest
        recorded = self._recorded(dossier, today)
        wanted = requests or tuple(manifest.requests)
        names = [n for n, request in manifest.requests.items() if n in wanted and request.root in dossier.data]
        runners = [self.runner(name) for name in names]
        recovering = self.runner(RECOVERY) if not requests or RECOVERY in requests else None
        facts = self.facts(dossier)
        decided: list[RequestDecision] = []
        lines: dict[str, AppraisalLine] = {}
        for runner in runners:
            evaluation = runner.evaluate(facts, today, recorded)
            line = runner.request_decision(evaluation, recorded, lines)
            decided.append(replace(line, trace=runner.trace(evaluation)) if trace else line)
        recovery: tuple[RecoveryCase, ...] = ()
        findings: tuple[Finding, ...] = ()
        recovery_trace: tuple[TraceLine, ...] = ()
        if recovering is not None:
            evaluation = recovering.evaluate(facts, today, recorded)
            recovery, findings = recovering.recovery(evaluation, recorded, lines)
            recovery_trace = recovering.trace(evaluation) if trace else ()
        versions = [v for v in manifest.versions if v.start <= today]
        return Decision(
            name=dossier.name,
            reference=str(dossier.data.get("reference", "")),
            programme=manifest.programme,
            title=manifest.title,
            version=versions[-1] if versions else None,
            decided_on=today,
            requests=tuple(decided),
            recovery=recovery,
            recovery_findings=findings,
            appraisals=tuple(lines.values()),
            receipt=Receipt(
                f"recevable {__version__}",
                engine_digest(),
                manifest.programme,
                self._pack_sha256,
                self._schema_sha256,
                dossier.sha256,
                today,
            ),
            recovery_trace=recovery_trace,
        )

    def _recorded(self, dossier: Dossier, today: date) -> dict[str, Recorded]:
        """What the dossier records of each appraisal it mentions."""
        found = {}
        for rule, record in dossier.data.get(APPRAISALS, {}).items():
            found[rule] = judge(record, self.compiled.answers.get(rule), today)
        return found


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded appraisal: usable only when `state` is RECORDED."""

    state: AppraisalState
    record: Mapping[str, Any]
    reason: str = ""


def judge(record: Mapping[str, Any], answers: Sequence[str] | None, today: date) -> Recorded:
    """Whether a recorded appraisal may be used on a day: known question, listed answer, complete, not expired."""
    missing = [key for key in _RECORD if not record.get(key)]
    if answers is None:
        return Recorded(AppraisalState.INVALID, record, "aucune règle ne pose cette question")
    if missing:
        return Recorded(AppraisalState.INVALID, record, f"il manque : {', '.join(missing)}")
    if record["reponse"] not in answers:
        return Recorded(AppraisalState.INVALID, record, f"réponse hors liste : {record['reponse']}")
    if date.fromisoformat(record["le"]) > today:
        return Recorded(AppraisalState.INVALID, record, "datée d'après la décision")
    if date.fromisoformat(record["expire_le"]) < today:
        return Recorded(AppraisalState.EXPIRED, record, f"expirée depuis le {record['expire_le']}")
    return Recorded(AppraisalState.RECORDED, record)


class _Plan:
    """The entries of an answer, by rule: a finding made once, or the outcomes to word; `quiet` when all are made."""

    __slots__ = ("entries", "quiet")

    def __init__(self, entries: Sequence[Finding | list[tuple[Check, Outcome]]]) -> None:
        self.entries = entries
        made = [entry for entry in entries if isinstance(entry, Finding)]
        self.quiet = made if len(made) == len(entries) else None


@dataclass(frozen=True, slots=True)
class _Alternative:
    """One rule that may give a number, when it applies, and the steps of its calculation."""

    rule: Rule
    when: Evaluator | None
    steps: StepMaker


@dataclass(frozen=True, slots=True)
class _AmountReader:
    """Where a number is, the rules that may give it, and the appraisals it may depend on."""

    definition: Definition
    slot: int
    alternatives: tuple[_Alternative, ...]
    subject_to: tuple[str, ...]


class _Runner:
    """One context: fills slots, runs both engines, reads findings off the outcomes."""

    def __init__(self, compiled: CompiledPack, name: str) -> None:
        self.compiled, self.name = compiled, name
        self.context: Context = compiled.context(name)
        self.zone = compiled.pack.manifest.zone
        layout = self.context.layout
        self.fields = dict(self.context.fields)
        request = self.context.request
        if request is not None:
            reception = lookup(compiled.pack.facts, request.reception)
            assert reception is not None
            self.fields.setdefault(request.reception, reception)
        self._reception = layout.slot(FIELD, request.reception) if request else -1
        self._parameters: list[tuple[int, Parameter]] = []
        self._amounts = [self._amount_reader(d) for d in self._shown()]
        self.engine = Engine(self.context)
        self._undue = {r.id: self._undue_reader(r) for r in self.context.rules.values() if r.kind == "indu"}
        self._templates: dict[tuple[str, str], tuple[tuple[str, ...], list[tuple[Evaluator, Type]]]] = {}
        self._unknowns = _Unknowns(self)
        for rule in self.context.rules.values():
            for text in rule.texts():
                self._message(rule, text)
        self._parameters = [
            (slot, compiled.pack.parameters[name]) for (op, name), slot in layout.slots.items() if op == PARAMETER
        ]
        self._answers = [(slot, name) for (op, name), slot in layout.slots.items() if op == ANSWER]
        self._today = layout.slots.get((TODAY, TODAY))
        self._parameter_values = lru_cache(maxsize=512)(self._values_at)

    # --- evaluation -------------------------------------------------------------------------------------------------

    def evaluate(self, facts: Slots, today: date, recorded: Mapping[str, Recorded]) -> Evaluation:
        """Both engines on this context."""
        return self.engine.evaluate(self.filler(facts, today, recorded))

    def filler(self, facts: Slots, today: date, recorded: Mapping[str, Recorded]) -> Callable[[Slots], None]:
        """What puts facts, parameters and recorded answers in the slots."""
        day: date | None = today
        if self._reception >= 0:
            received = facts[self._reception]
            day = None if received is None else day_of(received, self.zone)

        def fill(slots: Slots) -> None:
            slots[: len(facts)] = facts
            for slot, value in self._parameter_values(day, today):
                slots[slot] = value
            if self._today is not None:
                slots[self._today] = today
            for slot, rule in self._answers:
                record = recorded.get(rule)
                if record is not None and record.state is AppraisalState.RECORDED:
                    slots[slot] = record.record["reponse"]

        return fill

    def _values_at(self, received: date | None, today: date) -> tuple[tuple[int, Any], ...]:
        found = []
        for slot, parameter in self._parameters:
            value = parameter.at(today if parameter.by_decision else received)
            found.append((slot, value.value if value is not None else None))
        return tuple(found)

    # --- preparation ------------------------------------------------------------------------------------------------

    def _shown(self) -> list[Definition]:
        by_name = {d.name: d for d in self.context.definitions}
        return [by_name[name] for name in self.context.shown_amounts if name in by_name]

    def _amount_reader(self, definition: Definition) -> _AmountReader:
        layout = self.context.layout
        slot = layout.slot(AMOUNT_NAME, definition.name)
        alternatives = []
        for amount in definition.amounts:
            when = build(amount.when, layout) if amount.when is not None else None
            steps = step_maker(amount.value, amount.rule.body.rounding, slot, layout)
            alternatives.append(_Alternative(amount.rule, when, steps))
        return _AmountReader(definition, slot, tuple(alternatives), tuple(self._taint(definition)))

    def _undue_reader(self, rule: Rule) -> tuple[Expr, Evaluator]:
        expr = self.compiled.expression(self.name, rule.body.amount)
        return expr, build(expr, self.context.layout)

    def _message(self, rule: Rule, cause: str) -> tuple[tuple[str, ...], list[tuple[Evaluator, Type]]]:
        key = (rule.id, cause)
        if key not in self._templates:
            template = self.compiled.template(self.name, rule, cause)
            layout = self.context.layout
            self._templates[key] = (template.texts, [(build(e, layout), e.type) for e in template.exprs])
        return self._templates[key]

    def _plan(self, answer: Answer) -> _Plan:
        """What an answer says, prepared once: findings that never change, and those to word on each dossier."""
        if answer.plan is None:
            by_rule: dict[str, list[tuple[Check, Outcome]]] = {}
            for index, outcome in zip(answer.group.checks, answer.outcomes, strict=True):
                check = self.context.checks[index]
                by_rule.setdefault(check.rule, []).append((check, outcome))
            answer.plan = _Plan([self._entry(self.context.rules[rule], found) for rule, found in by_rule.items()])
        plan: _Plan = answer.plan
        return plan

    def _entry(self, rule: Rule, found: list[tuple[Check, Outcome]]) -> Finding | list[tuple[Check, Outcome]]:
        results = {outcome.result for _, outcome in found}
        if isinstance(rule.body, Appraisal | Undue) and results != {Result.NOT_APPLICABLE}:
            return found
        if results <= {Result.SATISFIED, Result.NOT_APPLICABLE}:
            result = Result.SATISFIED if Result.SATISFIED in results else Result.NOT_APPLICABLE
            return self._finding(rule, result)
        return found

    def _finding(self, rule: Rule, result: Result, cause: str = "") -> Finding:
        return Finding(rule.id, rule.title, result, rule.source, tuple(r.text for r in rule.requirements), cause)

    # --- reading the outcomes ---------------------------------------------------------------------------------------

    def say(self, rule: Rule, cause: str, slots: Slots) -> str:
        """The message of a cause with its values."""
        texts, exprs = self._message(rule, cause)
        parts = [texts[0]]
        for (evaluate, type_), text in zip(exprs, texts[1:], strict=True):
            parts.append(words(evaluate(slots), type_, self.zone))
            parts.append(text)
        return "".join(parts)

    def findings(self, evaluation: Evaluation) -> tuple[list[Finding], list[Finding]]:
        """Every finding in the order of the pack, and those that say more than satisfied or not applicable."""
        found: list[Finding] = []
        loud: list[Finding] = []
        for answer in evaluation.answers:
            plan = self._plan(answer)
            if plan.quiet is not None:
                found += plan.quiet
                continue
            for entry in plan.entries:
                if isinstance(entry, Finding):
                    found.append(entry)
                else:
                    said = _merged([self._read(check, outcome, evaluation.slots) for check, outcome in entry])
                    found += said
                    loud += said
        return found, loud

    def _read(self, check: Check, outcome: Outcome, slots: Slots) -> Finding:
        rule = self.context.rules[check.rule]
        if outcome.result is Result.FAILED:
            cause = rule.cause(outcome.cause)
            return replace(
                self._finding(rule, Result.FAILED, outcome.cause),
                consequence=cause.consequence,
                message=self.say(rule, outcome.cause, slots),
                party=rule.party,
                repair=cause.repair,
                values=self._unknowns.values(check, slots),
            )
        if outcome.result is Result.MISSING:
            missing = self._unknowns.of_check(check, slots)
            if missing and all(datum.name.startswith("reponse:") for datum in missing):
                return replace(self._finding(rule, Result.TO_APPRAISE), party=rule.party, missing=missing)
            return replace(
                self._finding(rule, Result.MISSING),
                consequence=Consequence.COMPLETE,
                message=_missing_message(missing),
                party=rule.party,
                missing=missing,
            )
        if outcome.result in (Result.SATISFIED, Result.NOT_APPLICABLE):
            return self._finding(rule, outcome.result, outcome.cause)
        message = self.say(rule, outcome.cause, slots)
        return replace(self._finding(rule, outcome.result, outcome.cause), message=message, party=rule.party)

    def amounts(self, slots: Slots, still_open: Collection[str]) -> list[AmountLine]:
        """Every named number that the context shows."""
        return [self._amount_line(reader, slots, still_open) for reader in self._amounts]

    def _amount_line(self, reader: _AmountReader, slots: Slots, still_open: Collection[str]) -> AmountLine:
        chosen = next(
            (a for a in reader.alternatives if a.when is None or a.when(slots) is True),
            reader.alternatives[0],
        )
        value, rule, explain = slots[reader.slot], chosen.rule, chosen.steps
        return AmountLine(
            reader.definition.name,
            rule.title,
            rule.body.type,
            value,
            rule.id,
            rule.source,
            tuple(a for a in reader.subject_to if a in still_open) if still_open else (),
            () if value is not None else self._unknowns.of_definition(reader.definition, slots),
            lambda: explain(slots),
        )

    def _subject_to(self, exprs: Iterable[Expr], seen: frozenset[str] = frozenset()) -> dict[str, None]:
        """The appraisals that taint expressions: declared by the numbers they read, or whose answers they read."""
        found: dict[str, None] = {}
        by_name = {d.name: d for d in self.context.definitions}
        for expr in exprs:
            for node in nodes(expr):
                if node.op == ANSWER:
                    found[node.value] = None
                elif node.op in (AMOUNT_NAME, DEDUCTION) and node.value in by_name and node.value not in seen:
                    found |= self._taint(by_name[node.value], seen)
        return found

    def _taint(self, definition: Definition, seen: frozenset[str] = frozenset()) -> dict[str, None]:
        own = {a: None for amount in definition.amounts for a in amount.subject_to}
        exprs = [e for amount in definition.amounts for e in (amount.value, amount.when) if e is not None]
        if definition.deduction is not None:
            exprs.append(definition.deduction)
        return own | self._subject_to(exprs, seen | {definition.name})

    def request_decision(
        self, evaluation: Evaluation, recorded: Mapping[str, Recorded], lines: dict[str, AppraisalLine]
    ) -> RequestDecision:
        """The decision on the request of this context; appraisals met are added to `lines`."""
        request = self.context.request
        assert request is not None
        findings, loud = self.findings(evaluation)
        still_open = self._appraise(loud, evaluation, recorded, lines)
        amounts = self.amounts(evaluation.slots, still_open)
        proposed = next((line for line in amounts if line.name == request.amount), None)
        if proposed is not None and proposed.value is None:
            unknown = self._unknown_amount(proposed)
            findings.append(unknown)
            loud.append(unknown)
        undecidable = _unknown_parameters(loud)
        return RequestDecision(
            request.name,
            request.title,
            evaluation.slots[self._reception],
            _verdict(findings, loud, undecidable),
            any(f.result is Result.TO_APPRAISE for f in loud),
            tuple(findings),
            tuple(amounts),
            proposed,
            repair(loud, undecidable),
        )

    def _unknown_amount(self, line: AmountLine) -> Finding:
        rule = next(r for r in self.compiled.pack.rules.values() if r.id == line.rule)
        awaited = bool(line.missing) and all(d.name.startswith("reponse:") for d in line.missing)
        result = Result.TO_APPRAISE if awaited else Result.MISSING
        return replace(
            self._finding(rule, result),
            consequence=None if awaited else Consequence.COMPLETE,
            message=f"Montant non calculable. {_missing_message(line.missing)}",
            party=rule.party,
            missing=line.missing,
        )

    def _appraise(
        self,
        findings: Iterable[Finding],
        evaluation: Evaluation,
        recorded: Mapping[str, Recorded],
        lines: dict[str, AppraisalLine],
    ) -> list[str]:
        """Note every appraisal that applies; the ids of those still open."""
        still_open = []
        for finding in findings:
            rule = self.context.rules[finding.rule]
            if not isinstance(rule.body, Appraisal) or finding.result in (
                Result.NOT_APPLICABLE,
                Result.MISSING,
            ):
                continue
            record = recorded.get(rule.id)
            if finding.result is Result.TO_APPRAISE:
                still_open.append(rule.id)
            previous = lines.get(rule.id)
            lines[rule.id] = AppraisalLine(
                rule.id,
                rule.title,
                self.say(rule, "", evaluation.slots),
                tuple(rule.body.answers),
                (*(previous.requests if previous else ()), self.name),
                record.state if record else AppraisalState.OPEN,
                rule.source,
                record.record if record else {},
                record.reason if record else "",
            )
        return still_open

    def recovery(
        self, evaluation: Evaluation, recorded: Mapping[str, Recorded], lines: dict[str, AppraisalLine]
    ) -> tuple[tuple[RecoveryCase, ...], tuple[Finding, ...]]:
        """The cases of undue payment that are established or cannot be told, and the other findings of this context."""
        findings, loud = self.findings(evaluation)
        still_open = self._appraise(loud, evaluation, recorded, lines)
        cases, others = [], []
        for finding in findings:
            if finding.rule not in self._undue:
                others.append(finding)
            elif finding.result is not Result.NOT_APPLICABLE:
                cases.append(self._case(finding, evaluation.slots, still_open))
        return tuple(cases), tuple(others)

    def _case(self, finding: Finding, slots: Slots, still_open: Sequence[str]) -> RecoveryCase:
        rule = self.context.rules[finding.rule]
        expr, evaluate = self._undue[finding.rule]
        value = evaluate(slots)
        missing = () if value is not None else self._unknowns.of_expr(expr, slots)
        taint = tuple(a for a in self._subject_to([expr]) if a in still_open)
        steps = step_maker(expr, None, -1, self.context.layout)
        line = AmountLine(
            "montant",
            rule.title,
            expr.type,
            value,
            rule.id,
            rule.source,
            taint,
            missing,
            lambda: steps(slots),
        )
        check = next(c for c in self.context.checks if c.rule == rule.id)
        outcome_step = finding.cause
        message = finding.message
        closed = finding.result is Result.SATISFIED
        if closed:
            outcome_step = self._closing_step(check, slots)
            message = self.say(rule, outcome_step, slots)
        return RecoveryCase(
            rule.id,
            rule.title,
            rule.body.modality,
            outcome_step,
            message,
            rule.body.basis,
            line,
            rule.source,
            tuple(r.text for r in rule.requirements),
            closed,
            finding.missing,
        )

    def trace(self, evaluation: Evaluation) -> tuple[TraceLine, ...]:
        """How every check of the context came to its outcome."""
        found = []
        for check, outcome in zip(self.context.checks, evaluation.outcomes(), strict=True):
            tests = []
            for step in check.steps:
                value = self._unknowns.evaluator(step.test)(evaluation.slots)
                tests.append(TraceTest(unparse(step.test), value, self._unknowns.read(step.test, evaluation.slots)))
                if step.answer(value) is not None:
                    break
            found.append(TraceLine(check.rule, check.cause, str(outcome), tuple(tests)))
        return tuple(found)

    def _closing_step(self, check: Check, slots: Slots) -> str:
        """The name of the step that closed a case."""
        for step in check.steps:
            outcome = step.answer(build(step.test, self.context.layout)(slots))
            if outcome is not None:
                return outcome.cause
        return check.final.cause


class _Unknowns:
    """Why a result is unknown, and what a failed rule compared; closures are built once per expression."""

    def __init__(self, runner: _Runner) -> None:
        self.runner = runner
        self.layout = runner.context.layout
        self._built: dict[Expr, Evaluator] = {}
        self._definitions = {d.name: d for d in runner.context.definitions}
        self._readers: dict[Expr, list[tuple[Expr, Evaluator]]] = {}

    def evaluator(self, expr: Expr) -> Evaluator:
        """The closure of an expression, built once."""
        if expr not in self._built:
            self._built[expr] = build(expr, self.layout)
        return self._built[expr]

    def of_check(self, check: Check, slots: Slots) -> tuple[Datum, ...]:
        """The data that keep a check from answering: those of the first test that is unknown and stops there."""
        for step in check.steps:
            value = self.evaluator(step.test)(slots)
            if value is None and step.unknown is not None:
                return self.of_expr(step.test, slots)
            if step.answer(value) is not None:
                break
        return ()

    def of_expr(self, expr: Expr, slots: Slots) -> tuple[Datum, ...]:
        """The references that make an expression unknown."""
        found: dict[str, Datum] = {}
        self._search(expr, slots, found, set())
        return tuple(found.values())

    def of_definition(self, definition: Definition, slots: Slots) -> tuple[Datum, ...]:
        """The references that make a named value unknown."""
        found: dict[str, Datum] = {}
        self._follow(definition.name, slots, found, set())
        return tuple(found.values())

    def _search(self, expr: Expr, slots: Slots, found: dict[str, Datum], seen: set[str]) -> None:
        if self.evaluator(expr)(slots) is not None:
            return
        if expr.op in (DEDUCTION, AMOUNT_NAME):
            self._follow(expr.value, slots, found, seen)
        elif expr.op in REFERENCES:
            self._note(expr, slots, found, seen)
        elif expr.op in OPERATIONS and OPERATIONS[expr.op].over_list:
            self._note(expr.args[0], slots, found, seen)
        else:
            for arg in expr.args:
                self._search(arg, slots, found, seen)

    def _follow(self, name: str, slots: Slots, found: dict[str, Datum], seen: set[str]) -> None:
        if name in seen or name not in self._definitions:
            return
        seen.add(name)
        definition = self._definitions[name]
        if definition.deduction is not None:
            self._search(definition.deduction, slots, found, seen)
        for amount in definition.amounts:
            if amount.when is not None:
                applies = self.evaluator(amount.when)(slots)
                if applies is None:
                    self._search(amount.when, slots, found, seen)
                if not applies:
                    continue
            self._search(amount.value, slots, found, seen)

    def _note(self, expr: Expr, slots: Slots, found: dict[str, Datum], seen: set[str]) -> None:
        if expr.op == PARAMETER:
            parameter = self.runner.compiled.pack.parameters[expr.value]
            request = self.runner.context.request
            if not parameter.by_decision and request is not None:
                slot = self.layout.slots.get((FIELD, request.reception))
                if slot is not None and slots[slot] is None:
                    reception = lookup(self.runner.compiled.pack.facts, request.reception)
                    if reception is not None:
                        found[request.reception] = Datum(request.reception, reception.title, reception, None)
                    return
            found[f"parametre:{expr.value}"] = Datum(f"parametre:{expr.value}", parameter.title, parameter.type, None)
        elif expr.op == ANSWER:
            rule = self.runner.compiled.pack.rules[expr.value]
            found[f"reponse:{expr.value}"] = Datum(f"reponse:{expr.value}", rule.title, TEXT, None)
        else:
            found[expr.value] = Datum(expr.value, expr.type.title or expr.value, expr.type, None)

    def values(self, check: Check, slots: Slots) -> tuple[Datum, ...]:
        """What the deciding tests of a check read, with the values."""
        return self.read(check.steps[-1].test, slots) if check.steps else ()

    def read(self, test: Expr, slots: Slots) -> tuple[Datum, ...]:
        """The values that an expression reads."""
        if test not in self._readers:
            leaves = dict.fromkeys(node for node in nodes(test) if node.op in REFERENCES)
            self._readers[test] = [(expr, self.evaluator(expr)) for expr in leaves]
        return tuple(
            Datum(str(expr.value), expr.type.title, expr.type, evaluate(slots))
            for expr, evaluate in self._readers[test]
        )


def _missing_message(missing: Sequence[Datum]) -> str:
    if not missing:
        return "Donnée manquante."
    if all(datum.name.startswith("parametre:") for datum in missing):
        listed = ", ".join(datum.title for datum in missing)
        return f"La valeur de ce paramètre n'est pas connue à la date de référence : {listed}."
    label = "Donnée manquante" if len(missing) == 1 else "Données manquantes"
    return f"{label} : {', '.join(f'{d.title} ({d.name})' for d in missing)}."


def _merged(found: Sequence[Finding]) -> list[Finding]:
    """The findings of one rule: every failure, missing data together, else one line for the rule."""
    if len(found) == 1:
        return [found[0]]
    kept = [f for f in found if f.result in (Result.FAILED, Result.TO_APPRAISE)]
    missing = [f for f in found if f.result is Result.MISSING]
    if missing:
        data = tuple({d.name: d for f in missing for d in f.missing}.values())
        kept.append(replace(missing[0], missing=data, message=_missing_message(data)))
    if kept:
        return kept
    satisfied = [f for f in found if f.result is Result.SATISFIED]
    return [satisfied[0] if satisfied else found[0]]


def _unknown_parameters(findings: Iterable[Finding]) -> tuple[Datum, ...]:
    found = {d.name: d for f in findings for d in f.missing if d.name.startswith("parametre:")}
    return tuple(found.values())


def _verdict(findings: Sequence[Finding], loud: Sequence[Finding], undecidable: Sequence[Datum]) -> Verdict:
    """The heaviest consequence; an unknown parameter, or nothing satisfied at all, refuses to decide."""
    consequences = {f.consequence for f in loud if f.result is Result.FAILED}
    if Consequence.REJECT in consequences:
        return Verdict.REJECT
    if undecidable:
        return Verdict.UNDECIDABLE
    if Consequence.COMPLETE in consequences or any(f.result is Result.MISSING for f in loud):
        return Verdict.COMPLETE
    if not any(f.result is Result.SATISFIED for f in findings):
        return Verdict.UNDECIDABLE
    return Verdict.ACCEPT
