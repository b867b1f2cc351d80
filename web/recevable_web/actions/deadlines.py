"""The legal deadlines of dossiers, worked out by the engine from what happened, and listed by day.

They are kept as rows so that they can be listed; each change of a dossier writes them anew (`rows`), and what has not
changed is not written again.  They decide nothing: what they say on a day is read from their dates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from django.utils import timezone

import recevable
from recevable_web.actions import register
from recevable_web.records.models import (
    UNKNOWN_DEADLINE,
    Act,
    CompletionRequest,
    ControlStep,
    Deadline,
    Dossier,
    Draft,
    Letter,
    Procedure,
    Sending,
    SendingEvent,
    State,
    Verdict,
)

SILENCE, APPRAISAL, ANSWER, CONTROL = "decision_implicite", "appreciation", "mise_en_demeure", "controle_reponse"
# What letters wait for: to leave, to be proven delivered, to leave again.
TO_SEND, TO_PROVE, CAME_BACK = "courrier_a_envoyer", "courrier_sans_preuve", "courrier_revenu"
LETTERS: Final = (TO_SEND, TO_PROVE, CAME_BACK)
# Acts whose letter opens a way of appeal.
_APPEALED: Final = (
    f"decision:{Verdict.ACCEPT}", f"decision:{Verdict.REJECT}", "retrait", "abrogation",
    "decision_recouvrement", "proposition_ordre",
)  # fmt: skip
# Where a dossier records the answers of agents, by the identifier of the rule that asks, and when one ends.
_RECORDS, _EXPIRES = "appreciations", "expire_le"
_ACCEPTS: Final = f"decision:{Verdict.ACCEPT}"
_COMPARED: Final = (
    "kind", "request", "key", "title", "subject", "begins", "day", "instant", "counted", "resumes", "source",
    "to_confirm", "stands", "letter_id",
)  # fmt: skip
Completions = dict[str, list[tuple[date, date | None, date | None]]]


class Post(NamedTuple):
    """Where a letter is: the day it first left, the day it arrived, the day it last came back; None for what is not."""

    sent: date | None = None
    delivered: date | None = None
    returned: date | None = None


class Facts:
    """What has happened to some dossiers: acts on their requests, what applicants were asked to complete, letters."""

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

        # of each control, the step at which it is
        steps = ControlStep.objects.filter(control__dossier__in=dossiers).select_related("control__campaign")
        last = {one.control_id: one for one in steps.order_by("pk")}
        self.controls: dict[int, list[ControlStep]] = defaultdict(list)
        for at in last.values():
            self.controls[at.control.dossier_id].append(at)

        self.letters: dict[int, list[Letter]] = defaultdict(list)
        for letter in Letter.objects.filter(dossier__in=dossiers).select_related("act").order_by("pk"):
            self.letters[letter.dossier_id].append(letter)
        self.post = posted([one.pk for kept in self.letters.values() for one in kept])

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

        One that was written in a letter is asked on the day when the letter leaves.  See
        `recevable.Programme.implied_decisions`.
        """
        letters = {one.act_id: self.post[one.pk].sent for one in self.letters[pk]}
        found: Completions = {}
        for one in self.asked[pk]:
            asked = letters.get(one.act_id, one.asked_on)
            if asked is not None and (one.closed_on is None or asked <= one.closed_on):
                found.setdefault(one.request, []).append((asked, one.closed_on, one.due))
        return found


def posted(letters: Collection[int]) -> dict[int, Post]:
    """Where letters are, by what is known of their sendings: the last event of a sending counts."""
    found = {pk: Post() for pk in letters}
    last: dict[int, SendingEvent] = {}
    sendings = Sending.objects.filter(letter__in=letters).order_by("rank") if letters else Sending.objects.none()
    sent = list(sendings)
    for event in SendingEvent.objects.filter(sending__in=[one.pk for one in sent]).order_by("pk") if sent else ():
        if event.kind != SendingEvent.Kind.DEPOSITED:
            last[event.sending_id] = event
    for one in sent:
        post, now = found[one.letter_id], last.get(one.pk)
        post = post._replace(sent=post.sent or one.on, returned=None)
        if now is not None and now.kind == SendingEvent.Kind.DELIVERED:
            post = post._replace(delivered=min(post.delivered or now.on, now.on))
        elif now is not None:
            post = post._replace(returned=now.on)
        found[one.letter_id] = post
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
    yield from _of_letters(programme, made, facts, dossier.pk)
    accepted = facts.accepted(dossier.pk)
    for act in accepted:
        assert act.draft is not None
        on = register.day_of(act)
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
    for step in facts.controls[dossier.pk]:
        if step.due is not None:
            subject = step.control.campaign.title[:400]
            yield made(CONTROL, "Réponse au contrôle attendue", step.due, begins=step.on, subject=subject, stands=True)
    if dossier.state != State.DECIDED:
        for rule, record in _records(data):
            title = programme.pack.rules[rule].title if rule in programme.pack.rules else rule
            yield made(APPRAISAL, "L'appréciation rendue expire", record, subject=title[:400], stands=True)


def _of_letters(programme: recevable.Programme, made: Any, facts: Facts, pk: int) -> Iterator[Deadline]:
    """What letters wait for, and the delays of appeal: they run from a delivery that is proven."""
    for letter in facts.letters[pk]:
        post = facts.post[letter.pk]
        subject = _title(programme, letter.request)
        about = {"request": letter.request, "key": letter.key, "subject": subject}
        waits = {**about, "letter": letter, "stands": True}
        if post.delivered is not None:
            if letter.act.kind in _APPEALED:
                for clock in programme.clocks("recours", post.delivered, timezone.localdate()):
                    yield _counted(made, clock, **about)
        elif post.sent is None:
            yield made(TO_SEND, "Courrier à envoyer", letter.on, **waits)
        elif post.returned is not None:
            yield made(CAME_BACK, "Courrier revenu", post.returned, begins=post.sent, **waits)
        else:
            yield made(TO_PROVE, "Courrier dont la remise n'est pas prouvée", post.sent, begins=post.sent, **waits)


def _counted(made: Any, clock: recevable.Clock, request: str, key: str, subject: str) -> Deadline:
    found: Deadline = made(
        clock.kind, clock.title, clock.day, request=request, key=key, subject=subject, begins=clock.begins,
        instant=clock.instant, counted=None if clock.counted == clock.day else clock.counted, source=clock.source,
        to_confirm=clock.to_confirm,
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
