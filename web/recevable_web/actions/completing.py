"""What the applicant is asked to complete, as rows: made with an act, closed by an answer or a decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

import recevable
from recevable_web.overlay import APPLICANT
from recevable_web.records.models import Account, Act, CompletionRequest, Dossier, DossierVersion

OPEN = CompletionRequest.Outcome.OPEN


def given(programme: recevable.Programme, on: date) -> recevable.Clock | None:
    """The delay that the programme gives for what is asked on a day; None when it says none, or not how long."""
    return next((one for one in programme.clocks("complement", on, on) if one.day is not None), None)


def item(
    text: str,
    messages: Iterable[str] = (),
    rules: Iterable[str] = (),
    fields: Iterable[str] = (),
    pieces: Iterable[str] = (),
    sources: Iterable[str] = (),
) -> dict[str, Any]:
    """One thing that is asked, as it is kept."""
    return {
        "texte": text, "constats": list(messages), "regles": list(rules), "champs": list(fields),
        "pieces": list(pieces),
        "sources": list(sources),
    }  # fmt: skip


def items(one: recevable.RequestDecision, programme: recevable.Programme) -> list[Any]:
    """What the applicant alone can provide, in the words of the rules, each with its pieces and its texts."""
    found = []
    for action in one.repair.actions:
        if action.party != APPLICANT:
            continue
        about = [f for f in one.findings if f.rule in action.rules]
        pieces = dict.fromkeys(place for rule in action.rules if (place := programme.document_of(rule)))
        fields = dict.fromkeys(datum.name for f in about for datum in f.missing)
        messages = dict.fromkeys(f.message for f in about if f.message)
        found.append(item(action.text, messages, action.rules, fields, pieces, dict.fromkeys(f.source for f in about)))
    return found


def ask(
    dossier: Dossier, act: Act, one: recevable.RequestDecision, on: date, due: date, asked: list[dict[str, Any]]
) -> CompletionRequest:
    """Keep what an act asks the applicant to complete in a request.  The dossier's row must be locked."""
    return CompletionRequest.objects.create(
        dossier=dossier, act=act, request=one.name, key=one.key, asked_on=on, due=due, items=asked
    )


def settle(actor: Account, dossier: Dossier, request: str, key: str) -> None:
    """Close what is still asked on a request that was just decided, on a locked dossier."""
    assert transaction.get_connection().in_atomic_block
    CompletionRequest.objects.filter(dossier=dossier, request=request, key=key, outcome=OPEN).update(
        outcome=CompletionRequest.Outcome.DECIDED, closed_on=timezone.localdate(), closed_by=actor
    )


def close(
    actor: Account,
    dossier: Dossier,
    programme: recevable.Programme,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    version: DossierVersion,
) -> list[CompletionRequest]:
    """Close what an answer is about, on a locked dossier; `before` and `after` are what the applicant supplied.

    An answer that only touches another request leaves a request open; what is common to all of them answers all.
    """
    assert transaction.get_connection().in_atomic_block
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    roots = {name: request.root for name, request in programme.manifest.requests.items()}
    common = changed - set(roots.values())
    closed = []
    for one in CompletionRequest.objects.select_for_update(of=("self",)).filter(dossier=dossier, outcome=OPEN):
        if common or roots.get(one.request) in changed:
            one.outcome, one.closed_on = CompletionRequest.Outcome.ANSWERED, timezone.localdate()
            one.closed_by, one.answer = actor, version
            one.save(update_fields=["outcome", "closed_on", "closed_by", "answer"])
            closed.append(one)
    return closed
