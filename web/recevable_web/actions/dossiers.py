"""Dossiers come in, get versions, and are evaluated."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import completing, history, reservations, rights, rows, statistics
from recevable_web.actions.refused import Refused
from recevable_web.overlay import APPLICANT, compose, split
from recevable_web.records.models import (
    Account,
    Dossier,
    DossierVersion,
    Evaluation,
    EvaluationRequest,
    PackVersion,
    Role,
    State,
)

# Decisions are text that repeats itself: level 9 takes three times as long as 4, for 8 % less.
COMPRESSION: Final = 4


def encoded(data: Mapping[str, Any]) -> bytes:
    """JSON as it is stored: UTF-8, members in their order, nothing reprinted later."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


class AlreadyReceived(Refused):
    """The same dossier was received before: it is `dossier`."""

    def __init__(self, dossier: Dossier) -> None:
        reference = dossier.reference
        super().__init__("DOUBLON", f"Ce dossier est déjà reçu : il est celui de la référence « {reference} ».")
        self.dossier = dossier


def receive(
    actor: Account,
    programme: str,
    content: bytes,
    name: str,
    *,
    on: date | None = None,
    origin: str = "import",
    place: tuple[str, int] | None = None,
) -> Dossier:
    """A dossier that comes in: checked by the schema in force, split, stored, evaluated.

    `name` is its reference when it states none; `place` the file and the line that diagnostics name, if not `name`.
    Raises recevable.InvalidDossier, AlreadyReceived, and Refused when its reference is that of another dossier.
    """
    rights.require(actor, programme, Role.INSTRUCTOR)
    day = on or timezone.localdate()
    pack = _in_force(programme, day)
    opened = packs.opened(pack.pk)
    data = opened.read(content, *(place or (name, 1))).data
    payload, overlay = split(opened.fields(), data)
    longest = Dossier._meta.get_field("reference").max_length
    reference = str(data.get("reference") or name[:longest])
    if longest is not None and len(reference) > longest:
        raise Refused(
            "REFERENCE", f"La référence du dossier dépasse {longest} caractères : donnez-lui-en une plus courte."
        )
    if not reference.isprintable():
        raise Refused("REFERENCE", "La référence du dossier contient un caractère qui ne se lit pas : corrigez-la.")
    same = hashlib.sha256(encoded(compose(payload, overlay))).hexdigest()
    double = Dossier.objects.filter(programme=programme, versions__sha256=same).first()
    if double is not None:
        raise AlreadyReceived(double)
    try:
        with transaction.atomic():
            dossier = Dossier.objects.create(programme=programme, reference=reference, state=State.TO_INSTRUCT)
            version = _version(dossier, payload, overlay, origin, actor)
            history.tell(dossier, actor, "reception", f"Dossier reçu ({name}).")
            keep(pack, day, [answer(opened, version, day)])
    except recevable.Contradiction as error:
        raise contradicted(error) from None
    except IntegrityError:
        raise Refused(
            "REFERENCE",
            f"Un dossier porte déjà la référence « {reference} », avec un autre contenu. Si c'est la suite du même "
            "dossier, ouvrez-le et déposez ce fichier comme supplément ; sinon, changez la référence.",
        ) from None
    return dossier


def contradicted(error: recevable.Contradiction) -> Refused:
    """The refusal of a dossier on which the rules cannot decide: it is not stored so."""
    return Refused(
        "CONTRADICTION",
        "Les règles se contredisent sur ce dossier, ou lui donnent une somme qui ne peut pas être payée "
        f"({error}). Rien n'est enregistré : signalez-le à qui rédige les règles.",
    )


class Answer(NamedTuple):
    """What the engine answers about a version of a dossier, before it is kept."""

    version: DossierVersion
    read: recevable.Dossier
    decision: recevable.Decision
    written: bytes


def evaluate(version: DossierVersion, on: date) -> Evaluation:
    """What the engine answers about a version by the pack in force on a day; the same answer is stored once."""
    pack = _in_force(version.dossier.programme, on)
    found = Evaluation.objects.filter(version=version, pack=pack, on=on).first()
    if found is not None:
        return found
    kept = keep(pack, on, [answer(packs.opened(pack.pk), version, on)])
    return kept[version.pk]


def answer(programme: recevable.Programme, version: DossierVersion, on: date) -> Answer:
    """Ask the engine; nothing is written.  Raises what reading and deciding raise."""
    read = programme.read(bytes(version.composed), version.dossier.reference)
    found = programme.decide(read, on)
    return Answer(version, read, found, programme.to_json(found))


def keep(pack: PackVersion, on: date, answers: Sequence[Answer]) -> dict[int, Evaluation]:
    """Store answers of one pack on one day; returns the evaluation of each version.  Those that are there stay."""
    versions = [one.version.pk for one in answers]
    with transaction.atomic():
        # the rows of the dossiers first, as every action does: two who evaluate wait for each other
        dossiers_ = Dossier.objects.filter(versions__in=versions)
        held = {one.pk: one for one in dossiers_.select_for_update(of=("self",)).order_by("pk")}
        evaluated = set(Evaluation.objects.filter(version__in=versions).values_list("version", flat=True).distinct())
        there = Evaluation.objects.filter(version__in=versions, pack=pack, on=on)
        known = set(there.values_list("version", flat=True))
        Evaluation.objects.bulk_create(
            [
                Evaluation(
                    version=one.version,
                    pack=pack,
                    on=on,
                    # a fixed date, so that the same decision is the same bytes
                    decision_gz=gzip.compress(one.written, COMPRESSION, mtime=0),
                    sha256=hashlib.sha256(one.written).hexdigest(),
                )
                for one in answers
                if one.version.pk not in known
            ],
            # somebody may be storing the same answer
            ignore_conflicts=True,
        )
        stored = {one.version_id: one for one in there.all()}
        EvaluationRequest.objects.bulk_create(
            [
                EvaluationRequest(
                    evaluation=stored[one.version.pk],
                    name=request.name,
                    key=request.key,
                    verdict=str(request.verdict),
                    provisional=request.provisional,
                    payable_cents=cents_of(request),
                )
                for one in answers
                if one.version.pk not in known
                for request in one.decision.requests
            ],
            ignore_conflicts=True,
        )
        for one in answers:
            if one.version.pk not in evaluated:
                statistics.first_evaluated(one.version, _before(one.version), one.written)
        rows.evaluated(held, packs.opened(pack.pk), [(one.version, one.read, one.decision) for one in answers])
    return stored


def evaluated(evaluation: Evaluation, request: str, key: str = "") -> EvaluationRequest:
    """What an evaluation says of a request; Refused when the dossier does not hold it."""
    found = evaluation.requests.filter(name=request, key=key).first()
    if found is None:
        raise Refused("DEMANDE", "Ce dossier ne contient pas cette demande.")
    return found


def _before(version: DossierVersion) -> bytes | None:
    """The first answer on the version before; None for the first version."""
    if version.rank == 1:
        return None
    evaluations = Evaluation.objects.filter(version__dossier=version.dossier_id, version__rank=version.rank - 1)
    first = evaluations.order_by("id").first()
    return None if first is None else decision(first)


def cents_of(request: recevable.RequestDecision) -> int | None:
    """The cents to pay on a request; None when there is nothing to pay now, or when it is unknown."""
    return None if request.payable is None else whole_cents(request.payable.value)


def decision(evaluation: Evaluation) -> bytes:
    """The bytes of a stored decision; raises ValueError when they are not those that were stored."""
    written = gzip.decompress(bytes(evaluation.decision_gz))
    if hashlib.sha256(written).hexdigest() != evaluation.sha256:
        raise ValueError("the stored decision has been altered")
    return written


def composed(version: DossierVersion) -> Any:
    """What a version holds: the applicant's payload with the agency's facts."""
    return json.loads(bytes(version.composed))


def decided(version: DossierVersion, pack: PackVersion, on: date, *, trace: bool = False) -> recevable.Decision:
    """What the engine decides about a version by a pack on a day; nothing is stored, and the last ones are kept."""
    return _decided(bytes(version.composed), version.dossier.reference, pack.pk, pack.digest, on, trace)


@lru_cache(maxsize=64)
def _decided(composed: bytes, reference: str, pack: int, digest: str, on: date, trace: bool) -> recevable.Decision:
    programme = packs.opened(pack)
    return programme.decide(programme.read(composed, reference), on, trace=trace)


def latest(dossier: Dossier) -> DossierVersion:
    """The last version of a dossier; Refused when a purge erased what it held."""
    whole(dossier)
    return dossier.versions.order_by("-rank")[:1].get()


def locked(dossier: Dossier, seen: int) -> Dossier:
    """The dossier, locked until the end of the transaction; refused when it is no longer the version that was seen."""
    found = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    whole(found)
    if found.version != seen:
        raise Refused("VERSION", "Ce dossier a changé depuis que vous l'avez ouvert : relisez-le avant d'agir.")
    return found


def whole(dossier: Dossier) -> None:
    """Refuse what needs the contents of a dossier that a purge erased."""
    if dossier.erased_id is not None:
        raise Refused(
            "EFFACE",
            "Le contenu de ce dossier a été effacé, sa durée de conservation étant passée : l'acte n° "
            f"{dossier.erased_id} du registre le dit. Son historique et ses actes restent.",
        )


def moved(dossier: Dossier, state: State | None = None) -> None:
    """Write a new state of a locked dossier, its version, and what follows for its deadline."""
    whole(dossier)
    dossier.version += 1
    dossier.state = state or dossier.state
    dossier.save(update_fields=["version", "state"])
    statistics.entered(dossier)
    last = Evaluation.objects.filter(version__dossier=dossier).order_by("-id").values_list("pack", flat=True).first()
    if last is not None:
        rows.moved(dossier, packs.opened(last))


def with_facts(actor: Account, dossier: Dossier, seen: int, facts: Mapping[str, Any], origin: str) -> DossierVersion:
    """A new version with more of the agency's facts; the applicant's payload is the same bytes.

    Raises Refused when a fact would contradict the payload or another fact, and recevable.InvalidDossier.
    """
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    with transaction.atomic():
        held = locked(dossier, seen)
        reservations.guard(actor, held)
        last = latest(held)
        payload, overlay = json.loads(bytes(last.payload)), json.loads(bytes(last.overlay))
        version = _version(held, payload, _over(overlay, facts), origin, actor)
        evaluate(version, timezone.localdate())
        moved(held, None if _stays(held) else State.TO_INSTRUCT)
    return version


def _stays(dossier: Dossier) -> bool:
    """Whether facts of the agency leave a dossier where it is: they answer for nobody, and undo no act."""
    if dossier.state == State.TO_COMPLETE:
        return dossier.completions.filter(outcome=completing.OPEN).exists()
    return dossier.state == State.DECIDED and not dossier.queue_requests.filter(open=True).exists()


def with_overlay(
    actor: Account, dossier: Dossier, seen: int, overlay: Mapping[str, Any], origin: str
) -> DossierVersion:
    """A new version with the whole overlay given anew; the applicant's payload is the same bytes, the state too.

    Raises Refused when a fact would contradict the payload, and recevable.InvalidDossier.
    """
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    with transaction.atomic():
        held = locked(dossier, seen)
        try:
            return record(actor, held, overlay, origin)
        except recevable.Contradiction as error:
            raise contradicted(error) from None


def record(actor: Account, held: Dossier, overlay: Mapping[str, Any], origin: str) -> DossierVersion:
    """A new version of a locked dossier with the whole overlay given anew, written by what another action does.

    The caller has checked the right; the state stays.  Raises as `with_overlay`, and recevable.Contradiction.
    """
    version = _version(held, json.loads(bytes(latest(held).payload)), overlay, origin, actor)
    moved(held)
    evaluate(version, timezone.localdate())
    return version


def supplement(actor: Account, dossier: Dossier, seen: int, content: bytes, name: str) -> DossierVersion:
    """A new version with what the applicant now supplies: the whole dossier again; the agency's facts stay.

    Facts of the agency that come with it (when a new request was received) are added as at the first import.  Raises
    recevable.InvalidDossier, and Refused when it is another dossier, says nothing new, or contradicts the agency.
    """
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    opened = packs.opened(_in_force(dossier.programme, timezone.localdate()).pk)
    data = opened.read(content, name).data
    stated = data.get("reference", dossier.reference)
    if stated != dossier.reference:
        raise Refused(
            "REFERENCE", f"Ce fichier est celui de la référence « {stated} », non de « {dossier.reference} »."
        )
    payload, facts = split(opened.fields(), data)
    with transaction.atomic():
        held = locked(dossier, seen)
        last = latest(held)
        overlay = json.loads(bytes(last.overlay))
        other = _contradicted(overlay, facts)
        if other:
            raise Refused(
                "AGENCE",
                f"Ce fichier donne « {other} » autrement que l'agence ne l'a consigné : ôtez cette donnée du fichier, "
                "ou corrigez-la d'abord dans les données de l'agence.",
            )
        overlay = _over(overlay, facts)
        if json.loads(bytes(last.payload)) == payload and json.loads(bytes(last.overlay)) == overlay:
            raise Refused("IDENTIQUE", "Ce fichier n'apporte rien : le demandeur l'a déjà fourni tel quel.")
        version = _version(held, payload, overlay, APPLICANT, actor)
        closed = completing.close(actor, held, opened, json.loads(bytes(last.payload)), payload, version)
        moved(held, State.TO_INSTRUCT)
        history.tell(held, actor, "complement", f"Complément reçu du demandeur ({name}) : version {version.rank}.")
        for one in closed:
            late = " hors délai" if timezone.localdate() > one.due else ""
            history.tell(held, actor, "complement", f"{one.request} : demande de complément répondue{late}.")
        evaluate(version, timezone.localdate())
    return version


def _contradicted(overlay: Mapping[str, Any], facts: Mapping[str, Any], path: str = "") -> str:
    """The first fact that the overlay holds otherwise; empty when there is none."""
    for name, value in facts.items():
        place = f"{path}.{name}" if path else name
        held = overlay.get(name, value)
        both = isinstance(value, Mapping) and isinstance(held, Mapping)
        found = _contradicted(held, value, place) if both else "" if held == value else place
        if found:
            return found
    return ""


def _over(overlay: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The overlay with other facts, which replace those of the same place."""
    found = dict(overlay)
    for name, value in facts.items():
        both = isinstance(value, Mapping) and isinstance(found.get(name), Mapping)
        found[name] = _over(found[name], value) if both else value
    return found


def _version(
    dossier: Dossier, payload: Mapping[str, Any], overlay: Mapping[str, Any], origin: str, actor: Account
) -> DossierVersion:
    try:
        composed = encoded(compose(payload, overlay))
    except ValueError as error:
        raise Refused("CONTRADICTION", f"« {error} » est fourni par le demandeur : il n'est jamais remplacé.") from None
    last = dossier.versions.order_by("-rank").first()
    return DossierVersion.objects.create(
        dossier=dossier,
        rank=1 if last is None else last.rank + 1,
        payload=bytes(last.payload) if last is not None and origin != APPLICANT else encoded(payload),
        overlay=encoded(overlay),
        composed=composed,
        sha256=hashlib.sha256(composed).hexdigest(),
        origin=origin,
        author=actor,
    )


def _in_force(programme: str, on: date) -> PackVersion:
    pack = packs.in_force(programme, on)
    if pack is None:
        raise Refused("REGLES", f"Aucune règle du programme « {programme} » n'est en vigueur le {on:%d/%m/%Y}.")
    return pack


def whole_cents(value: Decimal) -> int:
    """The cents of a sum in euros, which has no fraction of one."""
    whole = value * 100
    assert whole == int(whole), value
    return int(whole)
