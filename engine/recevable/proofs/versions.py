"""Two versions of a programme on the same unknown dossier: which decisions may differ, and a dossier that shows it.

What is equal in both is the same term of the solver, so a question costs what has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import permutations
from time import monotonic
from typing import Any

import z3
from msgspec import Struct
from msgspec.structs import replace

from recevable.decision.model import Decision, Verdict
from recevable.dossier.dossier import Dossier
from recevable.inference.definitions import Contradiction
from recevable.language.diagnostics import DiagnosticError
from recevable.language.tree import ELEMENT
from recevable.language.types import Kind
from recevable.pack.model import APPRAISALS, MANIFEST, RECOVERY, Result
from recevable.pack.properties import RECOVERED, TO_PAY, UNDUE, VERDICTS
from recevable.programme import Programme
from recevable.proofs.dossiers import Bounds, Node, bounds_of
from recevable.proofs.properties import decided, shown
from recevable.proofs.prover import Answer, Base, Example, Prover, Side, Status
from recevable.proofs.report import Line, Report, request_said
from recevable.proofs.terms import Term, Untranslated, Value, both, either, implies, integer, negation, real

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

    def _contents(self, sides: Sequence[Side], model: Any, data: Mapping[str, Any], day: date) -> tuple[bytes, ...]:
        given: dict[str, Any] = {}
        for dossier in dict.fromkeys(side.dossier for side in sides):
            data = dossier.written(model, data, day)
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

    @cached_property
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
            said, when = f"{title} ne passe jamais de `{start}` à `{end}`", both(settled, before[start], after[end])
            yield Difference(f"{name}:{start}:{end}", said, name, when, _verdicts(name, start, end), start)
        for waits, words in ((True, "définitive:provisoire"), (False, "provisoire:définitive")):
            start_word, end_word = words.split(":")
            said = f"{title}, {start_word}, ne devient jamais {end_word}"
            was, now = (old.provisional, new.provisional) if waits else (new.provisional, old.provisional)
            when = both(settled, negation(was), now)
            yield Difference(f"{name}:{words.replace('é', 'e')}", said, name, when, _reserved(name, waits))
        if old.proposed is not None or new.proposed is not None:
            one, other = real(old.payable.term), real(new.payable.term)
            for word, when in (("baisse", other < one), ("hausse", one < other)):
                said = f"le montant à payer pour {title} n'est jamais en {word}"
                seen = _paid(name, lower=word == "baisse")
                yield Difference(f"{name}:montant:{word}", said, name, both(settled, when), seen, Verdict.ACCEPT)
        said, when = f"{title} ne cesse jamais de se décider", both(old.decided, negation(new.decided))
        yield Difference(f"{name}:sans-decision", said, name, when, _stops)

    def _of_recovery(self) -> Iterator[Difference]:
        old, new = (side.recovery for side in self.sides)
        settled = both(old.decided, new.decided)
        claims = [
            {rule.id: rule for rule in one.context.rules.values() if rule.claim is not None} for one in (old, new)
        ]
        for name in dict.fromkeys((*claims[0], *claims[1])):
            if name not in claims[0] or name not in claims[1]:
                self.incomparable[f"le cas d'indu `{name}`"] = None
                continue
            case = f"{RECOVERY}:{name}"
            title = f"« {claims[1][name].title} »"
            one, other = (decided(side, RECOVERY, RECOVERED, name) for side in self.sides)
            when = both(settled, _differ(one, other))
            yield Difference(
                f"{case}:etape", f"l'étape de {title} n'est jamais autre", RECOVERY, when, _cases(RECOVERED, name)
            )
            there = [negation(terms.rules[name].results[Result.NOT_APPLICABLE]) for terms in (old, new)]
            one, other = (decided(side, RECOVERY, UNDUE, name) for side in self.sides)
            when = both(settled, *there, _differ(one, other))
            yield Difference(
                f"{case}:montant", f"le montant de {title} n'est jamais autre", RECOVERY, when, _cases(UNDUE, name)
            )

    # --- answers ------------------------------------------------------------------------------------------------------

    def lines(self, wanted: Sequence[str] = ()) -> Iterator[Line]:
        """The answer for each way to differ, request by request; raises NotConfirmed."""
        for context in self.contexts:
            try:
                found = self.differences(context)
            except Untranslated as refusal:
                title = f"« {context} » se décide de même"
                answer = Answer(Status.UNDECIDED, reason=f"sans traduction : {refusal.what}")
                yield Line(context, title, MANIFEST, answer)
                continue
            if wanted:
                found = [one for one in found if one.id in wanted]
            requests = [] if context == RECOVERY else [context]
            alike = both(*self._alike())
            any_ = both(alike, either(*(one.when for one in found)))
            same = not found or self.possible(both(any_, *(side.holds(context) for side in self.sides))) is False
            for one in found:
                began = monotonic()
                answer = Answer(Status.PROVED) if same else self._answer(one, requests, alike)
                yield Line(one.id, one.title, MANIFEST, answer, self._told(one, answer), monotonic() - began)

    def _answer(self, one: Difference, requests: Sequence[str], alike: Any) -> Answer:
        near: Base | None = None
        for base in self.holding(one.context):
            decisions = self.known(base, one.context)
            if one.seen(*decisions):
                return Answer(
                    Status.REFUTED, Example((self.content(base.dossier.data),), base.day, base.name, known=True)
                )
            if near is None and one.start and decisions[0] is not None:
                near = base if str(decisions[0].request(one.context).verdict) == one.start else None

        def confirm(dossiers: Sequence[Dossier], day: date) -> bool:
            return one.seen(*self.decide(dossiers, day, one.context))

        answer = self.ask(one.id, one.when, confirm, requests, about=alike, pair=True, base=near)
        # that nothing is ever so proves that it never happens
        return Answer(Status.PROVED) if answer.status is Status.EMPTY else answer

    def _told(self, one: Difference, answer: Answer) -> tuple[str, ...]:
        """Both decisions on the dossier of an answer, in words."""
        if answer.example is None:
            return ()
        dossiers = self.read(answer.example.contents)
        both_ = self.decide(dossiers, answer.example.day, one.context)
        return tuple(
            f"{when} : {said}"
            for when, found in zip(("avant", "après"), both_, strict=True)
            for said in _said(found, one.context)
        )

    def _alike(self) -> Iterator[Any]:
        """What makes the dossier one that both versions read: their schemas may differ, and their answers."""
        first, second = (side.dossier for side in self.sides)
        for one, other in ((first, second), (second, first)) if first is not second else ():
            for node in [node for node in one.root.known() if node.name]:
                twin = _twin(other.root, node)
                if twin is None:
                    path = "".join(
                        ELEMENT if part.isdigit() else part for part in node.name.replace("]", "").split("[")
                    )
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
    known: Sequence[tuple[str, Dossier, date]],
    wanted: Sequence[str] = (),
    *,
    seconds: int,
    elements: int,
) -> Report:
    """What may change from a version of a programme to another; raises NotConfirmed, Untranslated."""
    bases = [Base(name, dossier, day) for name, dossier, day in known]
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
    def compare(before: Any, after: Any) -> bool:
        return bool(before != after)

    return _both(lambda one: shown(one, RECOVERY, word, rule), compare)


def _both(read: Callable[[Decision], Any], compare: Callable[[Any, Any], bool]) -> Seen:
    """Compare what two decisions say; no difference where there is no decision."""
    return lambda old, new: old is not None and new is not None and compare(read(old), read(new))


def _stops(old: Decided, new: Decided) -> bool:
    return old is not None and new is None


def _said(found: Decided, context: str) -> Iterator[str]:
    if found is None:
        yield "aucune décision, les règles se contredisent"
    elif context == RECOVERY:
        for case in found.recovery:
            amount = "montant inconnu" if case.amount.value is None else f"{case.amount.value} €"
            yield f"{case.title} : {case.step or 'à établir'}, {amount}"
        if not found.recovery:
            yield "aucun indu"
    else:
        for request in found.requests:
            yield request_said(request)


# --- terms ----------------------------------------------------------------------------------------------------------


def _differ(one: Term, other: Term) -> Any:
    """When two values are not the same, or one of them is unknown."""
    assert isinstance(one, Value)
    assert isinstance(other, Value)
    unlike = negation(real(one.term) == real(other.term))
    return either(one.known != other.known, both(one.known, other.known, unlike))


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
