"""Requests for completion: made by a signed decision, closed by an answer (`answers`), a withdrawal or their day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import answers, dossiers, drafts, register, reservations, rights
from recevable_web.actions.refused import Refused
from recevable_web.overlay import APPLICANT
from recevable_web.records.models import Account, Act, CompletionRequest, Dossier, Draft, Role, State

# Where a draft keeps the last day that was chosen; the delay of the programme counts when there is none.
CHOSEN: Final = "completer_avant_le"
WITHDRAWN: Final = "complement:retire"
# The longest that can be given to the applicant.
_LONGEST: Final = timedelta(days=366)


def chosen(draft: Draft) -> date | None:
    """The last day that whoever prepared a decision gives to the applicant, when they chose one."""
    text = draft.content.get(CHOSEN)
    return None if text is None else date.fromisoformat(text)


def given(programme: recevable.Programme, on: date) -> recevable.Clock | None:
    """The delay that the programme gives for what is asked on a day; None when it says none, or not how long."""
    return next((one for one in programme.clocks("complement", on, on) if one.day is not None), None)


def last_day(draft: Draft, on: date) -> date:
    """The last day to answer what a decision asks for when it is signed on a day."""
    kept = chosen(draft)
    if kept is not None:
        return kept
    assert draft.evaluation is not None
    clock = given(packs.opened(draft.evaluation.pack_id), on)
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


def items(one: recevable.RequestDecision, programme: recevable.Programme) -> list[Any]:
    """What the applicant alone can provide, in the words of the rules, each with its pieces and its texts."""
    found = []
    for action in one.repair.actions:
        if action.party != APPLICANT:
            continue
        about = [f for f in one.findings if f.rule in action.rules]
        pieces = dict.fromkeys(place for rule in action.rules if (place := programme.document_of(rule)))
        fields = dict.fromkeys(datum.name for f in about for datum in f.missing)
        found.append(
            {
                "texte": action.text,
                "constats": list(dict.fromkeys(f.message for f in about if f.message)),
                "regles": list(action.rules),
                "champs": list(fields),
                "pieces": list(pieces),
                "sources": list(dict.fromkeys(f.source for f in about)),
            }
        )
    return found


def ask(dossier: Dossier, draft: Draft, act: Act) -> CompletionRequest:
    """What a decision to ask for more, just signed, asks for.  The dossier's row must be locked."""
    assert draft.evaluation is not None
    today, evaluation = timezone.localdate(), draft.evaluation
    decision = dossiers.decided(evaluation.version, evaluation.pack, evaluation.on)
    one = decision.request(draft.request, draft.key)
    asked = items(one, packs.opened(evaluation.pack_id))
    if not draft.follows:
        asked.append({"texte": draft.reason, "constats": [], "regles": [], "champs": [], "pieces": [],
                      "sources": [draft.source]})  # fmt: skip
    return CompletionRequest.objects.create(
        dossier=dossier, act=act, request=draft.request, key=draft.key, asked_on=today, due=last_day(draft, today),
        items=asked,
    )  # fmt: skip


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
        if kept.outcome != answers.OPEN:
            raise Refused("DEJA-CLOSE", f"Cette demande de complément est déjà {kept.get_outcome_display().lower()}.")
        kept.outcome, kept.closed_on = CompletionRequest.Outcome.WITHDRAWN, timezone.localdate()
        kept.closed_by, kept.reason = actor, reason
        kept.save(update_fields=["outcome", "closed_on", "closed_by", "reason"])
        content = {"dossier": held.reference, "demande": kept.request, "cle": kept.key or None,
                   "acte": kept.act_id, "motif": reason}  # fmt: skip
        act = register.append(WITHDRAWN, held.reference, dossiers.encoded(content), actor, dossier=held)
        waits = held.completions.filter(outcome=answers.OPEN).exists()
        back = held.state == State.TO_COMPLETE and not waits
        dossiers.moved(held, State.TO_INSTRUCT if back else None)
        drafts.tell(
            held, actor, "complement", f"{kept.request} : demande de complément retirée (acte n° {act.rank}). {reason}"
        )
    return kept
