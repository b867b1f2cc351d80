"""The legal deadlines of dossiers, worked out by the engine from what happened, and listed by day.

They are kept as rows so that they can be listed; each change of a dossier writes them anew (`rows`), and what has not
changed is not written again.  They decide nothing: what they say on a day is read from their dates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.utils import timezone

import recevable
from recevable_web.records.models import (
    UNKNOWN_DEADLINE,
    Act,
    CompletionRequest,
    Deadline,
    Dossier,
    Draft,
    Procedure,
    State,
    Verdict,
)

SILENCE, APPRAISAL, ANSWER = "decision_implicite", "appreciation", "mise_en_demeure"
# Where a dossier records the answers of agents, by the identifier of the rule that asks, and when one ends.
_RECORDS, _EXPIRES = "appreciations", "expire_le"
_ACCEPTS: Final = f"decision:{Verdict.ACCEPT}"
_COMPARED: Final = (
    "kind", "request", "key", "title", "subject", "begins", "day", "instant", "resumes", "source", "to_confirm",
    "stands",
)  # fmt: skip
Completions = dict[str, list[tuple[date, date | None, date | None]]]


class Facts:
    """What has happened to some dossiers: the acts on their requests, and what applicants were asked to complete."""

    def __init__(self, dossiers: Collection[int]) -> None:
        self.acts: dict[int, list[Act]] = defaultdict(list)
        self.asked: dict[int, list[CompletionRequest]] = defaultdict(list)
        acts = Act.objects.filter(dossier__in=dossiers, draft__isnull=False)
        for act in acts.select_related("draft").order_by("rank"):
            assert act.dossier_id is not None
            self.acts[act.dossier_id].append(act)
        for one in CompletionRequest.objects.filter(dossier__in=dossiers).defer("items").order_by("pk"):
            self.asked[one.dossier_id].append(one)
        self.kept: dict[int, list[Deadline]] = defaultdict(list)
        self.procedures: dict[int, list[Procedure]] = defaultdict(list)
        opened = Procedure.objects.filter(dossier__in=dossiers).exclude(stage=Procedure.Stage.CLOSED)
        for procedure in opened.order_by("pk"):
            self.procedures[procedure.dossier_id].append(procedure)
        for kept in Deadline.objects.filter(dossier__in=dossiers):
            self.kept[kept.dossier_id].append(kept)

    def accepted(self, pk: int) -> list[Act]:
        """The acts that accepted requests and that no later act has undone."""
        found: dict[tuple[str, str], Act] = {}
        for act in self.acts[pk]:
            assert act.draft is not None
            if act.kind == _ACCEPTS:
                found[act.draft.request, act.draft.key] = act
            elif act.draft.kind == Draft.Kind.UNDOING:
                found.pop((act.draft.request, act.draft.key), None)
        return list(found.values())

    def completions(self, pk: int) -> Completions:
        """By request, the days on which it was asked to be completed and was no more, and the last day that was given.

        See `recevable.Programme.implied_decisions`.
        """
        found: Completions = {}
        for one in self.asked[pk]:
            found.setdefault(one.request, []).append((one.asked_on, one.closed_on, one.due))
        return found


def write(
    programme: recevable.Programme,
    found: Iterable[tuple[Dossier, Mapping[str, Any], Collection[recevable.ImpliedDecision]]],
    facts: Facts,
) -> None:
    """Write the deadlines of dossiers: each with its data and what silence makes of the requests that are open."""
    gone: list[int] = []
    new: list[Deadline] = []
    for dossier, data, implied in found:
        before = {_identity(one): one.pk for one in facts.kept[dossier.pk]}
        after = {_identity(one): one for one in _deadlines(programme, dossier, data, implied, facts)}
        gone += [pk for identity, pk in before.items() if identity not in after]
        new += [one for identity, one in after.items() if identity not in before]
    if gone:
        Deadline.objects.filter(pk__in=gone).delete()
    Deadline.objects.bulk_create(new)


def _identity(one: Deadline) -> tuple[Any, ...]:
    return tuple(getattr(one, name) for name in _COMPARED)


def _deadlines(
    programme: recevable.Programme,
    dossier: Dossier,
    data: Mapping[str, Any],
    implied: Iterable[recevable.ImpliedDecision],
    facts: Facts,
) -> Iterator[Deadline]:
    def made(kind: str, title: str, day: date | None, **more: Any) -> Deadline:
        day = UNKNOWN_DEADLINE if day is None else day
        return Deadline(dossier=dossier, programme=dossier.programme, kind=kind, title=title[:400], day=day, **more)

    requests = programme.manifest.requests
    today = timezone.localdate()
    for one in implied:
        title = f"Le silence vaut {'rejet' if one.direction == 'rejet' else 'acceptation'}"
        yield made(
            SILENCE, title, one.day, request=one.request, subject=requests[one.request].title, begins=one.received,
            resumes=one.resumes, source=one.source, to_confirm=one.to_confirm, stands=True,
        )  # fmt: skip
    waited = [one for one in facts.asked[dossier.pk] if not one.outcome]
    for asked in waited:
        # the day is the one that was given to the applicant, whatever the programme says since
        clock = next(iter(programme.clocks("complement", asked.asked_on, asked.asked_on)), None)
        yield made(
            "complement", "Réponse du demandeur attendue" if clock is None else clock.title, asked.due,
            request=asked.request, key=asked.key, subject=_title(programme, asked.request), begins=asked.asked_on,
            source="" if clock is None else clock.source, stands=True,
        )  # fmt: skip
    accepted = facts.accepted(dossier.pk)
    for act in accepted:
        assert act.draft is not None
        on = timezone.localtime(datetime.fromisoformat(act.instant)).date()
        for clock in programme.clocks("retrait", on, today):
            yield _counted(made, clock, act.draft.request, act.draft.key, _title(programme, act.draft.request))
    if accepted:
        for clock in programme.clocks("controle", None, today):
            if clock.day is not None:
                yield _counted(made, clock, "", "", "")
    for procedure in facts.procedures[dossier.pk]:
        about = {"request": procedure.request, "key": procedure.key, "subject": procedure.title, "stands": True}
        if procedure.answer_until is not None and procedure.stage == Procedure.Stage.NOTIFIED:
            title = "Réponse du bénéficiaire attendue"
            yield made(ANSWER, title, procedure.answer_until, begins=procedure.notified_on, **about)
        for clock in programme.clocks("prescription", procedure.found_on, today):
            if procedure.kind == Procedure.Kind.RECOVERY:
                yield made(
                    clock.kind, clock.title, procedure.prescribed_on, begins=clock.begins, source=clock.source,
                    to_confirm=clock.to_confirm, **about,
                )  # fmt: skip
    if dossier.state != State.DECIDED:
        for rule, record in _records(data):
            title = programme.pack.rules[rule].title if rule in programme.pack.rules else rule
            yield made(APPRAISAL, "L'appréciation rendue expire", record, subject=title[:400], stands=True)


def _counted(made: Any, clock: recevable.Clock, request: str, key: str, subject: str) -> Deadline:
    found: Deadline = made(
        clock.kind, clock.title, clock.day, request=request, key=key, subject=subject, begins=clock.begins,
        instant=clock.instant, source=clock.source, to_confirm=clock.to_confirm,
    )  # fmt: skip
    return found


def _title(programme: recevable.Programme, request: str) -> str:
    known = programme.manifest.requests.get(request)
    return known.title if known is not None else request


def _records(data: Mapping[str, Any]) -> Iterator[tuple[str, date]]:
    """The answers of agents that a dossier records with an end, by the rule that asked."""
    records = data.get(_RECORDS)
    for rule, record in records.items() if isinstance(records, Mapping) else ():
        ends = record.get(_EXPIRES) if isinstance(record, Mapping) else None
        if ends is not None:
            yield rule, ends if isinstance(ends, date) else date.fromisoformat(ends)
