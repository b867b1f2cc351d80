"""Requests for completion: made by a signed decision, closed by an answer (`completing`), a withdrawal or their day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import completing, dossiers, history, register, reservations, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account, Act, CompletionRequest, Dossier, Draft, Role, State

# Where a draft keeps the last day that was chosen; the delay of the programme counts when there is none.
CHOSEN: Final = "completer_avant_le"
WITHDRAWN: Final = "complement:retire"
# The longest that can be given to the applicant.
_LONGEST: Final = timedelta(days=366)


def chosen(draft: Draft) -> date | None:
    """The last day that the author of a decision gives to the applicant, when they chose one."""
    text = draft.content.get(CHOSEN)
    return None if text is None else date.fromisoformat(text)


def last_day(draft: Draft, on: date) -> date:
    """The last day to answer what a decision asks for when it is signed on a day."""
    kept = chosen(draft)
    if kept is not None:
        return kept
    assert draft.evaluation is not None
    clock = completing.given(packs.opened(draft.evaluation.pack_id), on)
    if clock is None or clock.day is None:
        raise Refused("DELAI", "Ce programme ne dit pas quel délai laisser au demandeur : choisissez un dernier jour.")
    return clock.day


def fault(last: date, on: date) -> str:
    """Why a last day cannot be given to the applicant on a day; empty when it can."""
    if last <= on:
        return f"Le {recevable.wording.day(last)} ne laisse aucun jour au demandeur pour répondre."
    if last > on + _LONGEST:
        return f"Le {recevable.wording.day(last)} laisse plus d'un an au demandeur : choisissez un jour plus proche."
    return ""


def ask(dossier: Dossier, draft: Draft, act: Act) -> CompletionRequest:
    """What a decision to ask for more, just signed, asks for.  The dossier's row must be locked."""
    assert draft.evaluation is not None
    today, evaluation = timezone.localdate(), draft.evaluation
    one = dossiers.decided(evaluation.version, evaluation.pack, evaluation.on).request(draft.request, draft.key)
    departing = () if draft.follows else (completing.item(draft.reason, sources=[draft.source]),)
    asked = [*completing.items(one, packs.opened(evaluation.pack_id)), *departing]
    return completing.ask(dossier, act, one, today, last_day(draft, today), asked)


def withdraw(actor: Account, completion: CompletionRequest, reason: str) -> CompletionRequest:
    """Take back a request for completion, for a reason: an act of the register, and the delays run again."""
    rights.require(actor, completion.dossier.programme, Role.INSTRUCTOR)
    reason = reason.strip()
    if not reason:
        raise Refused("MOTIF", "Dites pourquoi cette demande de complément est retirée.")
    with transaction.atomic():
        held = Dossier.objects.select_for_update(of=("self",)).get(pk=completion.dossier_id)
        reservations.guard(actor, held)
        kept = CompletionRequest.objects.select_for_update(of=("self",)).get(pk=completion.pk)
        if kept.outcome != completing.OPEN:
            raise Refused("DEJA-CLOSE", f"Cette demande de complément est déjà {kept.get_outcome_display().lower()}.")
        kept.outcome, kept.closed_on = CompletionRequest.Outcome.WITHDRAWN, timezone.localdate()
        kept.closed_by, kept.reason = actor, reason
        kept.save(update_fields=["outcome", "closed_on", "closed_by", "reason"])
        content = {"dossier": held.reference, "demande": kept.request, "cle": kept.key or None,
                   "acte": kept.act_id, "motif": reason}  # fmt: skip
        act = register.append(WITHDRAWN, held.reference, dossiers.encoded(content), actor, dossier=held)
        waits = held.completions.filter(outcome=completing.OPEN).exists()
        back = held.state == State.TO_COMPLETE and not waits
        dossiers.moved(held, State.TO_INSTRUCT if back else None)
        history.tell(
            held, actor, "complement", f"{kept.request} : demande de complément retirée (acte n° {act.rank}). {reason}"
        )
    return kept
