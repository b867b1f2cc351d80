"""What only a human can judge: recorded with its author, reason and end, as a fact of the agency."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import dossiers, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account, Appraisal, Dossier, DossierVersion, Event, Role

# Where a dossier records the answers, by the identifier of the rule that asks.
RECORDS: Final = "appreciations"


def open_questions(dossier: Dossier) -> tuple[recevable.AppraisalLine, ...]:
    """The questions that the last version leaves to a human, as the engine asks them today."""
    version, day = dossiers.latest(dossier), timezone.localdate()
    programme = packs.opened(dossiers.evaluate(version, day).pack_id)
    return programme.decide(programme.read(bytes(version.composed)), day).appraisals


def consequences(dossier: Dossier, rule: str) -> Iterator[tuple[str, recevable.Decision]]:
    """Before anything is saved: each answer, and what the engine would then decide.  Refused for no question."""
    version, day = dossiers.latest(dossier), timezone.localdate()
    programme = packs.opened(dossiers.evaluate(version, day).pack_id)
    question = _question(dossier, rule)
    for answer in question.answers:
        tried = json.loads(bytes(version.composed))
        tried.setdefault(RECORDS, {})[rule] = _record(answer, "essai", "essai", day, None)
        yield answer, programme.decide(programme.read(dossiers.encoded(tried)), day)


def record(
    actor: Account, dossier: Dossier, seen: int, rule: str, answer: str, reason: str, expires: date | None = None
) -> DossierVersion:
    """Record an answer: a new version of the dossier, evaluated again."""
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    question = _question(dossier, rule)
    if answer not in question.answers:
        raise Refused("REPONSE", f"« {answer} » n'est pas une réponse à cette question.")
    if not reason.strip():
        raise Refused("MOTIF", "Dites pourquoi : une appréciation sans motif ne peut pas être défendue.")
    today = timezone.localdate()
    if expires is not None and expires < today:
        raise Refused("TERME", "Le terme d'une appréciation ne peut pas être déjà passé.")
    facts = {RECORDS: {rule: _record(answer, actor.name, reason.strip(), today, expires)}}
    with transaction.atomic():
        version = dossiers.with_facts(actor, dossier, seen, facts, "appreciation")
        Appraisal.objects.create(
            version=version, rule=rule, answer=answer, reason=reason.strip(), author=actor, on=today, expires=expires
        )
        text = f"{question.title} : {answer}."
        Event.objects.create(dossier=dossier, account=actor, kind="appreciation", text=text)
    return version


def _question(dossier: Dossier, rule: str) -> recevable.AppraisalLine:
    found = next((line for line in open_questions(dossier) if line.rule == rule), None)
    if found is None:
        raise Refused("QUESTION", "Les règles ne posent pas cette question sur ce dossier.")
    return found


def _record(answer: str, author: str, reason: str, on: date, expires: date | None) -> dict[str, Any]:
    found = {"reponse": answer, "auteur": author, "motif": reason, "le": on.isoformat()}
    return found if expires is None else {**found, "expire_le": expires.isoformat()}
