"""Deciding: a dossier, a compiled pack and a day in, a decision out.  The same three give the same decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
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
    Verdict,
)
from recevable.decision.receipt import digest_of, engine_digest, schema_digest
from recevable.decision.repair import repair
from recevable.decision.steps import StepMaker, step_maker
from recevable.decision.wording import words
from recevable.dossier.dossier import Dossier
from recevable.dossier.facts import extractor
from recevable.inference.engine import Engine, Evaluation
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
from recevable.language.types import TEXT, Type, lookup
from recevable.pack.compiler import CompiledPack
from recevable.pack.kinds.appraisal import Appraisal
from recevable.pack.model import (
    RECOVERY,
    AmountRule,
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
        self._pack_sha256 = digest_of(self.pack.digests)
        self._schema_sha256 = schema_digest(schema)

    def runner(self, name: str) -> _Runner:
        """The machinery of one context, built at its first use."""
        if name not in self._runners:
            self._runners[name] = _Runner(self.compiled, name)
        return self._runners[name]

    def decide(self, dossier: Dossier, today: date, requests: Sequence[str] = ()) -> Decision:
        """Decide every request that the dossier holds, or only the given ones, and look for undue payments.

        Raises EngineDisagreement, Contradiction.
        """
        manifest = self.pack.manifest
        recorded = self._recorded(dossier, today)
        wanted = requests or tuple(manifest.requests)
        decided, lines = [], {}
        for name, request in manifest.requests.items():
            if name in wanted and request.root in dossier.data:
                runner = self.runner(name)
                evaluation = runner.evaluate(dossier, today, recorded)
                decided.append(runner.request_decision(evaluation, recorded, lines))
        recovery: tuple[RecoveryCase, ...] = ()
        findings: tuple[Finding, ...] = ()
        if not requests or RECOVERY in requests:
            runner = self.runner(RECOVERY)
            evaluation = runner.evaluate(dossier, today, recorded)
            recovery, findings = runner.recovery(evaluation, recorded, lines)
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
        )

    def _recorded(self, dossier: Dossier, today: date) -> dict[str, _Record]:
        """What the dossier records of each appraisal it mentions."""
        found = {}
        for rule, record in dossier.data.get(APPRAISALS, {}).items():
            found[rule] = _judge(record, self.compiled.answers.get(rule), today)
        return found


@dataclass(frozen=True, slots=True)
class _Record:
    """A recorded appraisal: usable only when `state` is RECORDED."""

    state: AppraisalState
    record: Mapping[str, Any]
    reason: str = ""


def _judge(record: Mapping[str, Any], answers: Sequence[str] | None, today: date) -> _Record:
    missing = [key for key in _RECORD if not record.get(key)]
    if answers is None:
        return _Record(AppraisalState.INVALID, record, "aucune règle ne pose cette question")
    if missing:
        return _Record(AppraisalState.INVALID, record, f"il manque : {', '.join(missing)}")
    if record["reponse"] not in answers:
        return _Record(AppraisalState.INVALID, record, f"réponse hors liste : {record['reponse']}")
    if date.fromisoformat(record["le"]) > today:
        return _Record(AppraisalState.INVALID, record, "datée d'après la décision")
    if date.fromisoformat(record["expire_le"]) < today:
        return _Record(AppraisalState.EXPIRED, record, f"expirée depuis le {record['expire_le']}")
    return _Record(AppraisalState.RECORDED, record)


class _Runner:
    """One context: fills slots, runs both engines, reads findings off the outcomes."""

    def __init__(self, compiled: CompiledPack, name: str) -> None:
        self.compiled, self.name = compiled, name
        self.context: Context = compiled.context(name)
        self.zone = compiled.pack.manifest.zone
        layout = self.context.layout
        # every reference gets its slot before the engine lays its own out
        self._fill = extractor(self.context.fields, layout)
        self._parameters: list[tuple[int, Parameter]] = []
        self._amounts = [self._amount_reader(d) for d in self._shown()]
        self.engine = Engine(self.context)
        self._undue = {r.id: self._undue_reader(r) for r in self.context.rules.values() if r.kind == "indu"}
        self._templates: dict[tuple[str, str], tuple[tuple[str, ...], list[tuple[Evaluator, Type]]]] = {}
        self._unknowns = _Unknowns(self)
        for rule in self.context.rules.values():
            for cause in rule.causes:
                self._message(rule, cause.name)
        self._parameters = [
            (slot, compiled.pack.parameters[name]) for (op, name), slot in layout.slots.items() if op == PARAMETER
        ]
        self._answers = [(slot, name) for (op, name), slot in layout.slots.items() if op == ANSWER]
        self._today = layout.slots.get((TODAY, TODAY))
        self._parameter_values = lru_cache(maxsize=512)(self._values_at)
        self._quiet = {check: self._quiet_findings(check) for check in self.context.checks}

    # --- evaluation -------------------------------------------------------------------------------------------------

    def evaluate(self, dossier: Dossier, today: date, recorded: Mapping[str, _Record]) -> Evaluation:
        """Both engines on this context."""
        received = self.received(dossier)
        day = day_of(received, self.zone) if received is not None else None
        if self.name == RECOVERY:
            day = today

        def fill(slots: Slots) -> None:
            self._fill(dossier.data, slots)
            for slot, value in self._parameter_values(day, today):
                slots[slot] = value
            if self._today is not None:
                slots[self._today] = today
            for slot, rule in self._answers:
                record = recorded.get(rule)
                if record is not None and record.state is AppraisalState.RECORDED:
                    slots[slot] = record.record["reponse"]

        return self.engine.evaluate(fill)

    def received(self, dossier: Dossier) -> datetime | None:
        """The instant of reception of the request."""
        from recevable.dossier.formats import cached_instant

        request = self.context.request
        if request is None:
            return None
        node: Any = dossier.data
        for part in request.reception.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        return None if node is None else cached_instant(node, self.zone)

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

    def _amount_reader(self, definition: Definition) -> tuple[Definition, int, list[tuple[AmountRule, Evaluator | None, StepMaker]]]:
        layout = self.context.layout
        slot = layout.slot(AMOUNT_NAME, definition.name)
        alternatives = []
        for amount in definition.amounts:
            when = build(amount.when, layout) if amount.when is not None else None
            rounded: Evaluator = lambda s, slot=slot: s[slot]  # type: ignore[misc]  # noqa: E731  # binds the slot
            alternatives.append((amount, when, step_maker(amount.value, amount.rule.body.rounding, rounded, layout)))
        return definition, slot, alternatives

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

    def _quiet_findings(self, check: Check) -> dict[Result, Finding]:
        """The findings that say nothing more than their result, made once."""
        rule = self.context.rules[check.rule]
        made = {}
        for result in (Result.SATISFIED, Result.NOT_APPLICABLE):
            made[result] = self._finding(rule, result)
        return made

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

    def findings(self, evaluation: Evaluation, recorded: Mapping[str, _Record]) -> list[Finding]:
        """One finding per rule, or one per cause for those that fail in several ways."""
        by_rule: dict[str, list[Finding]] = {}
        for check, outcome in zip(self.context.checks, evaluation.outcomes, strict=True):
            by_rule.setdefault(check.rule, []).append(self._read(check, outcome, evaluation.slots))
        return [finding for found in by_rule.values() for finding in _merged(found)]

    def _read(self, check: Check, outcome: Outcome, slots: Slots) -> Finding:
        quiet = self._quiet[check].get(outcome.result)
        if quiet is not None:
            return quiet
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
        message = self.say(rule, outcome.cause, slots) if outcome.cause else self._question(rule)
        return replace(self._finding(rule, outcome.result, outcome.cause), message=message, party=rule.party)

    def _question(self, rule: Rule) -> str:
        return rule.body.question.text if isinstance(rule.body, Appraisal) and rule.body.question else ""

    def amounts(self, slots: Slots, open_appraisals: Iterable[str]) -> list[AmountLine]:
        """Every named number that the context shows."""
        still_open = set(open_appraisals)
        lines: list[AmountLine] = []
        taint: dict[str, tuple[str, ...]] = {}
        for definition, slot, alternatives in self._amounts:
            chosen = [(a, steps) for a, when, steps in alternatives if when is None or when(slots) is True]
            amount, steps = chosen[0] if chosen else (alternatives[0][0], alternatives[0][2])
            value = slots[slot]
            tainted = tuple(dict.fromkeys([a for a in amount.subject_to if a in still_open] + self._inherited(definition, still_open, taint)))
            taint[definition.name] = tainted
            lines.append(
                AmountLine(
                    definition.name,
                    amount.rule.title,
                    amount.rule.body.type,
                    value,
                    amount.rule.id,
                    amount.rule.source,
                    steps(slots) if value is not None else (),
                    tainted,
                    () if value is not None else self._unknowns.of_definition(definition, slots),
                )
            )
        return lines

    def _inherited(self, definition: Definition, still_open: set[str], taint: Mapping[str, tuple[str, ...]]) -> list[str]:
        """An amount computed from a tainted amount, or from an appraisal's answer, is tainted too."""
        found: list[str] = []
        for amount in definition.amounts:
            for node in nodes(amount.value):
                if node.op == AMOUNT_NAME:
                    found.extend(self._taint_of(node.value, still_open, taint))
                elif node.op == ANSWER and node.value in still_open:
                    found.append(node.value)
        return found

    def _taint_of(self, name: str, still_open: set[str], taint: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
        if name in taint:
            return taint[name]
        definition = next((d for d in self.context.definitions if d.name == name), None)
        if definition is None:
            return ()
        own = [a for amount in definition.amounts for a in amount.subject_to if a in still_open]
        return [*own, *self._inherited(definition, still_open, taint)]

    def request_decision(
        self, evaluation: Evaluation, recorded: Mapping[str, _Record], lines: dict[str, AppraisalLine]
    ) -> RequestDecision:
        """The decision on the request of this context; appraisals met are added to `lines`."""
        request = self.context.request
        assert request is not None
        findings = self.findings(evaluation, recorded)
        still_open = self._appraise(findings, evaluation, recorded, lines)
        amounts = self.amounts(evaluation.slots, still_open)
        proposed = next((line for line in amounts if line.name == request.amount), None)
        if proposed is not None and proposed.value is None:
            findings.append(self._unknown_amount(proposed))
        undecidable = _unknown_parameters(findings)
        verdict = _verdict(findings, undecidable)
        received = evaluation.slots[self.context.layout.slot(FIELD, request.reception)] if (FIELD, request.reception) in self.context.layout.slots else None
        return RequestDecision(
            request.name,
            request.title,
            received,
            verdict,
            any(f.result is Result.TO_APPRAISE for f in findings),
            tuple(findings),
            tuple(amounts),
            proposed,
            repair(findings, undecidable),
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
        recorded: Mapping[str, _Record],
        lines: dict[str, AppraisalLine],
    ) -> list[str]:
        """Note every appraisal that applies; the ids of those still open."""
        still_open = []
        for finding in findings:
            rule = self.context.rules[finding.rule]
            if not isinstance(rule.body, Appraisal) or finding.result in (Result.NOT_APPLICABLE, Result.MISSING):
                continue
            record = recorded.get(rule.id)
            if finding.result is Result.TO_APPRAISE:
                still_open.append(rule.id)
            previous = lines.get(rule.id)
            lines[rule.id] = AppraisalLine(
                rule.id,
                rule.title,
                self._question(rule),
                tuple(rule.body.answers),
                (*(previous.requests if previous else ()), self.name),
                record.state if record else AppraisalState.OPEN,
                rule.source,
                record.record if record else {},
                record.reason if record else "",
            )
        return still_open

    def recovery(
        self, evaluation: Evaluation, recorded: Mapping[str, _Record], lines: dict[str, AppraisalLine]
    ) -> tuple[tuple[RecoveryCase, ...], tuple[Finding, ...]]:
        """The cases of undue payment that are established or cannot be told, and the other findings of this context."""
        findings = self.findings(evaluation, recorded)
        still_open = self._appraise(findings, evaluation, recorded, lines)
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
        taint = tuple(a for node in nodes(expr) if node.op == AMOUNT_NAME for a in self._taint_of(node.value, set(still_open), {}))
        line = AmountLine("montant", rule.title, expr.type, value, rule.id, rule.source, (), tuple(dict.fromkeys(taint)), missing)
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
        self._readers: dict[Check, list[tuple[Expr, Evaluator]]] = {}

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
        if check not in self._readers:
            readers: dict[Expr, None] = {}
            for step in check.steps[-1:]:
                for node in nodes(step.test):
                    if node.op in REFERENCES:
                        readers[node] = None
            self._readers[check] = [(expr, self.evaluator(expr)) for expr in readers]
        return tuple(
            Datum(str(expr.value), expr.type.title, expr.type, evaluate(slots)) for expr, evaluate in self._readers[check]
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


def _verdict(findings: Sequence[Finding], undecidable: Sequence[Datum]) -> Verdict:
    """The heaviest consequence; an unknown parameter, or nothing satisfied at all, refuses to decide."""
    consequences = {f.consequence for f in findings if f.result is Result.FAILED}
    if Consequence.REJECT in consequences:
        return Verdict.REJECT
    if undecidable:
        return Verdict.UNDECIDABLE
    if Consequence.COMPLETE in consequences or any(f.result is Result.MISSING for f in findings):
        return Verdict.COMPLETE
    if not any(f.result is Result.SATISFIED for f in findings):
        return Verdict.UNDECIDABLE
    return Verdict.ACCEPT
