"""What the queue shows and sorts by, kept on the row of a dossier: who applies, what is proposed, the legal deadline.

Written in the transaction of what changed it: a version, an evaluation, an act.  A batch that evaluates many dossiers
costs a handful of queries, and what has not changed is not written again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

import recevable
from recevable_web.actions import deadlines
from recevable_web.records import search
from recevable_web.records.models import (
    NO_DEADLINE,
    UNKNOWN_DEADLINE,
    Clock,
    Dossier,
    DossierVersion,
    QueueRequest,
    SearchText,
    Verdict,
)

# Acts by which the agency answers a request.
_ANSWERS: Final = (f"decision:{Verdict.ACCEPT}", f"decision:{Verdict.REJECT}")
# What an act that undoes a decision says when the request is to be decided again (`actions/decisions.py`).
_AGAIN: Final = "a_decider"
# Formats of fields whose values nobody looks a dossier up by.
_UNSEARCHED: Final = ("iban", "bic", "date", "instant")
_CLOCK: Final = ("clock", "deadline", "resumes")
_COLUMNS: Final = ("applicant", "siret", "recovery", *_CLOCK)
_PROPOSED: Final = ("title", "verdict", "provisional", "settled", "open")


def evaluated(
    held: Mapping[int, Dossier],
    programme: recevable.Programme,
    answers: Iterable[tuple[DossierVersion, recevable.Dossier, recevable.Decision]],
) -> None:
    """After evaluations: what each proposes, if it is one of the last version of its dossier.

    `held` are the dossiers by key, their rows locked in this transaction.
    """
    assert transaction.get_connection().in_atomic_block
    ranks = DossierVersion.objects.filter(dossier__in=held).values_list("dossier").annotate(last=Max("rank"))
    last = dict(ranks)
    current = {one[0].dossier_id: one for one in answers if one[0].rank == last[one[0].dossier_id]}
    known = _requests(current)
    facts = deadlines.Facts(current)
    dated: list[tuple[Dossier, Mapping[str, Any], Sequence[recevable.ImpliedDecision]]] = []
    indexed = dict(SearchText.objects.filter(dossier__in=current).values_list("dossier", "version"))
    gone: list[int] = []
    requests: list[QueueRequest] = []
    texts: list[SearchText] = []
    for pk, (version, found, decision) in current.items():
        dossier = held[pk]
        applicant = programme.applicant(found)
        dossier.applicant, dossier.siret = applicant.name[:500], applicant.siret[:20]
        dossier.recovery = any(not case.closed for case in decision.recovery)
        proposed = [_proposed(dossier, one) for one in decision.requests]
        gone += [one.pk for key, one in known[pk].items() if key not in {(two.name, two.key) for two in proposed}]
        dated.append((dossier, found.data, _clock(dossier, proposed, programme, found, facts)))
        requests += [one for one in proposed if _differs(known[pk].get((one.name, one.key)), one)]
        if indexed.get(pk) != version.rank:
            words = [dossier.reference, applicant.name, applicant.siret, *applicant.identifiers]
            words += _texts(programme.fields(), found.data)
            indexed_words = search.indexed(words)
            texts.append(
                SearchText(dossier=dossier, programme=dossier.programme, version=version.rank, words=indexed_words)
            )
    if gone:
        QueueRequest.objects.filter(pk__in=gone).delete()
    QueueRequest.objects.bulk_create(
        requests, update_conflicts=True, unique_fields=["dossier", "name", "key"], update_fields=_PROPOSED
    )
    SearchText.objects.bulk_create(
        texts, update_conflicts=True, unique_fields=["dossier"], update_fields=["version", "words"]
    )
    deadlines.write(programme, dated, facts)
    _write([held[pk] for pk in current], _COLUMNS)


def moved(dossier: Dossier, programme: recevable.Programme) -> None:
    """After a change of state or an act: what is still open, and when silence decides.  The row must be locked."""
    version = dossier.versions.order_by("-rank")[:1].get()
    requests = list(_requests([dossier.pk])[dossier.pk].values())
    found = programme.read(bytes(version.composed), dossier.reference)
    facts = deadlines.Facts([dossier.pk])
    deadlines.write(programme, [(dossier, found.data, _clock(dossier, requests, programme, found, facts))], facts)
    for one in requests:
        one.save(update_fields=["open"])
    # the other columns may have been written since this one was read
    _write([dossier], _CLOCK)


def _answered(facts: deadlines.Facts, pk: int) -> set[tuple[str, str]]:
    """The requests that the agency has answered and that no later act has it answer again, by name and key."""
    found: set[tuple[str, str]] = set()
    for one in facts.acts[pk]:
        if one.draft is not None and one.kind in _ANSWERS:
            found.add((one.draft.request, one.draft.key))
        elif one.draft is not None and one.draft.content.get("suite") == _AGAIN:
            found.discard((one.draft.request, one.draft.key))
    return found


def _requests(dossiers: Collection[int]) -> dict[int, dict[tuple[str, str], QueueRequest]]:
    found: dict[int, dict[tuple[str, str], QueueRequest]] = {pk: {} for pk in dossiers}
    for one in QueueRequest.objects.filter(dossier__in=dossiers):
        found[one.dossier_id][one.name, one.key] = one
    return found


def _proposed(dossier: Dossier, one: recevable.RequestDecision) -> QueueRequest:
    return QueueRequest(
        dossier=dossier,
        name=one.name,
        key=one.key,
        title=one.title[:300],
        verdict=str(one.verdict),
        provisional=one.provisional,
        settled=one.settled is True,
    )


def _differs(before: QueueRequest | None, now: QueueRequest) -> bool:
    return before is None or any(getattr(before, name) != getattr(now, name) for name in _PROPOSED)


def _clock(
    dossier: Dossier,
    requests: Sequence[QueueRequest],
    programme: recevable.Programme,
    found: recevable.Dossier,
    facts: deadlines.Facts,
) -> list[recevable.ImpliedDecision]:
    """Which requests are open, and the first day at the end of which silence decides one; nothing is written.

    Returns what silence makes of each that is open.
    """
    answered = _answered(facts, dossier.pk)
    decisions = programme.implied_decisions(found, timezone.localdate(), facts.completions(dossier.pk))
    implied = {one.request: one for one in decisions}
    clocked = {name for name, request in programme.manifest.requests.items() if request.silence is not None}
    waiting = []
    for one in requests:
        elsewhere = one.name in clocked and one.name not in implied
        one.open = not (one.settled or elsewhere or (one.name, one.key) in answered)
        if one.open and one.name in implied:
            waiting.append(implied[one.name])
    dossier.clock, dossier.deadline, dossier.resumes = _first(waiting)
    return waiting


def _first(waiting: Sequence[recevable.ImpliedDecision]) -> tuple[Clock, date, date | None]:
    """The soonest: one whose day is not known, then the day that comes first, running or suspended."""
    if not waiting:
        return Clock.NONE, NO_DEADLINE, None
    known = [one for one in waiting if one.day is not None]
    if any(one.day is None and not one.suspended for one in waiting):
        return Clock.UNKNOWN, UNKNOWN_DEADLINE, None
    if not known:
        return Clock.SUSPENDED, NO_DEADLINE, None
    soonest = min(known, key=lambda one: (one.day or date.max, one.suspended))
    return Clock.SUSPENDED if soonest.suspended else Clock.RUNS, soonest.day or NO_DEADLINE, soonest.resumes


def _write(dossiers: Sequence[Dossier], columns: Sequence[str]) -> None:
    stored = {one.pk: one for one in Dossier.objects.filter(pk__in=[one.pk for one in dossiers])}
    changed = [one for one in dossiers if any(getattr(one, name) != getattr(stored[one.pk], name) for name in columns)]
    Dossier.objects.bulk_update(changed, columns)


def _texts(fields: tuple[recevable.Field, ...], data: Any) -> Iterator[str]:
    """The texts of a dossier that a person wrote: neither codes of the schema, nor bank details, nor dates."""
    for field in fields:
        value = data.get(field.path.rpartition(".")[2]) if isinstance(data, dict) else None
        yield from _text(field, value)


def _text(field: recevable.Field, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _texts(field.fields, value)
    elif isinstance(value, list) and field.element is not None:
        for one in value:
            yield from _text(field.element, one)
    elif isinstance(value, str) and not field.choices and field.kind == "texte" and field.format not in _UNSEARCHED:
        yield value
