"""Decide dossiers with two packs, one after another, and attribute the differences to rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from msgspec import Struct

from recevable.decision.model import AmountLine, Decision, Finding, RecoveryCase, RequestDecision, Verdict
from recevable.decision.movers import verdict_movers
from recevable.decision.receipt import digest_of
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import EngineDisagreement
from recevable.language.diagnostics import DiagnosticError, Span
from recevable.language.types import NUMERIC
from recevable.pack.model import RECOVERY, Pack, Result
from recevable.programme import InvalidDossier, Programme
from recevable.trials.impact.changes import pack_changes
from recevable.trials.impact.elsewhere import elsewhere, texts
from recevable.trials.impact.model import (
    ABSENT,
    RESERVED,
    UNREADABLE,
    AmountChange,
    CaseImpact,
    CaseSide,
    Cause,
    ChangeKind,
    DaySource,
    DossierImpact,
    FindingChange,
    Impact,
    Mark,
    Origin,
    Proposed,
    Reason,
    RequestImpact,
    RequestTotals,
    Side,
    Tally,
    Version,
    Wording,
)
from recevable.trials.impact.reach import Reach

# Results that are worth comparing; the others affect nobody.
_NOTABLE: Final = (Result.FAILED, Result.MISSING, Result.TO_APPRAISE)
_CAUSES: Final = {"verdict": "verdict", "provisional": "provisoire", "amount": "montant"}

Marks = dict[tuple[str, str], Mark]
_Reached = Callable[[Reach, str, str], frozenset[Origin]]


class Compared(Struct, frozen=True):
    """One of the two packs: its name, the programme opened from it with sources, and the texts of its files."""

    version: Version
    programme: Programme
    texts: Mapping[str, str] = {}


def compared(programme: Programme, name: str = "", commit: str = "") -> Compared:
    """Prepare a programme for comparison; `name` and `commit` record where it was read from."""
    digest = digest_of(programme.pack.digests)
    return Compared(Version(name or programme.source.label, commit, digest), programme, texts(programme))


def compare(old: Programme, new: Programme, requests: Iterable[str] = ()) -> Comparison:
    """A comparison of two packs of one programme, both opened with `prepared=False`; use `add` to feed dossiers.

    `requests`, unless empty, are the only ones to compare, as `Programme.decide` takes them.  Raises ValueError when
    the packs belong to different programmes, or for a request that neither has.
    """
    if old.name != new.name:
        raise ValueError(f"two programmes, {old.name} and {new.name}: nothing to compare")
    requests = (requests,) if isinstance(requests, str) else tuple(requests)
    for request in requests:
        if not any(one.compiled.decides(request) for one in (old, new)):
            raise ValueError(f"no request is named {request!r}: give a list of {', '.join(new.request_names())}")
    return Comparison(compared(old), compared(new), requests)


class Stopped(Exception):
    """The rules or engines contradict each other on a dossier; `version` is the pack concerned."""

    def __init__(self, version: Version, error: Contradiction | EngineDisagreement) -> None:
        super().__init__(str(error))
        self.version, self.error = version, error

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.version, self.error)


class Comparison:
    """Compares dossiers one by one; `impact` gives the result.

    `tally` is a plain value with the counts so far; tallies of the same two packs can be merged, so that several
    processes can share the dossiers.
    """

    def __init__(self, old: Compared, new: Compared, requests: Sequence[str] = ()) -> None:
        self.old, self.new, self.requests = old, new, requests
        before, after = old.programme.compiled, new.programme.compiled
        self.changes = pack_changes(before, after)
        self._reach = (Reach(before), Reach(after))
        self._titles = _titles(before.pack) | _titles(after.pack)
        self._added = [path for path, kind in self.changes.fields if kind is ChangeKind.ADDED]
        added = [part.origin.name for part in self.changes.rules if part.kind is ChangeKind.ADDED]
        # a decision does not say which rule gave a name that it does not show
        added = [name for name in added if after.pack.rules[name].defined is None]
        self.tally = Tally(applied=dict.fromkeys(added, 0))

    def add(
        self,
        content: bytes,
        on: date,
        name: str = "dossier.json",
        *,
        place: Span | None = None,
        source: DaySource = DaySource.OPTION,
    ) -> None:
        """Decide a dossier with both packs as of day `on`; `place` is its start when `name` is not a file name.

        Raises InvalidDossier when neither schema accepts it, or Stopped; the dossier is then not counted.
        """
        place = place or Span(name, 1, 1)
        before, refusal_before = self._decide(self.old, content, place, name, on)
        after, refusal_after = self._decide(self.new, content, place, name, on)
        if before is None and after is not None:
            # data that the earlier pack did not know are no reason for it to refuse a dossier
            known_before = _without(content, self._added)
            found = self._decide(self.old, known_before, place, name, on) if known_before is not None else (None, None)
            if found[0] is not None:
                (before, refusal_before), self.tally.lacking = found, self.tally.lacking + 1
        if before is None and after is None:
            assert refusal_after is not None
            raise refusal_after
        requests = self._requests(before, after)
        cases = self._cases(before, after) if before is not None and after is not None else ()
        recovery = self._recovery_findings(before, after) if before is not None and after is not None else ()
        known = before or after
        assert known is not None
        if not (requests or known.recovery or cases or RECOVERY in self.requests):
            self.tally.without += 1
            return
        self.tally.decided += 1
        self.tally.days[source, on] = self.tally.days.get((source, on), 0) + 1
        self._count_applied(after)
        self._count_wordings(before, after)
        for request in requests:
            self._count(request)
        for case in cases:
            self.tally.recovery.add(case.difference)
        changed = tuple(request for request in requests if request.changed)
        if changed or cases or recovery or refusal_before is not refusal_after:
            self.tally.changed.append(
                DossierImpact(
                    name,
                    known.reference,
                    on,
                    source,
                    changed,
                    cases,
                    recovery,
                    _reasons(changed, cases, recovery),
                    _first(refusal_before),
                    _first(refusal_after),
                )
            )
        elif any(amount.shown_before and amount.shown_after for request in requests for amount in request.amounts):
            self.tally.recalculated += 1
        elif before is not None and after is not None and _words(before) != _words(after):
            self.tally.reworded += 1

    def impact(self) -> Impact:
        """The result so far."""
        manifest = self.new.programme.manifest
        order = {name: rank for rank, name in enumerate(self._titles)}
        ranked = sorted(self.tally.changed, key=lambda d: (d.reasons[0].weight, -d.euros, d.name, d.reference, d.day))
        return Impact(
            manifest.programme,
            manifest.title,
            self.old.version,
            self.new.version,
            self.changes,
            self.tally.decided,
            tuple(ranked),
            self.tally.reworded,
            self.tally.without,
            dict(sorted(self.tally.days.items())),
            dict(sorted(self.tally.totals.items(), key=lambda item: order[item[0]])),
            self.tally.payable,
            self.tally.reserved,
            self.tally.proposed,
            self.tally.recovery,
            tuple(rule for rule, applied in self.tally.applied.items() if not applied),
            tuple(sorted(self.tally.wordings.values(), key=lambda wording: (wording.rule, wording.before))),
            elsewhere(self.old.programme.pack, self.new.programme.pack, self.changes, self.new.texts),
            self.tally.recalculated,
            manifest.documents,
            self.tally.lacking,
        )

    # --- deciding -----------------------------------------------------------------------------------------------------

    def _decide(
        self, side: Compared, content: bytes, place: Span, name: str, on: date
    ) -> tuple[Decision | None, InvalidDossier | None]:
        try:
            dossier = side.programme.read(content, place.file, place.line)
        except InvalidDossier as error:
            return None, error
        try:
            # by the decider, which takes the name of a request that one pack has and the other has not
            return side.programme.decider.decide(dossier, on, self.requests), None
        except (Contradiction, EngineDisagreement) as error:
            raise Stopped(side.version, error) from error

    # --- requests -----------------------------------------------------------------------------------------------------

    def _requests(self, before: Decision | None, after: Decision | None) -> tuple[RequestImpact, ...]:
        sides = [{r.label: r for r in decision.requests} if decision else {} for decision in (before, after)]
        order = {name: rank for rank, name in enumerate(self._titles)}
        names = sorted({label: one.name for side in sides for label, one in side.items()}.items(), key=_by(order))
        missing = [ABSENT if decision is not None else UNREADABLE for decision in (before, after)]
        return tuple(
            self._request(label, name, sides[0].get(label), sides[1].get(label), missing[0], missing[1])
            for label, name in names
        )

    def _request(
        self,
        label: str,
        name: str,
        before: RequestDecision | None,
        after: RequestDecision | None,
        no_before: str,
        no_after: str,
    ) -> RequestImpact:
        known = after or before
        title = known.title if known is not None and known.key else self._titles[name]
        was, now = _side(before, no_before), _side(after, no_after)
        if before is None or after is None:
            return RequestImpact(label, title, was, now)
        findings = self._findings(name, before.findings, after.findings)
        amounts = self._amounts(name, before.amounts, after.amounts)
        causes: list[Cause] = []
        if was.state != now.state:
            causes += [self._cause("verdict", name, f, before, after) for f in verdict_movers(before, after)]
        if was.provisional != now.provisional:
            appraised = after if now.provisional else before
            causes += [self._cause("provisional", name, f, before, after) for f in appraised.findings if _open(f)]
        proposed = after.proposed or before.proposed
        if was.proposed != now.proposed and proposed is not None:
            origins = self._origins(Reach.of_number, name, proposed.name)
            causes.append(Cause(_CAUSES["amount"], proposed.rule, proposed.title, "", origins))
        return RequestImpact(label, title, was, now, tuple(causes), findings, amounts)

    def _cause(
        self, effect: str, context: str, finding: Finding, before: RequestDecision, after: RequestDecision
    ) -> Cause:
        origins = self._origins(Reach.of_rule, context, finding.rule)
        key, mark = (finding.rule, finding.cause), _mark(finding)
        was, now = _marks(before.findings).get(key), _marks(after.findings).get(key)
        if finding in after.findings:
            now = mark
        else:
            was = mark
        message = now.message if now is not None else finding.message
        return Cause(_CAUSES[effect], finding.rule, finding.title, message, origins, was, now)

    def _origins(self, of: _Reached, context: str, name: str) -> tuple[Origin, ...]:
        """The changes between the packs in everything that a result depends on, in either pack."""
        reached = of(self._reach[0], context, name) | of(self._reach[1], context, name)
        return tuple(sorted(reached & self.changes.origins))

    def _findings(self, context: str, before: Iterable[Finding], after: Iterable[Finding]) -> tuple[FindingChange, ...]:
        was, now = _marks(before), _marks(after)
        titles = {finding.rule: finding.title for finding in (*before, *after)}
        found = []
        for key in dict.fromkeys([*now, *was]):
            old, new = was.get(key), now.get(key)
            if _essence(old) != _essence(new):
                rule, cause = key
                origins = self._origins(Reach.of_rule, context, rule)
                found.append(FindingChange(rule, titles[rule], cause, old, new, origins))
        return tuple(found)

    def _amounts(
        self, context: str, before: Iterable[AmountLine], after: Iterable[AmountLine]
    ) -> tuple[AmountChange, ...]:
        was, now = ({line.name: line for line in lines} for lines in (before, after))
        found = []
        for name in dict.fromkeys([*now, *was]):
            old, new = was.get(name), now.get(name)
            line = new or old
            assert line is not None
            values = old.value if old else None, new.value if new else None
            if (old is not None, values[0]) != (new is not None, values[1]) and line.type.kind in NUMERIC:
                origins = self._origins(Reach.of_number, context, name)
                found.append(
                    AmountChange(
                        name, line.title, line.type, old is not None, values[0], new is not None, values[1], origins
                    )
                )
        return tuple(found)

    # --- recovery -----------------------------------------------------------------------------------------------------

    def _cases(self, before: Decision, after: Decision) -> tuple[CaseImpact, ...]:
        was, now = ({case.rule: case for case in decision.recovery} for decision in (before, after))
        found = []
        for rule in dict.fromkeys([*now, *was]):
            sides = [_case(side.get(rule)) for side in (was, now)]
            if sides[0] != sides[1]:
                origins = self._origins(Reach.of_rule, RECOVERY, rule)
                found.append(CaseImpact(rule, (now.get(rule) or was[rule]).title, sides[0], sides[1], origins))
        return tuple(found)

    def _recovery_findings(self, before: Decision, after: Decision) -> tuple[FindingChange, ...]:
        return self._findings(RECOVERY, before.recovery_findings, after.recovery_findings)

    # --- totals -------------------------------------------------------------------------------------------------------

    def _count_applied(self, after: Decision | None) -> None:
        if after is None or not self.tally.applied:
            return
        findings = [f for request in after.requests for f in request.findings] + list(after.recovery_findings)
        met = {f.rule for f in findings if f.result is not Result.NOT_APPLICABLE}
        for rule in (met | {case.rule for case in after.recovery}) & self.tally.applied.keys():
            self.tally.applied[rule] += 1

    def _count_wordings(self, before: Decision | None, after: Decision | None) -> None:
        """Count the messages that read otherwise, of rules that answer the same way."""
        if before is None or after is None:
            return
        sides = [
            {(label, f.rule, f.cause): f for label, findings in _findings_of(one) for f in findings}
            for one in (before, after)
        ]
        for key, finding in sides[1].items():
            old = sides[0].get(key)
            # a message that one side lacks is a difference of the finding, reported as such
            if old is not None and old.message and finding.message and old.message != finding.message:
                wording = Wording(old.message, finding.message, finding.rule, finding.title)
                self.tally.wordings[key[1:]] = wording.merge(self.tally.wordings.get(key[1:]))

    def _count(self, request: RequestImpact) -> None:
        name = request.name.partition(":")[0]
        totals = self.tally.totals.get(name)
        if totals is None:
            totals = self.tally.totals[name] = RequestTotals(self._titles[name])
        pair = (request.before.state, request.after.state)
        totals.matrix[pair] = totals.matrix.get(pair, 0) + 1
        if request.about_money and request.changed:
            for balance in (totals.payable, self.tally.payable):
                balance.add(request.payable_difference)
            for balance in (totals.reserved, self.tally.reserved):
                # an amount unknown on one side is counted once, among the amounts to pay
                if request.payable_difference is not None or request.reserved_difference is not None:
                    balance.add(request.reserved_difference)
            if request.before.proposed is not None and request.after.proposed is not None:
                for balance in (totals.proposed, self.tally.proposed):
                    if request.before.proposed.value is not None or request.after.proposed.value is not None:
                        balance.add(request.proposed_difference)


def _findings_of(decision: Decision) -> Iterator[tuple[str, Iterable[Finding]]]:
    """The findings of each request, and those of the recovery."""
    yield from ((request.label, request.findings) for request in decision.requests)
    yield RECOVERY, decision.recovery_findings


def _by(order: Mapping[str, int]) -> Callable[[tuple[str, str]], int]:
    """Sorts (label, name) of requests by the rank of their names; those of the elements of a list keep their order."""
    return lambda one: order[one[1]]


def _titles(pack: Pack) -> dict[str, str]:
    return {name: request.title for name, request in pack.manifest.requests.items()}


def _side(request: RequestDecision | None, missing: str) -> Side:
    if request is None:
        return Side(missing)
    line = request.proposed
    proposed = None if line is None else Proposed(line.value, line.provisional)
    reserved = request.verdict is Verdict.ACCEPT and request.provisional
    return Side(RESERVED if reserved else str(request.verdict), request.provisional, proposed)


def _case(case: RecoveryCase | None) -> CaseSide | None:
    if case is None:
        return None
    missing = tuple(datum.name for datum in case.missing)
    line = case.amount
    return CaseSide(case.step, case.modality, case.basis, case.closed, line.value, line.provisional, missing)


def _marks(findings: Iterable[Finding]) -> Marks:
    return {(f.rule, f.cause): _mark(f) for f in findings if f.result in _NOTABLE}


def _mark(found: Finding) -> Mark:
    missing = tuple(datum.name for datum in found.missing)
    return Mark(found.result, found.consequence, missing, found.message, found.source)


def _essence(mark: Mark | None) -> tuple[object, ...] | None:
    """The part of a mark that counts as a difference: everything but wording."""
    return None if mark is None else (mark.result, mark.consequence, mark.missing)


def _words(decision: Decision) -> list[tuple[str, ...]]:
    """The wording of a decision: messages, repairs, parties."""
    findings = [f for request in decision.requests for f in request.findings] + list(decision.recovery_findings)
    found: list[tuple[str, ...]] = [
        (f.rule, f.cause, f.message, f.repair, f.party) for f in findings if f.message or f.repair
    ]
    found += [(case.rule, case.message) for case in decision.recovery]
    return found + [(line.rule, line.question) for line in decision.appraisals]


def _open(finding: Finding) -> bool:
    return finding.result is Result.TO_APPRAISE


def _first(error: DiagnosticError | None) -> str:
    return "" if error is None else error.diagnostics[0].message


def _reasons(
    requests: Iterable[RequestImpact], cases: Iterable[CaseImpact], recovery: Iterable[FindingChange]
) -> tuple[Reason, ...]:
    """Why a dossier needs review, the most important reason first; never empty for one that changes."""
    found: set[Reason] = set()
    for request in requests:
        found |= _reasons_of(request)
    if any(True for _ in cases):
        found.add(Reason.RECOVERY)
    if any(_appears(change) for change in recovery):
        found.add(Reason.APPRAISAL)
    return tuple(sorted(found, key=lambda reason: reason.weight)) or (Reason.FINDING,)


_ARRIVALS: Final[Mapping[str, Reason]] = {
    str(Verdict.UNDECIDABLE): Reason.UNDECIDABLE,
    UNREADABLE: Reason.UNREADABLE,
    str(Verdict.REJECT): Reason.NEWLY_REJECTED,
    str(Verdict.ACCEPT): Reason.NEWLY_ACCEPTED,
}


def _reasons_of(request: RequestImpact) -> set[Reason]:
    found: set[Reason] = set()
    before, after = request.before, request.after
    if request.moved:
        if before.state == Verdict.ACCEPT and after.state == Verdict.REJECT:
            found.add(Reason.REJECTED)
        elif before.state == Verdict.ACCEPT and after.state not in _ARRIVALS:
            found.add(Reason.NOT_ACCEPTED)
        else:
            found.add(_ARRIVALS.get(after.state, Reason.VERDICT))
    if before.proposed != after.proposed or (request.amounts and not request.about_money):
        found.add(Reason.AMOUNT)
    if any(_appears(change) for change in request.findings):
        found.add(Reason.APPRAISAL)
    return found


def _appears(change: FindingChange) -> bool:
    """Whether a question for a human appeared."""
    asked = change.after is not None and change.after.result is Result.TO_APPRAISE
    return asked and (change.before is None or change.before.result is not Result.TO_APPRAISE)


def _without(content: bytes, paths: Sequence[str]) -> bytes | None:
    """A dossier without some of its data; None when it has none of them."""
    try:
        data = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return None
    left = False
    for path in paths:
        *above, last = path.split(".")
        holder = data
        for part in above:
            holder = holder.get(part) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and last in holder:
            del holder[last]
            left = True
    return msgspec.json.encode(data) if left else None
