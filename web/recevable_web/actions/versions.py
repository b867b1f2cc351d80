"""What changed between two versions of a dossier, and a stored decision computed again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import dossiers, history, rights
from recevable_web.actions.refused import Refused
from recevable_web.overlay import APPLICANT
from recevable_web.records.models import READERS, Account, DossierVersion, Evaluation, PackVersion


@dataclass(frozen=True, slots=True)
class Comparison:
    """From a version to another: the data that differ, the applicant's apart from the agency's, and the rules moved.

    Both are decided by the pack in force, on the same day.
    """

    supplied: tuple[Any, ...]
    recorded: tuple[Any, ...]
    moves: tuple[Any, ...]
    verdicts: tuple[tuple[str, str, str], ...]
    parties: Mapping[str, str]


def compare(old: DossierVersion, new: DossierVersion) -> Comparison:
    """What changed from a version to another, by the rules in force today; Refused when there are none."""
    today = timezone.localdate()
    pack = in_force(new)
    programme = packs.opened(pack.pk)
    read = [programme.read(bytes(one.composed), one.dossier.reference) for one in (old, new)]
    changes = programme.changes(read[0], read[1])
    decisions = [dossiers.decided(one, pack, today) for one in (old, new)]
    before, after = ({(one.name, one.key): one for one in decision.requests} for decision in decisions)
    verdicts = tuple(
        (
            (after.get(place) or before[place]).title,
            str(before[place].verdict) if place in before else "",
            str(after[place].verdict) if place in after else "",
        )
        for place in dict.fromkeys((*after, *before))
    )
    return Comparison(
        tuple(one for one in changes if _by_applicant(one.supplied_by)),
        tuple(one for one in changes if not _by_applicant(one.supplied_by)),
        programme.moves(decisions[0], decisions[1]),
        verdicts,
        {name: party.name for name, party in programme.manifest.parties.items()},
    )


def in_force(version: DossierVersion) -> PackVersion:
    """The pack that decides about a version today."""
    found = packs.in_force(version.dossier.programme, timezone.localdate())
    if found is None:
        raise Refused("REGLES", "Aucune règle du programme n'est en vigueur aujourd'hui.")
    return found


def verify(actor: Account, evaluation: Evaluation) -> tuple[Any, ...]:
    """Compute a stored decision again from its receipt, and tell the timeline: what differs, by JSON pointer.

    Empty when engine, rules, dossier and answers are the same to the byte.
    """
    dossier = evaluation.version.dossier
    rights.require(actor, dossier.programme, *READERS)
    programme = packs.opened(evaluation.pack_id)
    recorded = json.loads(dossiers.decision(evaluation))
    found = programme.verify(recorded, bytes(evaluation.version.composed))
    result = recevable.wording.count(len(found), "différence", "différences") if found else "le même résultat"
    day = recevable.wording.day(evaluation.on)
    text = f"Décision calculée le {day} sur la version {evaluation.version.rank}, recalculée : {result}."
    history.tell(dossier, actor, "recalcul", text)
    return found


def _by_applicant(parties: tuple[str, ...]) -> bool:
    """As in `overlay`: a field without a supplier is the applicant's."""
    return not parties or APPLICANT in parties
