"""A draft is prepared by one person and signed by another; what is signed is sealed in the register.

The machine proposes, the instructor prepares an act that follows the proposal or departs from it, the validator signs
or sends back.  A signature is refused when the dossier, its evaluation or the rules in force have moved since.
"""

from __future__ import annotations

import json
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import dossiers, register, reservations, rights, statistics
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Account,
    Act,
    Dossier,
    Draft,
    Evaluation,
    EvaluationRequest,
    Event,
    Role,
    State,
    Verdict,
)

# Characters of the reference of a text.
_SOURCE: Final = 300
_AFTER = {Verdict.COMPLETE: State.TO_COMPLETE, Verdict.ACCEPT: State.DECIDED, Verdict.REJECT: State.DECIDED}


def prepare(
    actor: Account,
    dossier: Dossier,
    seen: int,
    request: str,
    verdict: Verdict,
    *,
    reason: str = "",
    source: str = "",
    key: str = "",
) -> Draft:
    """An act for another person to sign; one that departs from the proposal has a reason and a legal source."""
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    with transaction.atomic():
        held = dossiers.locked(dossier, seen)
        reservations.guard(actor, held)
        evaluation = dossiers.evaluate(dossiers.latest(held), timezone.localdate())
        proposal = _proposal(evaluation, request, key)
        if proposal.verdict not in Verdict.values:
            raise Refused(
                "INDECIDABLE",
                "Les règles ne décident pas cette demande : ce dont elles dépendent n'est pas connu. "
                "La page du dossier dit quoi ; rien ne se prépare d'ici là.",
            )
        follows = proposal.verdict == verdict
        reason, source = reason.strip(), source.strip()
        if not follows and not (reason and source):
            raise Refused(
                "MOTIF",
                "S'écarter de la proposition demande un motif et une référence de texte : ils fondent la décision.",
            )
        if len(source) > _SOURCE:
            raise Refused("SOURCE", f"La référence du texte a {len(source)} caractères : {_SOURCE} au plus.")
        if proposal.provisional:
            raise Refused("PROVISOIRE", "Une appréciation reste ouverte : répondez-y avant de préparer la décision.")
        _expire(held, actor, request, key)
        try:
            with transaction.atomic():
                draft = Draft.objects.create(
                    dossier=held,
                    request=request,
                    key=key,
                    evaluation=evaluation,
                    verdict=verdict,
                    follows=follows,
                    reason=reason,
                    source=source,
                    prepared_by=actor,
                )
        except IntegrityError:
            raise Refused("DEJA-PREPARE", "Une décision est déjà préparée sur cette demande.") from None
        dossiers.moved(held, State.TO_VALIDATE)
        departing = "" if follows else ", en s'écartant de la proposition"
        _tell(held, actor, "preparation", f"{request} : {verdict.label.lower()}, préparé{departing}.")
    return draft


def sign(actor: Account, draft: Draft) -> Act:
    """Sign a draft: the act is sealed, the dossier moves, all or nothing."""
    rights.require(actor, draft.dossier.programme, Role.VALIDATOR)
    with transaction.atomic():
        held, kept = _held(draft)
        if kept.prepared_by_id == actor.pk:
            raise Refused(
                "QUATRE-YEUX", "Qui a préparé une décision ne la signe pas : une autre personne doit le faire."
            )
        moved = what_moved(held, kept)
        if moved:
            raise Refused("PERIME", f"{moved[0]} Renvoyez ce projet, pour que le dossier soit évalué de nouveau.")
        kept.status, kept.settled_by, kept.settled_at = Draft.Status.SIGNED, actor, timezone.now()
        kept.save()
        verdict = Verdict(kept.verdict)
        content = _content(kept)
        act = register.append(
            f"decision:{verdict}", held.reference, content, kept.prepared_by, actor, dossier=held, draft=kept
        )
        statistics.signed(act, json.loads(content)["proposition"])
        waiting = held.drafts.filter(status=Draft.Status.PREPARED).exists()
        dossiers.moved(held, State.TO_VALIDATE if waiting else _AFTER[verdict])
        _tell(held, actor, "signature", f"{kept.request} : {verdict.label.lower()}, signé (acte n° {act.rank}).")
    return act


def send_back(actor: Account, draft: Draft, comment: str) -> Draft:
    """Send a draft back to whoever prepared it, with what is to be looked at again."""
    rights.require(actor, draft.dossier.programme, Role.VALIDATOR)
    if not comment.strip():
        raise Refused("MOTIF", "Dites à l'instructeur ce qui est à revoir.")
    with transaction.atomic():
        held, kept = _held(draft)
        kept.status, kept.settled_by, kept.settled_at = Draft.Status.RETURNED, actor, timezone.now()
        kept.comment = comment.strip()
        kept.save()
        waiting = held.drafts.filter(status=Draft.Status.PREPARED).exists()
        dossiers.moved(held, State.TO_VALIDATE if waiting else State.TO_INSTRUCT)
        _tell(held, actor, "renvoi", f"{kept.request} : renvoyé. {kept.comment}")
    return kept


def _held(draft: Draft) -> tuple[Dossier, Draft]:
    """The dossier and the draft, locked, the draft still open."""
    held = Dossier.objects.select_for_update(of=("self",)).get(pk=draft.dossier_id)
    kept = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if kept.status != Draft.Status.PREPARED:
        by = kept.settled_by.name if kept.settled_by is not None else "quelqu'un"
        at = timezone.localtime(kept.settled_at).strftime("%H:%M") if kept.settled_at is not None else ""
        raise Refused("DEJA-TRAITE", f"{by} a déjà traité ce projet à {at}.")
    return held, kept


def withdraw(actor: Account, draft: Draft) -> Draft:
    """Take back a draft that one prepared, before anybody has signed it."""
    rights.require(actor, draft.dossier.programme, Role.INSTRUCTOR)
    with transaction.atomic():
        held, kept = _held(draft)
        if kept.prepared_by_id != actor.pk:
            raise Refused("AUTEUR", "Seule la personne qui a préparé ce projet le retire ; un valideur le renvoie.")
        kept.status, kept.settled_by, kept.settled_at = Draft.Status.STALE, actor, timezone.now()
        kept.save()
        waiting = held.drafts.filter(status=Draft.Status.PREPARED).exists()
        dossiers.moved(held, State.TO_VALIDATE if waiting else State.TO_INSTRUCT)
        _tell(held, actor, "retrait", f"{kept.request} : projet retiré par la personne qui l'avait préparé.")
    return kept


def what_moved(dossier: Dossier, draft: Draft) -> list[str]:
    """Why a draft can no longer be signed, in sentences; none when it can."""
    evaluation, today = draft.evaluation, timezone.localdate()
    found = []
    version = dossiers.latest(dossier)
    if evaluation.version_id != version.pk:
        found.append(f"Le dossier a une nouvelle version (la {version.rank}).")
    pack = packs.in_force(dossier.programme, today)
    if pack is None or pack.pk != evaluation.pack_id:
        found.append("Les règles en vigueur ont changé.")
    if found:
        return found
    # another day may decide otherwise: a deadline has passed, an appraisal has expired
    try:
        before = dossiers.decided(evaluation.version, evaluation.pack, evaluation.on)
        again = dossiers.decided(evaluation.version, evaluation.pack, today)
    except recevable.Contradiction:
        return ["Au jour de la signature, les règles se contredisent sur ce dossier."]
    old, new = (_request(decision, draft) for decision in (before, again))
    if new.provisional:
        return ["Une appréciation est de nouveau ouverte."]
    if _stands(old) != _stands(new):
        return ["Au jour de la signature, les règles proposent autre chose."]
    return []


def _request(decision: recevable.Decision, draft: Draft) -> recevable.RequestDecision:
    return decision.request(draft.request, draft.key)


def _stands(one: recevable.RequestDecision) -> tuple[object, ...]:
    """What a proposal stands on: the verdict, the amounts, and each rule that is not satisfied, by its cause."""
    against = [(f.rule, f.cause, f.result) for f in one.findings if f.consequence is not None]
    amounts = [(line.name, line.value) for line in one.amounts]
    return one.verdict, one.settled, against, amounts


def _expire(dossier: Dossier, actor: Account, request: str, key: str) -> None:
    """Set aside an open draft that can no longer be signed: another takes its place."""
    left = dossier.drafts.filter(request=request, key=key, status=Draft.Status.PREPARED).select_related("evaluation")
    for draft in left:
        moved = what_moved(dossier, draft)
        if moved:
            draft.status, draft.settled_by, draft.settled_at = Draft.Status.STALE, actor, timezone.now()
            draft.save()
            _tell(dossier, actor, "caducite", f"{request} : le projet préparé avant n'est plus signable. {moved[0]}")


def _proposal(evaluation: Evaluation, request: str, key: str) -> EvaluationRequest:
    found = evaluation.requests.filter(name=request, key=key).first()
    if found is None:
        raise Refused("DEMANDE", "Ce dossier ne contient pas cette demande.")
    return found


def _content(draft: Draft) -> bytes:
    """What is sealed: the decision and all that it stands on, by digests, with the proposal as it was."""
    evaluation = draft.evaluation
    decision = json.loads(dossiers.decision(evaluation))
    return dossiers.encoded(
        {
            "dossier": draft.dossier.reference,
            "version": evaluation.version.rank,
            "dossier_sha256": evaluation.version.sha256,
            "demande": draft.request,
            "cle": draft.key or None,
            "verdict": draft.verdict,
            "suit_la_proposition": draft.follows,
            "motif": draft.reason or None,
            "source": draft.source or None,
            "decision_sha256": evaluation.sha256,
            "recu": decision["recu"],
            "proposition": decision["demandes"][draft.request],
        }
    )


def _tell(dossier: Dossier, actor: Account, kind: str, text: str) -> None:
    Event.objects.create(dossier=dossier, account=actor, kind=kind, text=text)
