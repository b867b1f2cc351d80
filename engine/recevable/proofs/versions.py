"""Two versions of a programme on the same unknown dossier: which decisions may differ, and a dossier that shows it.

What is equal in both is the same term of the solver, so a question costs what has changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import permutations
from time import monotonic
from typing import Any, Final

import z3
from msgspec import Struct
from msgspec.structs import replace

from recevable.decision.findings import consequence_of
from recevable.decision.model import Decision, Verdict
from recevable.decision.wording import amount
from recevable.dossier.dossier import Dossier
from recevable.inference.definitions import Contradiction
from recevable.language.diagnostics import DiagnosticError, Span
from recevable.language.tree import ELEMENT
from recevable.language.types import Kind
from recevable.pack.model import APPRAISALS, MANIFEST, RECOVERY, Result, Rule
from recevable.pack.properties import NO_CASE, RECOVERED, TO_PAY, UNDUE, VERDICTS
from recevable.programme import Programme
from recevable.proofs.dossiers import Node, Scope
from recevable.proofs.properties import GRAVEST, decided, shown
from recevable.proofs.prover import Base, Prover, Side
from recevable.proofs.report import Line, Report, request_words
from recevable.proofs.terms import (
    FALSE,
    TRUE,
    Term,
    Untranslated,
    Value,
    both,
    constant,
    either,
    implies,
    integer,
    negation,
    real,
)
from recevable.proofs.translation import RuleTerms
from recevable.trials.proved import Answer, Bounds, Example, Status, bounds_of

# The results of a rule that call for something, besides a failure by its cause.
_OPEN: Final = (Result.MISSING, Result.TO_APPRAISE)
_RANK: Final = re.compile(r"\[\d+\]")
# What a version decides on a real dossier; None when it contradicts itself.
Decided = Decision | None


class Difference(Struct, frozen=True):
    """A way in which two decisions may differ: what a sentence says never happens, in terms and in real decisions.

    `context` is a request or recovery; `start` is the verdict before, when the sentence names it.
    """

    id: str
    title: str
    context: str
    when: Any
    seen: Callable[[Decided, Decided], bool]
    start: str = ""


class Versions(Prover):
    """Two versions of one programme, `sides[0]` the older; `incomparable` names what is in one of them only.

    Raises Untranslated when nothing can be compared.
    """

    def __init__(
        self, old: Programme, new: Programme, bases: Sequence[Base], bounds: Bounds | None = None, *, seconds: int
    ) -> None:
        if old.zone != new.zone:
            raise Untranslated("des fuseaux horaires différents")
        self.old = old
        within = bounds or _bounds(old, new)
        self.same_schema = old.pack.schema == new.pack.schema
        super().__init__(new, [], within, seconds)
        first = Side(self, "", old)
        self.sides = [first, Side(self, "", new, first.dossier if self.same_schema else None)]
        self.bases = [base for base in bases if self._readable(base)]
        self.incomparable: dict[str, None] = {}
        self._decisions: dict[tuple[str, str], tuple[Decided, Decided]] = {}

    def turn_to(self, new: Programme) -> None:
        """Compare the older version with another one, of the same schema and zone: nothing is translated twice."""
        self.programme, self.compiled, self.pack = new, new.compiled, new.pack
        self.sides[1] = Side(self, "", new, self.sides[0].dossier)
        self._decisions.clear()

    def _readable(self, base: Base) -> bool:
        try:
            if not self.same_schema:
                self.read([self.content(base.dossier.data)])
        except DiagnosticError:
            return False
        return True

    def read(self, contents: Sequence[bytes]) -> list[Dossier]:
        """The dossier as each version reads it; raises DiagnosticError when one of them refuses it."""
        (content,) = contents
        return [self.old.read(content), self.programme.read(content)]

    def _contents(
        self, sides: Sequence[Side], model: Any, data: Mapping[str, Any], day: date, scope: Scope
    ) -> tuple[bytes, ...]:
        given: dict[str, Any] = {}
        for dossier in dict.fromkeys(side.dossier for side in sides):
            data = dossier.written(model, data, day, scope)
            given |= data.get(APPRAISALS, {})
        return (self.content({**data, **({APPRAISALS: given} if given else {})}),)

    # --- both decisions -----------------------------------------------------------------------------------------------

    def decide(self, dossiers: Sequence[Dossier], day: date, context: str) -> tuple[Decided, Decided]:
        """What each version decides in a context on a real dossier."""
        first, second = (
            _decided(programme, dossier, day, context)
            for programme, dossier in zip((self.old, self.programme), dossiers, strict=True)
        )
        return first, second

    def known(self, base: Base, context: str) -> tuple[Decided, Decided]:
        """The same on a known dossier, decided once."""
        key = (base.name, context)
        if key not in self._decisions:
            self._decisions[key] = self.decide([base.dossier, base.dossier], base.day, context)
        return self._decisions[key]

    def holding(self, context: str) -> Iterator[Base]:
        """The known dossiers that hold a request; all of them for recovery."""
        return (base for base in self.bases if self._in(base, context))

    # --- what may differ ----------------------------------------------------------------------------------------------

    @property
    def contexts(self) -> list[str]:
        """The requests that both versions have, and recovery."""
        names = [one.compiled.context_names for one in (self.old, self.programme)]
        for name in dict.fromkeys((*names[0], *names[1])):
            if name not in names[0] or name not in names[1]:
                self.incomparable[f"la demande `{name}`"] = None
        return [name for name in names[1] if name in names[0]]

    def differences(self, context: str) -> list[Difference]:
        """The ways in which the decisions of a context may differ; raises Untranslated."""
        return list(self._of_recovery() if context == RECOVERY else self._of_request(context))

    def _of_request(self, name: str) -> Iterator[Difference]:
        old, new = (side.request(name) for side in self.sides)
        title = f"« {self.pack.manifest.requests[name].title} »"
        settled = both(old.decided, new.decided)
        before, after = dict(old.verdicts()), dict(new.verdicts())
        for start, end in permutations(VERDICTS, 2):
            claim, when = f"{title} ne passe jamais de `{start}` à `{end}`", both(settled, before[start], after[end])
            yield Difference(f"{name}:{start}:{end}", claim, name, when, _verdicts(name, start, end), start)
        for waits, words in ((True, "définitive:provisoire"), (False, "provisoire:définitive")):
            start_word, end_word = words.split(":")
            claim = f"{title}, {start_word}, ne devient jamais {end_word}"
            was, now = (old.provisional, new.provisional) if waits else (new.provisional, old.provisional)
            when = both(settled, negation(was), now)
            yield Difference(f"{name}:{words.replace('é', 'e')}", claim, name, when, _reserved(name, waits))
        if old.proposed is not None or new.proposed is not None:
            one, other = real(old.payable.term), real(new.payable.term)
            for word, when in (("baisse", other < one), ("hausse", one < other)):
                claim = f"le montant à payer pour {title} n'est jamais en {word}"
                seen = _paid(name, lower=word == "baisse")
                yield Difference(f"{name}:montant:{word}", claim, name, both(settled, when), seen, Verdict.ACCEPT)
        claim, when = f"{title} ne cesse jamais de se décider", both(old.decided, negation(new.decided))
        yield Difference(f"{name}:sans-decision", claim, name, when, _stops)

    def _of_recovery(self) -> Iterator[Difference]:
        old, new = (side.recovery for side in self.sides)
        settled = both(old.decided, new.decided)
        claims = [
            {rule.id: rule.title for rule in one.context.rules.values() if rule.claim is not None} for one in (old, new)
        ]
        for name in dict.fromkeys((*claims[0], *claims[1])):
            case, title = f"{RECOVERY}:{name}", f"« {claims[1].get(name) or claims[0][name]} »"
            one, other = (self._step(side, name) for side in self.sides)
            when, claim = both(settled, _differ(one, other)), f"l'étape de {title} n'est jamais autre"
            yield Difference(f"{case}:etape", claim, RECOVERY, when, _cases(RECOVERED, name))
            if name in claims[0] and name in claims[1]:
                there = [negation(terms.rules[name].results[Result.NOT_APPLICABLE]) for terms in (old, new)]
                one, other = (decided(side, RECOVERY, UNDUE, name) for side in self.sides)
                when, claim = both(settled, *there, _differ(one, other)), f"le montant de {title} n'est jamais autre"
                yield Difference(f"{case}:montant", claim, RECOVERY, when, _cases(UNDUE, name))

    def _step(self, side: Side, rule: str) -> Term:
        """The step of a case of undue payment; none where the version has no such case."""
        known = rule in side.recovery.rules
        return decided(side, RECOVERY, RECOVERED, rule) if known else constant(NO_CASE, self.texts)

    def details(self, context: str) -> Iterator[Difference]:
        """What else differs in the decisions of a context: findings that call for something, amounts shown."""
        old, new = (side.context(context) for side in self.sides)
        settled, title = both(old.decided, new.decided), f"`{context}`"
        unlike = []
        claimed = {rule.id for terms in (old, new) for rule in terms.context.rules.values() if rule.claim is not None}
        for rule in dict.fromkeys((*old.rules, *new.rules)):
            if rule in claimed:
                continue  # a case, not a finding
            one, other = (_calling(terms.rules.get(rule), context) for terms in (old, new))
            unlike += [one.get(word, FALSE) != other.get(word, FALSE) for word in {**one, **other}]
        when, claim = both(settled, either(*unlike)), f"aucun constat de {title} n'est autre"
        yield Difference(f"{context}:constats", claim, context, when, _both(partial(_findings, context), _other))
        if context == RECOVERY:
            claim = "aucun cas d'indu n'a d'autre modalité, d'autre assiette, ni d'autre fin"
            when = both(settled, either(*self._otherwise_claimed()))
            yield Difference(f"{context}:modalites", claim, context, when, _both(_claims, _other_claim))
        else:
            names = [name for name in old.context.shown_amounts if name in new.context.shown_amounts]
            unlike = [_differ(old.evaluator.named(name), new.evaluator.named(name)) for name in names]
            when, claim = both(settled, either(*unlike)), f"aucun montant de {title} n'est autre"
            yield Difference(
                f"{context}:montants", claim, context, when, _both(partial(_amounts, context, names), _other)
            )

    def _otherwise_claimed(self) -> Iterator[Any]:
        """When a case arises in both versions, of another modality or basis, or closed in one of them."""
        old, new = (side.recovery for side in self.sides)
        for name, rule in old.context.rules.items():
            before, after = _claim(rule), _claim(new.context.rules.get(name))
            if before and after:
                one, another = (terms.rules[name].results for terms in (old, new))
                there = both(*(negation(results[Result.NOT_APPLICABLE]) for results in (one, another)))
                yield both(there, TRUE if before != after else one[Result.SATISFIED] != another[Result.SATISFIED])

    # --- answers ------------------------------------------------------------------------------------------------------

    def lines(self, wanted: Sequence[str] = ()) -> Iterator[Line]:
        """The answer for each way to differ, request by request; raises NotConfirmed."""
        for context in self.contexts:
            try:
                found = self.differences(context)
            except Untranslated as refusal:
                title = f"« {context} » se décide de même"
                answer = Answer(Status.UNDECIDED, reason=f"sans traduction : {refusal.what}")
                yield Line(context, title, Span(MANIFEST, 1, 1), answer)
                continue
            if wanted:
                found = [one for one in found if one.id in wanted]
            alike = both(*self._alike())
            same = self._never(found, alike)
            for one in found:
                began = monotonic()
                answer = Answer(Status.PROVED) if same else self._known(one) or self._ask(one, alike)
                yield Line(
                    one.id,
                    one.title,
                    Span(MANIFEST, 1, 1),
                    answer,
                    self.decision_lines(one, answer),
                    monotonic() - began,
                )

    def any_difference(self, contexts: Sequence[str]) -> tuple[Answer, tuple[str, ...]]:
        """Whether nothing at all differs in some contexts, and what the two decisions on an example say.

        Verdicts first, then amounts and findings.  Raises Untranslated, NotConfirmed.
        """
        undecided: Answer | None = None
        for context in contexts:
            found = [*self.differences(context), *self.details(context)]
            alike = both(*self._alike())
            for one in [] if self._never(found, alike) else found:
                answer = self._ask(one, alike)
                if answer.status is Status.REFUTED:
                    return answer, self.decision_lines(one, answer)
                if answer.status is Status.UNDECIDED:
                    undecided = undecided or answer
        return undecided or Answer(Status.PROVED), ()

    def _never(self, found: Sequence[Difference], alike: Any) -> bool:
        """Whether none of the ways to differ of one context ever happens, asked at once."""
        if not found:
            return True
        held = [side.holds(found[0].context) for side in self.sides]
        return self.possible(both(alike, either(*(one.when for one in found)), *held)) is False

    def _known(self, one: Difference) -> Answer | None:
        """The answer that a known dossier gives, if one does."""
        for base in self.holding(one.context):
            if one.seen(*self.known(base, one.context)):
                content = self.content(base.dossier.data)
                return Answer(Status.REFUTED, Example((content,), base.day, base.name, known=True))
        return None

    def _ask(self, one: Difference, alike: Any) -> Answer:
        def confirm(dossiers: Sequence[Dossier], day: date) -> bool:
            return one.seen(*self.decide(dossiers, day, one.context))

        requests = [] if one.context == RECOVERY else [one.context]
        base = self._start(one)
        return self.ask(one.id, one.when, confirm, requests, about=alike, pair=True, base=base, vacuous=False)

    def _start(self, one: Difference) -> Base | None:
        """A known dossier with the verdict from which decisions may differ."""
        for base in self.holding(one.context) if one.start else ():
            before, _ = self.known(base, one.context)
            if before is not None and before.request(one.context).verdict == one.start:
                return base
        return None

    def decision_lines(self, one: Difference, answer: Answer) -> tuple[str, ...]:
        """Both decisions on the dossier of an answer, in words."""
        if answer.example is None:
            return ()
        dossiers = self.read(answer.example.contents)
        both_ = self.decide(dossiers, answer.example.day, one.context)
        return tuple(
            f"{when} : {words}"
            for when, found in zip(("avant", "après"), both_, strict=True)
            for words in _decision_words(found, one.context)
        )

    def _alike(self) -> Iterator[Any]:
        """What makes the dossier one that both versions read: their schemas may differ, and their answers."""
        first, second = (side.dossier for side in self.sides)
        for one, other in ((first, second), (second, first)) if first is not second else ():
            for node in [node for node in one.root.known() if node.name]:
                twin = _twin(other.root, node)
                if twin is None:
                    path = _RANK.sub(ELEMENT, node.name)
                    self.incomparable[f"le champ `{path}`"] = None
                    yield negation(node.there)
                elif not z3.eq(twin.there, node.there):
                    yield twin.there == node.there
        packs = self.old.pack, self.programme.pack
        for rule, value in {**first.answers, **second.answers}.items():
            allowed = [set(pack.rules[rule].answers) for pack in packs if rule in pack.rules]
            words = sorted(set.intersection(*allowed))
            yield implies(value.known, either(*(value.term == integer(self.texts.number(word)) for word in words)))


def between(
    old: Programme,
    new: Programme,
    bases: Sequence[Base],
    wanted: Sequence[str] = (),
    *,
    seconds: int,
    elements: int,
) -> Report:
    """What may change from a version of a programme to another; raises NotConfirmed, Untranslated."""
    versions = Versions(old, new, bases, _bounds(old, new, elements), seconds=seconds)
    lines = tuple(versions.lines(wanted))
    version = f"z3 {z3.get_version_string()}"
    return Report(new.name, new.digest, versions.bounds, version, lines, old.digest, tuple(versions.incomparable))


def _bounds(old: Programme, new: Programme, elements: int | None = None) -> Bounds:
    """What is within the bounds of either version, decided when both are in force."""
    one, other = (bounds_of(programme.pack, *(() if elements is None else (elements,))) for programme in (old, new))
    return replace(
        one,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
        decided_from=max(one.decided_from, other.decided_from),
        decided_until=max(one.decided_until, other.decided_until),
    )


# --- real decisions -------------------------------------------------------------------------------------------------

Seen = Callable[[Decided, Decided], bool]


def _decided(programme: Programme, dossier: Dossier, day: date, context: str) -> Decided:
    try:
        return programme.decide(dossier, day, (context,))
    except Contradiction:
        return None


def _verdicts(name: str, start: str, end: str) -> Seen:
    return _both(lambda one: str(one.request(name).verdict), lambda before, after: (before, after) == (start, end))


def _reserved(name: str, waits: bool) -> Seen:
    return _both(
        lambda one: one.request(name).provisional, lambda before, after: before is not waits and after is waits
    )


def _paid(name: str, *, lower: bool) -> Seen:
    def compare(before: Any, after: Any) -> bool:
        return bool(after < before if lower else before < after)

    return _both(lambda one: shown(one, name, TO_PAY, name), compare)


def _cases(word: str, rule: str) -> Seen:
    return _both(lambda one: shown(one, RECOVERY, word, rule), _other)


def _other(before: Any, after: Any) -> bool:
    return bool(before != after)


def _findings(context: str, found: Decision) -> set[tuple[object, ...]]:
    """What calls for something in a decision: causes of failure, and the gravest result of each rule."""
    findings = found.recovery_findings if context == RECOVERY else found.request(context).findings
    graver: dict[str, Result] = {}
    for one in findings:
        graver[one.rule] = min(one.result, graver.get(one.rule, one.result), key=GRAVEST.index)
    failed: set[tuple[object, ...]] = {
        (one.rule, one.cause, one.consequence if context == RECOVERY else None)
        for one in findings
        if one.result is Result.FAILED
    }
    return failed | {(rule, str(result)) for rule, result in graver.items() if result in _OPEN}


def _claims(found: Decision) -> dict[str, tuple[str, str, bool]]:
    return {case.rule: (case.modality, case.basis, case.closed) for case in found.recovery}


def _other_claim(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return any(before[name] != after[name] for name in before if name in after)


def _amounts(context: str, names: Sequence[str], found: Decision) -> dict[str, Any]:
    return {line.name: line.value for line in found.request(context).amounts if line.name in names}


def _both(read: Callable[[Decision], Any], compare: Callable[[Any, Any], bool]) -> Seen:
    """Compare what two decisions say; no difference where there is no decision."""
    return lambda old, new: old is not None and new is not None and compare(read(old), read(new))


def _stops(old: Decided, new: Decided) -> bool:
    return old is not None and new is None


def _decision_words(found: Decided, context: str) -> Iterator[str]:
    if found is None:
        yield "aucune décision, les règles se contredisent"
    elif context == RECOVERY:
        for case in found.recovery:
            value = case.amount.value
            yield f"{case.title} : {case.step or 'à établir'}, {'montant inconnu' if value is None else amount(value)}"
        if not found.recovery:
            yield "aucun indu"
    else:
        for request in found.requests:
            yield request_words(request)


# --- terms ----------------------------------------------------------------------------------------------------------


def _differ(one: Term, other: Term) -> Any:
    """When two values are not the same, or one of them is unknown."""
    assert isinstance(one, Value)
    assert isinstance(other, Value)
    unlike = negation(real(one.term) == real(other.term))
    return either(one.known != other.known, both(one.known, other.known, unlike))


def _calling(terms: RuleTerms | None, context: str) -> dict[str, Any]:
    """When a rule calls for something, by cause of failure and by result; never for a rule that a version lacks.

    What follows from a failure is part of a finding in recovery; in a request the verdict tells it.
    """
    if terms is None:
        return {}
    found = {str(result): terms.results[result] for result in _OPEN}
    for cause, when in terms.failed.items():
        given = consequence_of(terms.rule.cause(cause), terms.rule, strict=False) if context == RECOVERY else None
        found[f"{cause}:{given}"] = when
    return found


def _claim(rule: Rule | None) -> tuple[str, ...]:
    """The modality and the basis of a case of undue payment; empty when the rule is none."""
    return () if rule is None or rule.claim is None else (rule.claim.modality, rule.claim.basis)


def _twin(root: Node, node: Node) -> Node | None:
    """The same datum for the other schema; None when it has none of that name, or of another kind."""
    found = root
    for part in node.name.split("."):
        name, *ranks = part.replace("]", "").split("[")
        if name not in found.type.fields:
            return None
        found = found.member(name)
        for rank in map(int, ranks):
            if found.type.kind is not Kind.LIST or rank >= len(found.elements):
                return None
            found = found.elements[rank]
    return found if found.type.kind is node.type.kind else None
