"""What only a human can judge: recorded with its author, reason and end, as a fact of the agency."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import dossiers, rights, versions
from recevable_web.actions.history import tell
from recevable_web.actions.refused import Refused
from recevable_web.overlay import APPLICANT
from recevable_web.records.models import Account, Appraisal, Dossier, DossierVersion, Role

# Where a dossier records the answers, by the identifier of the rule that asks.
RECORDS: Final = "appreciations"
# What is decided without an answer, among what each answer decides.
NO_ANSWER: Final = ""
# Characters of a reason, as the schema of dossiers limits them.
LONGEST: Final = 500


def open_questions(dossier: Dossier) -> tuple[recevable.AppraisalLine, ...]:
    """The questions that the last version leaves to a human, as the engine asks them today."""
    version = dossiers.latest(dossier)
    return dossiers.decided(version, versions.in_force(version), timezone.localdate()).appraisals


def foreseen(
    version: DossierVersion, rule: str
) -> tuple[recevable.AppraisalLine, list[tuple[str, recevable.Decision]]]:
    """A question, and before anything is saved what each answer would decide, `NO_ANSWER` last.

    `rule` is the label of the question: `APP-CONTRAT`, `APP-CONTRAT:3` about one element of a list.  The engine decides
    each branch, as if the answer were recorded today.  Refused for a question that is not asked.
    """
    dossiers.whole(version.dossier)
    day, pack = timezone.localdate(), versions.in_force(version)
    programme = packs.opened(pack.pk)
    question = _question(dossiers.decided(version, pack, day), rule)
    found = []
    for answer in (*question.answers, NO_ANSWER):
        tried = json.loads(bytes(version.composed))
        records = {name: record for name, record in tried.get(RECORDS, {}).items() if name != rule}
        if answer != NO_ANSWER:
            records[rule] = _record(answer, "essai", "essai", day, day)
        tried[RECORDS] = records
        read = programme.read(dossiers.encoded(tried), version.dossier.reference)
        found.append((answer, programme.decide(read, day)))
    return question, found


def record(
    actor: Account, dossier: Dossier, seen: int, rule: str, answer: str, reason: str, expires: date | None
) -> DossierVersion:
    """Record an answer, until a day: a new version of the dossier, evaluated again.

    One that is recorded already is superseded: it stays in the versions and in the history of the question.
    """
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    latest = dossiers.latest(dossier)
    today = timezone.localdate()
    question = _question(dossiers.decided(latest, versions.in_force(latest), today), rule)
    reason = " ".join(reason.split())
    if answer not in question.answers:
        raise Refused("REPONSE", "Choisissez une des réponses à la question.")
    if not reason:
        raise Refused("MOTIF", "Dites pourquoi : une appréciation sans motif ne peut pas être défendue.")
    if len(reason) > LONGEST:
        raise Refused("MOTIF", f"Le motif a {len(reason)} caractères : {LONGEST} au plus.")
    if expires is None:
        raise Refused("TERME", "Dites jusqu'à quel jour l'appréciation vaut : ensuite, la question se pose de nouveau.")
    if expires < today:
        raise Refused("TERME", "Le terme d'une appréciation ne peut pas être déjà passé.")
    facts = {RECORDS: {rule: _record(answer, actor.name, reason, today, expires)}}
    with transaction.atomic():
        version = dossiers.with_facts(actor, dossier, seen, facts, "appreciation")
        Appraisal.objects.create(
            version=version, rule=rule, answer=answer, reason=reason, author=actor, on=today, expires=expires
        )
        until = recevable.wording.day(expires)
        text = f"{question.title} : « {answer} », jusqu'au {until}. {reason}"
        tell(dossier, actor, "appreciation", text)
    return version


def history(dossier: Dossier, rule: str) -> list[Appraisal]:
    """The answers that were recorded to a question, the last first; those after the first were superseded."""
    found = Appraisal.objects.filter(version__dossier=dossier, rule=rule).select_related("author", "version")
    return list(found.order_by("-id")[:_HISTORY])


def supplied_since(appraisal: Appraisal) -> int:
    """The rank of the last version that the applicant supplied after an answer was recorded; 0 when there is none."""
    later = DossierVersion.objects.filter(
        dossier=appraisal.version.dossier_id, rank__gt=appraisal.version.rank, origin=APPLICANT
    )
    return later.order_by("-rank").values_list("rank", flat=True).first() or 0


# How many answers to a question are shown.
_HISTORY: Final = 20


def _question(decision: recevable.Decision, rule: str) -> recevable.AppraisalLine:
    found = next((line for line in decision.appraisals if line.label == rule), None)
    if found is None:
        raise Refused("QUESTION", "Les règles ne posent pas cette question sur ce dossier.")
    return found


def _record(answer: str, author: str, reason: str, on: date, expires: date) -> dict[str, Any]:
    return {
        "reponse": answer,
        "auteur": author,
        "motif": reason,
        "le": on.isoformat(),
        "expire_le": expires.isoformat(),
    }
