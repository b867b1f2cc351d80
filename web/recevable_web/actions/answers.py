"""What closes open requests for completion: the applicant's answer that is about them, or a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

import recevable
from recevable_web.records.models import Account, CompletionRequest, Dossier, DossierVersion

OPEN = CompletionRequest.Outcome.OPEN


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
