"""Exports: files that a worker writes for one person, with what that person may see, and that expire.

Asking, cancelling, erasing and opening are here; writing the file is `recevable_web.jobs.exporting`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import leases, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    READERS,
    UNFINISHED,
    Access,
    Account,
    Export,
    ExportPart,
    State,
    Status,
)
from recevable_web.tables import Column

CSV, XLSX, NDJSON, PARQUET = "csv", "xlsx", "ndjson", "parquet"
# What a format is for, and its media type.
FORMATS: Final = {
    CSV: ("CSV, pour un tableur", "text/csv; charset=utf-8"),
    XLSX: ("Classeur Excel (XLSX)", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    NDJSON: ("Décisions complètes (NDJSON)", "application/x-ndjson"),
    PARQUET: ("Parquet, pour l'analyse de données", "application/vnd.apache.parquet"),
}
# How many exports of one account may wait, and how many it may ask in a day.
MOST_WAITING: Final = 3
MOST_A_DAY: Final = 30
MOST_COLUMNS: Final = 100
# Bytes of a file.
MOST_BYTES: Final = 2_000_000_000


# What the service knows of a request of a dossier.
OWN: Final = (
    Column("dossier_id", "Numéro interne du dossier", "entier"),
    Column("dossier_reference", "Référence du dossier", "texte"),
    Column("programme", "Programme", "texte"),
    Column("etat", "État du dossier", "texte"),
    Column("recu_le", "Dossier reçu le", "instant"),
    Column("version", "Version du dossier", "entier"),
    Column("demande", "Demande", "texte"),
    Column("demande_cle", "Repère de la demande", "texte"),
    Column("verdict_propose", "Verdict proposé par les règles", "texte"),
    Column("provisoire", "Sous réserve d'une appréciation", "booleen"),
    Column("montant_a_payer", "Montant à payer, en euros", "montant"),
    Column("evalue_au", "Évalué au", "date"),
    Column("evaluation_id", "Numéro interne de l'évaluation", "entier"),
    Column("decision_sha256", "Empreinte de la décision calculée", "texte"),
    Column("regles_sha256", "Empreinte des règles", "texte"),
    Column("verdict_signe", "Décision signée", "texte"),
    Column("acte_rang", "Numéro de l'acte signé", "entier"),
    Column("signe_le", "Signé le", "instant"),
)
# Chosen when a person has chosen none.
USUAL: Final = ("dossier_id", "dossier_reference", "etat", "recu_le", "demande", "verdict_propose", "provisoire",
                "montant_a_payer", "evalue_au", "verdict_signe", "acte_rang", "signe_le")  # fmt: skip
# Formats of fields of which only the ends are shown.
MASKED: Final = ("iban",)
_SCALARS: Final = ("texte", "booleen", "entier", "date", "instant", "taux", "montant")


def formats() -> dict[str, str]:
    """The formats that this installation writes, with their titles: Parquet needs pyarrow."""
    without = () if importlib.util.find_spec("pyarrow") is not None else (PARQUET,)
    return {name: title for name, (title, _) in FORMATS.items() if name not in without}


def columns(programme: str) -> tuple[Column, ...]:
    """Every column that may be chosen: what the service knows, then the fields of a dossier that hold one value."""
    pack = packs.in_force(programme, timezone.localdate())
    if pack is None:
        return OWN
    return (*OWN, *_fields(packs.opened(pack.pk).fields(), ""))


def _fields(fields: Sequence[recevable.Field], above: str) -> Iterator[Column]:
    for one in fields:
        title = f"{above} › {one.title}" if above else one.title
        if one.kind in _SCALARS:
            masked = one.format in MASKED
            yield Column(f"dossier.{one.path}", title, "texte" if masked else one.kind, one.path, masked)
        elif one.fields:
            yield from _fields(one.fields, title)


def chosen(export: Export) -> list[Column]:
    """The columns of an export, in the order of the list; those that the rules no longer have are left out."""
    known = {one.name: one for one in columns(export.programme)}
    return [known[name] for name in export.choices["colonnes"] if name in known]


def ask(actor: Account, programme: str, format_: str, names: Sequence[str] = (), states: Sequence[str] = ()) -> Export:
    """Ask for a file of the dossiers of a programme, in some states or all, with some columns or the usual ones."""
    rights.require(actor, programme, *READERS)
    if format_ not in formats():
        raise Refused("FORMAT", "Choisissez un format de la liste.")
    if any(state not in State.values for state in states):
        raise Refused("ETAT", "Choisissez les états dans la liste.")
    known = [one.name for one in columns(programme)]
    if any(name not in known for name in names):
        raise Refused("COLONNES", "Une colonne demandée n'existe pas : choisissez-les dans la liste.")
    if len(names) > MOST_COLUMNS:
        raise Refused("COLONNES", f"Un export a {MOST_COLUMNS} colonnes au plus : choisissez-en moins.")
    wanted = [name for name in known if name in (names or USUAL)]
    with transaction.atomic():
        # two requests at once are counted one after the other
        Account.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.pk)
        mine = Export.objects.filter(account=actor)
        if mine.filter(status__in=UNFINISHED).count() >= MOST_WAITING:
            raise Refused("LIMITE", f"Vous avez déjà {MOST_WAITING} exports en cours : attendez-en un, ou annulez-le.")
        if mine.filter(asked_at__gt=Now() - timedelta(days=1)).count() >= MOST_A_DAY:
            raise Refused("LIMITE", f"Vous avez demandé {MOST_A_DAY} exports en un jour : recommencez demain.")
        return Export.objects.create(
            account=actor,
            programme=programme,
            format=format_,
            choices={"colonnes": [] if format_ == NDJSON else wanted, "etats": sorted(states)},
        )


def visible(actor: Account) -> QuerySet[Export]:
    """The exports that somebody asked for, of the programmes whose dossiers that person still reads."""
    return Export.objects.filter(account=actor, programme__in=rights.programmes(actor, READERS))


def cancel(actor: Account, export: Export) -> None:
    """Cancel an export that is not finished."""
    _own(actor, export)
    if not leases.cancel(Export, pk=export.pk):
        raise Refused("TERMINE", "Cet export n'est plus en cours.")
    ExportPart.objects.filter(export=export).delete()


def erase(actor: Account, export: Export) -> None:
    """Erase an export and its file."""
    _own(actor, export)
    if export.status in UNFINISHED:
        raise Refused("EN-COURS", "Cet export est en cours : annulez-le d'abord.")
    export.delete()


def expired(export: Export) -> bool:
    """Whether the file is no longer kept."""
    return export.expires_at is None or export.expires_at <= timezone.now()


def content(actor: Account, export: Export) -> Iterator[bytes]:
    """The file of a finished export, part by part, each read when it is sent; who opened it is recorded.

    Raises Refused when there is no file, or no longer.
    """
    _own(actor, export)
    if export.status != Status.DONE:
        raise Refused("PAS-PRET", "Cet export n'est pas terminé.")
    if expired(export):
        raise Refused("EXPIRE", "Cet export a expiré et son fichier a été effacé : demandez-en un nouveau.")
    Access.objects.create(account=actor, programme=export.programme, what="export")
    return _parts(export)


def _parts(export: Export) -> Iterator[bytes]:
    kept, rank = ExportPart.objects.filter(export=export, taking=export.taking), 0
    left = export.size
    while left > 0:
        part = bytes(kept.get(rank=rank).content)
        left -= len(part)
        rank += 1
        yield part


def sweep() -> int:
    """Erase the files whose time is over; returns how many parts there were."""
    over = Q(export__expires_at__lte=Now()) | Q(export__status__in=(Status.CANCELLED, Status.FAILED))
    erased, _ = ExportPart.objects.filter(over).delete()
    return erased


def _own(actor: Account, export: Export) -> None:
    if not visible(actor).filter(pk=export.pk).exists():
        raise Refused("DROIT", "Cet export n'est pas le vôtre.")
