"""From the answers of both engines to findings: the result of each rule on a dossier, with its message in French.

Findings that contain no value of the dossier are built once and cached as long as the engine keeps the answer.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from msgspec import Struct, structs

from recevable.decision.alike import alike
from recevable.decision.model import SATISFIED, Datum, DatumOrigin, Element, Finding, Part
from recevable.decision.unknowns import Unknowns, awaits_answer, merged, missing_message
from recevable.decision.wording import filled, initial
from recevable.dossier.fields import ELEMENT, fields
from recevable.inference.engine import REMEMBERED, Answer, Evaluation
from recevable.language.evaluate import Evaluator, Slots, build
from recevable.language.types import Type
from recevable.lazy import pattern
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import APPLICANT, Cause, Check, Consequence, Context, Outcome, Result, Rule

# The element of a list in the name of a datum: `factures[2].payee`.
_INDEX: Final = pattern(r"\[\d+\]")

# The most findings that say something of a dossier that a context remembers.
_MOST: Final = 2048
# The most answers whose plan a context remembers.
_MOST_PLANS: Final = 4096


class _Failure:
    """A check that failed for a cause: what its words and values read, and what was said of them."""

    __slots__ = ("cause", "check", "known", "reads")

    def __init__(self, check: Check, cause: str, reads: Sequence[Evaluator]) -> None:
        self.check, self.cause, self.reads = check, cause, reads
        self.known: dict[tuple[Hashable, ...], Part] = {}


# The parts of an answer, by rule: ready findings, a failure, or outcomes to word for each dossier.
_Plan = tuple[Part | _Failure | list[tuple[Check, Outcome]], ...]


class Findings(Struct, frozen=True):
    """All findings in the order of the pack; `notable` leaves out the satisfied and not applicable ones.

    `satisfied` is true when at least one rule is satisfied.
    """

    parts: tuple[Part, ...]
    notable: Sequence[Finding]
    satisfied: bool

    @classmethod
    def of(cls, findings: Iterable[Finding], notable: Iterable[Finding]) -> Findings:
        """Findings that are not those of many dossiers, `notable` among them."""
        part, notable = Part.of(tuple(findings), notable=True), tuple(notable)
        return cls((part,), notable, any(finding.result is Result.SATISFIED for finding in part.findings))

    @property
    def all(self) -> Iterator[Finding]:
        """The findings, one after the other."""
        return (finding for part in self.parts for finding in part.findings)

    def and_also(self, finding: Finding) -> Findings:
        """The same with one more, which is notable."""
        more = Part.of((finding,), notable=True)
        return Findings((*self.parts, more), (*self.notable, finding), self.satisfied)


def party_of(cause: Cause, rule: Rule) -> str:
    """The party that can remove a cause."""
    return cause.party.text if cause.party is not None else rule.party


def consequence_of(cause: Cause, rule: Rule, *, strict: bool) -> Consequence | None:
    """The consequence of a cause; a `strict` request that lacks what the applicant owes is rejected."""
    lacks = cause.consequence is Consequence.COMPLETE and party_of(cause, rule) == APPLICANT
    return Consequence.REJECT if strict and lacks else cause.consequence


def _about(element: Element, message: str) -> str:
    """A message about an element, which is named first when the message does not."""
    named = element.label in message or (
        not element.key.isdigit() and re.search(rf"(?<!\w){re.escape(element.key)}(?!\w)", message)
    )
    return message if named or not message else f"{element.label} : {initial(message)}"


class FindingReader:
    """Reads the findings of one context."""

    def __init__(
        self, compiled: CompiledPack, context: Context, unknowns: Unknowns, remembered: int = REMEMBERED
    ) -> None:
        """`remembered`: 0 to remember no finding of an earlier dossier."""
        self.compiled, self.context, self.unknowns = compiled, context, unknowns
        self._most = min(remembered, _MOST)
        self.zone = compiled.pack.manifest.zone
        # by answer, which the engine gives again
        self._plans: dict[Answer, tuple[_Plan, bool]] = {}
        self._silences: tuple[dict[str, Finding], dict[str, Finding]] = ({}, {})
        self._requirements: dict[str, tuple[str, ...]] = {}
        self._strict = context.request is not None and context.request.strict
        self._each = context.request is not None and bool(context.request.each)
        self._messages: dict[tuple[str, str], tuple[tuple[str, ...], list[tuple[Evaluator, Type]]]] = {}
        # the failures, by check and cause; how many parts they remember together
        self._failures: dict[tuple[int, str], _Failure] = {}
        self._remembered = 0

    def read(self, evaluation: Evaluation) -> Findings:
        """The findings of an evaluation."""
        parts: list[Part] = []
        notable: list[Finding] = []
        satisfied = False
        for answer in evaluation.answers:
            plan, any_ready = self._plans.get(answer) or self._plan(answer)
            satisfied = satisfied or any_ready
            for part in plan:
                if isinstance(part, Part):
                    parts.append(part)
                elif isinstance(part, _Failure):
                    made = self._of_failure(part, evaluation.slots)
                    parts.append(made)
                    notable += made.findings
                else:
                    merged = self._merged([self._read(check, outcome, evaluation.slots) for check, outcome in part])
                    parts.append(Part.of(merged, notable=True))
                    notable += merged
        satisfied = satisfied or any(finding.result is Result.SATISFIED for finding in notable)
        return Findings(tuple(parts), notable, satisfied)

    def tell(self, rule: Rule, outcomes: Sequence[Outcome], slots: Slots) -> list[Finding]:
        """The findings of one rule, from an outcome for each of the checks of the context; all must be its own."""
        found = zip(self.context.checks, outcomes, strict=True)
        assert all(check.rule == rule.id for check in self.context.checks)
        return self._merged([self._read(check, outcome, slots) for check, outcome in found]) if outcomes else []

    def of(self, evaluation: Evaluation, element: Element) -> Findings:
        """The findings of the rules about the element of an evaluation."""
        found = self.read(evaluation)
        everything = self._named(found.all, evaluation, element)
        notable = self._named(found.notable, evaluation, element)
        if any(f.consequence is Consequence.SET_ASIDE for f in notable):
            # once it is set aside, what else might set it aside is asked of nobody
            everything = [self._unasked(f) for f in everything]
            notable = [f for f in notable if self._unasked(f) is f]
        return Findings.of(everything, notable)

    def _named(self, findings: Iterable[Finding], evaluation: Evaluation, element: Element) -> list[Finding]:
        """Those of the rules about an element, with what it is called."""
        own = (f for f in findings if self.context.is_about(f.rule, evaluation.each))
        return [structs.replace(f, element=element, message=_about(element, f.message)) for f in own]

    def _unasked(self, finding: Finding) -> Finding:
        rule = self.context.rules[finding.rule]
        waits = finding.result in (Result.MISSING, Result.TO_APPRAISE) and not rule.may_reject
        return self._finding(rule, Result.NOT_APPLICABLE, element=finding.element) if waits else finding

    def say(self, rule: Rule, cause: str, slots: Slots) -> str:
        """The message of a cause, with its placeholders filled from the slots."""
        texts, exprs = self._message(rule, cause)
        return filled(texts, [(evaluate(slots), type_) for evaluate, type_ in exprs], self.zone)

    def missing(self, rule: Rule, missing: tuple[Datum, ...], preamble: str = "") -> Finding:
        """The finding for missing data: TO_APPRAISE when only human answers are missing, otherwise MISSING."""
        if awaits_answer(missing):
            return self._finding(rule, Result.TO_APPRAISE, party=rule.party, missing=missing)
        strict = self._strict and rule.party == APPLICANT and all(map(self._owed, missing))
        return self._finding(
            rule,
            Result.MISSING,
            consequence=Consequence.REJECT if strict else Consequence.COMPLETE,
            message=preamble + missing_message(missing, self._asked(rule.party)),
            party=rule.party,
            missing=missing,
        )

    def _plan(self, answer: Answer) -> tuple[_Plan, bool]:
        """The plan of an answer, and whether a ready finding of it is satisfied; remembered."""
        by_rule: dict[str, list[tuple[Check, Outcome]]] = {}
        for index, outcome in zip(answer.group.checks, answer.outcomes, strict=True):
            check = self.context.checks[index]
            by_rule.setdefault(check.rule, []).append((check, outcome))
        plan: list[Part | _Failure | list[tuple[Check, Outcome]]] = []
        ready: list[Finding] = []
        for name, found in by_rule.items():
            rule = self.context.rules[name]
            result = self._silent(rule, [outcome.result for _, outcome in found])
            if result is not None:
                ready.append(self._said_by_none(rule, result))
                continue
            if ready:
                plan.append(Part.of(ready, notable=False))
            plan += self._to_say(found)
            ready = []
        if ready:
            plan.append(Part.of(ready, notable=False))
        satisfied = any(part.counts[SATISFIED] for part in plan if isinstance(part, Part))
        if self._most:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            self._plans[answer] = tuple(plan), satisfied
        return tuple(plan), satisfied

    def _to_say(self, found: list[tuple[Check, Outcome]]) -> Iterator[_Failure | list[tuple[Check, Outcome]]]:
        """What a rule has to say, one part for each failure where nothing else is said (as `_merged` has it)."""
        reported = [one for one in found if one[1].result in (Result.FAILED, Result.TO_APPRAISE)]
        # where an element is in its list is told too
        placed = self.context.loops or self._each
        if placed or not self._most or not reported or any(one.result is Result.MISSING for _, one in found):
            yield found
            return
        for check, outcome in reported:
            if outcome.result is Result.FAILED:
                yield self._failure(check, outcome.cause)
            else:
                yield [(check, outcome)]

    def _failure(self, check: Check, cause: str) -> _Failure:
        key = id(check), cause
        if key not in self._failures:
            _, exprs = self._message(self.context.rules[check.rule], cause)
            reads = [evaluate for evaluate, _ in exprs]
            self._failures[key] = _Failure(check, cause, [*reads, *self.unknowns.readers(check)])
        return self._failures[key]

    def _of_failure(self, failure: _Failure, slots: Slots) -> Part:
        """The finding of a failure; the same object for the same values read, as long as it is remembered."""
        key = alike([read(slots) for read in failure.reads])
        known = None if key is None else failure.known.get(key)
        if known is not None:
            return known
        check = failure.check
        found = Part.of([self._failed(check, self.context.rules[check.rule], failure.cause, slots)], notable=True)
        if key is not None:
            if self._remembered >= self._most:
                self._remembered = 0
                for one in list(self._failures.values()):
                    one.known.clear()
            self._remembered += 1
            failure.known[key] = found
        return found

    def _said_by_none(self, rule: Rule, result: Result) -> Finding:
        """The finding of a rule that has nothing to say; the same object for all dossiers."""
        found = self._silences[result is Result.SATISFIED]
        if rule.id not in found:
            found[rule.id] = self._finding(rule, result)
        return found[rule.id]

    def _silent(self, rule: Rule, results: Sequence[Result]) -> Result | None:
        """The result of a rule that has nothing to say of a dossier; None when it has."""
        if rule.question is not None or rule.claim is not None:
            silent = all(result is Result.NOT_APPLICABLE for result in results)
            return Result.NOT_APPLICABLE if silent else None
        if all(result is Result.SATISFIED or result is Result.NOT_APPLICABLE for result in results):
            return Result.SATISFIED if Result.SATISFIED in results else Result.NOT_APPLICABLE
        return None

    def _finding(self, rule: Rule, result: Result, cause: str = "", **more: Any) -> Finding:
        """A finding on a rule; `more` are the fields that only some results set."""
        requirements = self._requirements.get(rule.id)
        if requirements is None:
            requirements = self._requirements[rule.id] = tuple([one.text for one in rule.requirements])
        return Finding(rule.id, rule.title, result, rule.source, requirements, cause, **more)

    def _read(self, check: Check, outcome: Outcome, slots: Slots) -> Finding:
        rule = self.context.rules[check.rule]
        if outcome.result is Result.FAILED:
            return self._failed(check, rule, outcome.cause, slots)
        if outcome.result is Result.MISSING:
            return self.missing(rule, self.unknowns.of_check(check, slots))
        if outcome.result is Result.TO_APPRAISE:
            message = self.say(rule, outcome.cause, slots)
            return self._finding(rule, Result.TO_APPRAISE, outcome.cause, message=message, party=rule.party)
        return self._finding(rule, outcome.result, outcome.cause)

    def _failed(self, check: Check, rule: Rule, named: str, slots: Slots) -> Finding:
        """The finding of a check that failed for the cause `named`."""
        cause = rule.cause(named)
        consequence = consequence_of(cause, rule, strict=self._strict)
        severed = consequence is not cause.consequence
        return self._finding(
            rule,
            Result.FAILED,
            named,
            consequence=consequence,
            message=self.say(rule, named, slots),
            party=party_of(cause, rule),
            repair=cause.repair or (f"Corriger : {rule.title}" if severed else ""),
            values=self.unknowns.values(check, slots),
        )

    def _owed(self, datum: Datum) -> bool:
        """Whether a missing datum is one that the applicant supplies, and not one that cannot be computed."""
        if datum.origin is not DatumOrigin.FIELD or datum.fault:
            return False
        by = self._suppliers.get(_INDEX.sub(ELEMENT, datum.name), ())
        return not by or APPLICANT in by

    @cached_property
    def _suppliers(self) -> Mapping[str, tuple[str, ...]]:
        """Who supplies each field, by path."""
        return {one.path: one.supplied_by for top in fields(self.compiled.pack.schema) for one in top.walk()}

    def _message(self, rule: Rule, cause: str) -> tuple[tuple[str, ...], list[tuple[Evaluator, Type]]]:
        key = (rule.id, cause)
        if key not in self._messages:
            template = self.compiled.template(self.context.name, rule, cause)
            layout = self.context.layout
            self._messages[key] = (template.texts, [(build(e, layout), e.type) for e in template.exprs])
        return self._messages[key]

    def _asked(self, party: str) -> str:
        """The party asked, in French: `à l'ASP`."""
        parties = self.compiled.pack.manifest.parties
        return parties[party].addressed if party in parties else "au demandeur"

    def _merged(self, found: Sequence[Finding]) -> list[Finding]:
        """The findings of one rule, merged: all failures, the missing data together, otherwise one finding."""
        if len(found) == 1:
            return [found[0]]
        kept = [f for f in found if f.result in (Result.FAILED, Result.TO_APPRAISE)]
        missing = [f for f in found if f.result is Result.MISSING]
        if missing:
            data = merged(d for f in missing for d in f.missing)
            # what the applicant owes to one check rejects, whatever another check waits for
            first = next((f for f in missing if f.consequence is Consequence.REJECT), missing[0])
            kept.append(structs.replace(first, missing=data, message=missing_message(data, self._asked(first.party))))
        if kept:
            return kept
        satisfied = [f for f in found if f.result is Result.SATISFIED]
        return [satisfied[0] if satisfied else found[0]]
