"""Decide a dossier: (dossier, compiled pack, day) gives a `Decision`, always the same for the same three inputs."""

from __future__ import annotations

import decimal
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from threading import Lock
from typing import Any

from msgspec.structs import replace

from recevable import __version__
from recevable.decision.appraisals import Recorded, line, of_element, recorded
from recevable.decision.context_decider import ContextDecider
from recevable.decision.model import (
    AppliedVersion,
    AppraisalLine,
    AppraisalState,
    Decision,
    HouseDefault,
    Part,
    Receipt,
    RecoveryCase,
    RequestDecision,
    TraceLine,
    Verdict,
    labelled,
)
from recevable.decision.receipt import deciding_versions, digest_of, engine_digest, schema_digest
from recevable.dossier.dossier import Dossier
from recevable.dossier.facts import Extractor
from recevable.inference.agreement import ALWAYS, Agreement, Sample, sample
from recevable.inference.engine import REMEMBERED, Evaluation
from recevable.inference.forks import renewed_in_child
from recevable.inference.forms import Asked
from recevable.inference.network import Network
from recevable.language.evaluate import EXACT, Slots
from recevable.language.tree import DECIDED, FIELD
from recevable.language.types import Type, walk
from recevable.pack import decided as decided_members
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import RECOVERY, Request, Version


def as_decided(request: RequestDecision) -> dict[str, Any]:
    """What other rules read of a decided request (`pack.decided`); what may still change is left out, so unknown."""
    found = {line.name: line.value for line in request.amounts if line.value is not None and not line.provisional}
    found[decided_members.KEY] = request.key
    final = request.verdict is Verdict.REJECT or (request.verdict is Verdict.ACCEPT and not request.provisional)
    if not final:
        return found
    found[decided_members.VERDICT] = str(request.verdict)
    if request.verdict is Verdict.REJECT:
        found[decided_members.GRANTED] = Decimal(0)
    elif request.proposed is not None and request.proposed.name in found:
        found[decided_members.GRANTED] = found[request.proposed.name]
    return found


def _asked(labels: Sequence[str]) -> dict[str, Collection[str]]:
    """The names among `labels` (`embauche`, `embauche:3`), each with the keys of its elements; without any, all."""
    found: dict[str, set[str]] = {}
    for label in labels:
        name, _, key = label.partition(":")
        found.setdefault(name, set()).add(key)
    return {name: () if "" in keys else keys for name, keys in found.items()}


def held(dossier: Dossier, request: Request) -> list[str]:
    """The labels of the requests of one name that a dossier holds: `avance`, or `embauche:1` and `embauche:2`."""
    if not _holds(dossier, request):
        return []
    if not request.each:
        return [request.name]
    # imported late: most programmes have no request for each element of a list
    from recevable.dossier.elements import key_of

    return [labelled(request.name, key_of(element, request.key)) for element in dossier.data[request.each]]


def _holds(dossier: Dossier, request: Request) -> bool:
    """Whether a dossier holds a request, or the list for each element of which there is one."""
    return (request.each or request.root) in dossier.data


class Decider:
    """Decides dossiers with one compiled pack; can be shared between threads."""

    def __init__(
        self,
        compiled: CompiledPack,
        schema: Mapping[str, Any],
        remembered: int = REMEMBERED,
        networks: Mapping[str, Network] | None = None,
        *,
        reference_only: bool = False,
    ) -> None:
        """`remembered` bounds the answers that the engines cache; `reference_only` runs without the network.

        `reference_only` is for variants of a pack under test, never for a real decision.
        """
        self.compiled = compiled
        self.pack = compiled.pack
        self.zone = self.pack.manifest.zone
        self._remembered = remembered
        self._reference_only = reference_only
        self._networks = networks or {}
        self._building = Lock()
        renewed_in_child(self)
        self._runners: dict[str, ContextDecider] = {}
        self._fills: dict[tuple[str, ...], Extractor] = {}
        roots = tuple(f"{one.root}." for one in self.pack.manifest.lists.values())
        known = compiled.facts_layout.slots.items() if roots else ()
        self._of_elements = [slot for (op, name), slot in known if op == FIELD and f"{name}.".startswith(roots)]
        self._version = lru_cache(maxsize=512)(self._version_at)
        self._applied = lru_cache(maxsize=512)(self._applied_at)
        self.pack_sha256 = digest_of(self.pack.digests)
        self._schema_sha256 = schema_digest(schema)

    def renew(self) -> None:
        """See inference.forks: a context that another thread was building is built again."""
        self._building = Lock()

    def _version_at(self, day: date) -> Version | None:
        """The version of the legal text in force on a day; None before the first."""
        return next((v for v in reversed(self.pack.manifest.versions) if v.start <= day), None)

    def paths(self) -> Iterator[tuple[str, Type]]:
        """The path and the type of every field of the dossier."""
        return walk(self.pack.facts)

    def context_decider(self, name: str) -> ContextDecider:
        """The decider of the context `name`, built on first use under a lock."""
        with self._building:
            if name not in self._runners:
                self._runners[name] = ContextDecider(
                    self.compiled,
                    name,
                    self._remembered,
                    self._networks.get(name),
                    reference_only=self._reference_only,
                )
            return self._runners[name]

    def facts(self, dossier: Dossier, contexts: Sequence[ContextDecider]) -> Slots:
        """The typed facts of a dossier that the given contexts read."""
        wanted = tuple(one.name for one in contexts)
        fill = self.compiled.extractor or self._fills.get(wanted)
        if fill is None:
            fields = {path: type_ for one in contexts for path, type_ in one.fields.items()}
            fill = self._fills[wanted] = Extractor(fields, self.compiled.facts_layout)
        slots = self.compiled.facts_layout.empty()
        fill(dossier.data, slots)
        return slots

    def _without_elements(self, facts: Slots) -> Slots:
        """The facts, without what a dossier would hold under the path of an element, which is no field of it."""
        for slot in self._of_elements:
            facts[slot] = None
        return facts

    def evaluations(self, dossier: Dossier, today: date, requests: Sequence[str] = ()) -> Iterator[Evaluation]:
        """The evaluations behind `decide`: each request in the dossier then recovery, or only those of `requests`."""
        with decimal.localcontext(EXACT):
            answers = recorded(dossier.data, self.compiled.answers, today)
            wanted = _asked(requests or self.compiled.context_names)
            known = self.pack.manifest.requests
            names = [name for name in wanted if name not in known or _holds(dossier, known[name])]
            contexts = [self.context_decider(name) for name in names]
            facts = self._without_elements(self.facts(dossier, contexts))
            self._decide_elements(dossier, facts, today, answers, contexts)
            for one in contexts:
                for _, own, its_answers in self._parts(one, dossier, facts, answers, wanted[one.name]):
                    yield one.evaluate(own, today, its_answers)
                    yield from (element.evaluation for element in one.elements(own, today, its_answers))

    def _versions(self, one: ContextDecider, facts: Slots, today: date) -> tuple[AppliedVersion, ...]:
        """The text that applies to a request, where the programme says which, then the days of its parameters."""
        days = [(by_decision, day, False) for by_decision, day in one.reading_days(facts, today)]
        if one.context.text is not None:
            days.insert(0, (False, one.text_day(facts, today), True))
        return self._applied(tuple(days))

    def _applied_at(self, days: tuple[tuple[bool, date | None, bool], ...]) -> tuple[AppliedVersion, ...]:
        return tuple(
            AppliedVersion(by_decision, day, None if day is None else self._version(day), text)
            for by_decision, day, text in days
        )

    def _parts(
        self,
        one: ContextDecider,
        dossier: Dossier,
        facts: Slots,
        answers: dict[str, Recorded],
        keys: Collection[str] = (),
    ) -> Iterator[tuple[str, Slots, dict[str, Recorded]]]:
        """What a context is decided for: the dossier, or each element of its list; key, facts and recorded answers.

        `keys`, unless empty, are the only elements wanted.
        """
        request = one.context.request
        if request is None or not request.each:
            yield "", facts, answers
            return
        # imported late: most programmes have no request for each element of a list
        from recevable.dossier.elements import key_of

        for rank, element in enumerate(dossier.data[request.each]):
            key = key_of(element, request.key)
            if keys and key not in keys:
                continue
            yield key, one.of_element(facts, rank, element), of_element(answers, key)

    def _decide_elements(
        self,
        dossier: Dossier,
        facts: Slots,
        today: date,
        answers: dict[str, Recorded],
        contexts: Sequence[ContextDecider],
        drawn: Sample | None = None,
    ) -> None:
        """Set in `facts` what is decided on the requests made for the elements of lists, where contexts read it."""
        if not any(request.each for request in self.pack.manifest.requests.values()):
            return
        for request in self.pack.manifest.requests.values():
            path = f"{DECIDED}.{request.name}"
            if not request.each:
                continue
            # whatever the dossier holds under that name is not what was decided
            slot = self.compiled.facts_layout.slot(FIELD, path)
            facts[slot] = None
            if _holds(dossier, request) and any(path in one.fields for one in contexts):
                one, found = self.context_decider(request.name), []
                base = self.facts(dossier, [one])
                for key, own, its_answers in self._parts(one, dossier, base, answers):
                    evaluation = one.evaluate(own, today, its_answers, sample=drawn)
                    found.append(as_decided(one.request_decision(evaluation, its_answers, {}, key)))
                facts[slot] = found

    def _astray(
        self,
        dossier: Dossier,
        decided: Sequence[RequestDecision],
        answers: Mapping[str, Recorded],
        examined: Collection[tuple[str, str]],
    ) -> dict[str, AppraisalLine]:
        """The recorded answers to a question about an element that the dossier does not hold, nor is `examined`."""
        keyed = {one.name for one in decided if one.key}
        labels = {label for name in keyed for label in held(dossier, self.pack.manifest.requests[name])}
        found = {}
        for name, record in answers.items() if keyed or self.pack.manifest.lists else ():
            rule, _, key = name.partition(":")
            loop = self.pack.rules[rule].loop if rule in self.pack.rules else None
            if loop is not None and set(self.pack.rules[rule].requests) & {one.name for one in decided}:
                if (loop.path, key) not in examined:
                    what = f"aucun élément de « {loop.path} » n'a"
                    found[name] = self._of_nothing(rule, key, record, what, "de l'élément")
                continue
            asked = [one for one in self.pack.rules[rule].requests if one in keyed] if rule in self.pack.rules else []
            if asked and not any(labelled(one, key) in labels for one in asked):
                found[name] = self._of_nothing(rule, key, record, "aucune demande n'a", "de la demande")
        return found

    def _of_nothing(self, rule: str, key: str, record: Recorded, nothing: str, of: str) -> AppraisalLine:
        """The line of an answer about what the dossier does not have."""
        reason = f"{nothing} la clé « {key} »" if key else f"il faut la clé {of} : `RÈGLE:clé`"
        unusable = Recorded(AppraisalState.INVALID, record.record, reason)
        return line(self.pack.rules[rule], self.pack.rules[rule].title, unusable, (), key)

    def decide(
        self,
        dossier: Dossier,
        today: date,
        requests: Sequence[str] = (),
        *,
        trace: bool = False,
        agreement: Agreement = ALWAYS,
    ) -> Decision:
        """Decide every request in the dossier, or only those of `requests` (names, or labels such as `embauche:3`).

        Undue payments are looked for too, unless `requests` leaves `recouvrement` out.
        `trace` adds to the decision, for every check, the tests it passed and the values they read.  `agreement`: how
        that of both evaluators is kept, which the receipt tells.
        """
        drawn = sample(agreement, dossier.sha256)
        with decimal.localcontext(EXACT):
            manifest = self.pack.manifest
            answers = recorded(dossier.data, self.compiled.answers, today)
            wanted = _asked(requests or tuple(manifest.requests))
            names = [n for n, request in manifest.requests.items() if n in wanted and _holds(dossier, request)]
            contexts = [self.context_decider(name) for name in names]
            recovering = self.context_decider(RECOVERY) if not requests or RECOVERY in requests else None
            reading = [*contexts, recovering] if recovering else contexts
            facts = self._without_elements(self.facts(dossier, reading))
            self._decide_elements(dossier, facts, today, answers, reading, drawn)
            decided: list[RequestDecision] = []
            lines: dict[str, AppraisalLine] = {}
            examined: set[tuple[str, str]] = set()
            asked: Asked = {}
            for one in contexts:
                for key, own, its_answers in self._parts(one, dossier, facts, answers, wanted[one.name]):
                    evaluation = one.evaluate(own, today, its_answers, asked, drawn)
                    inside = tuple(one.elements(own, today, its_answers, drawn)) if one.context.loops else ()
                    if inside:
                        examined |= {(e.element.list, e.element.key) for e in inside}
                    request = one.request_decision(evaluation, its_answers, lines, key, inside)
                    versions = self._versions(one, own, today)
                    traced: list[TraceLine] = []
                    if trace:
                        traced += one.trace(evaluation)
                        traced += [line for e in inside for line in one.trace(e.evaluation, e.element.label)]
                    decided.append(replace(request, versions=versions, trace=tuple(traced)))
            lines |= self._astray(dossier, decided, answers, examined)
            recovery: tuple[RecoveryCase, ...] = ()
            findings: tuple[Part, ...] = ()
            recovery_trace: tuple[TraceLine, ...] = ()
            defaults: tuple[HouseDefault, ...] = ()
            if recovering is not None:
                evaluation = recovering.evaluate(facts, today, answers, asked, drawn)
                recovery, findings, defaults = recovering.recovery(evaluation, answers, lines)
                recovery_trace = recovering.trace(evaluation) if trace else ()
        manifest = self.pack.manifest
        return Decision(
            reference=str(dossier.data.get("reference", "")),
            programme=manifest.programme,
            title=manifest.title,
            version=self._version(today),
            decided_on=today,
            requests=tuple(decided),
            recovery_asked=recovering is not None and bool(requests),
            recovery=recovery,
            recovery_parts=findings,
            appraisals=tuple(lines.values()),
            receipt=Receipt(
                f"recevable {__version__}",
                engine_digest(),
                manifest.programme,
                self.pack_sha256,
                self._schema_sha256,
                dossier.sha256,
                today,
                dict(deciding_versions()),
                drawn,
            ),
            # its own: nothing that is done to a decision changes the programme
            parties=dict(manifest.parties),
            recovery_trace=recovery_trace,
            recovery_defaults=defaults,
        )
