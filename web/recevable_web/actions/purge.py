"""What is kept no longer than the agency says: erased by an act, which tells how much, until when and why.

Who decided what, when, on which dossier, stays in the register: only contents go, and the chain verifies as before.
Nothing goes while a delay runs: see `due`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

import recevable
from recevable_web.actions import dossiers, register, rights, statistics
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Access,
    Account,
    Act,
    ActContent,
    BlobContent,
    ChainHead,
    Dossier,
    DossierVersion,
    Draft,
    Entry,
    Evaluation,
    Event,
    ImportLine,
    LetterContent,
    Payment,
    PaymentAnswer,
    PaymentFile,
    PaymentFileContent,
    Piece,
    Procedure,
    Purge,
    Role,
    SearchText,
    State,
)
from recevable_web.tables import HIDDEN, masked

# What may be purged, as it is called in settings, in acts and on the page.
TABLES: Final = {
    "dossiers": "le contenu des dossiers, de leurs versions et des décisions calculées",
    "actes": "le contenu des actes et de leurs courriers",
    "pieces": "le contenu des pièces jointes",
    "paiements": "le contenu des fichiers échangés avec le payeur",
    "acces": "le journal des consultations",
    "imports": "les noms et les fautes des imports refusés",
    "saisies": "les saisies abandonnées ou laissées sans suite",
}
# What is written over rows that stay, to say nobody's name any more.
_EMPTIED: Final[dict[str, dict[str, Any]]] = {
    "imports": {"name": "", "faults": [], "remarks": []},
    "saisies": {"title": "", "values": {}},
}
# A purge is one transaction and one act: larger ones are made in several.
MOST: Final = 10_000
# How many rows one statement changes.
_BATCH: Final = 500


def until(table: str) -> datetime:
    """What is older than this instant has been kept long enough."""
    return timezone.now() - timedelta(days=settings.RETENTION[table])


def due(table: str, programmes: Collection[str], before: datetime) -> QuerySet[Any]:
    """The rows of a table whose time is over, in programmes.

    The time of a dossier begins with the last thing that happened to it, once every request is decided and no draft
    waits: as long as an applicant may complete, or anybody still acts on it, nothing of it goes.
    """
    over = _over(programmes, before)
    if table == "dossiers":
        return over.filter(erased=None).order_by("pk")
    if table == "actes":
        contents = ActContent.objects.exclude(act__kind=recevable.ledger.PURGE)
        return contents.filter(act__dossier__in=over).order_by("act_id")
    if table == "pieces":
        alive = Piece.objects.filter(blob=OuterRef("blob_id")).exclude(dossier__in=over)
        joined = Piece.objects.filter(blob=OuterRef("blob_id"))
        return BlobContent.objects.filter(Exists(joined), ~Exists(alive)).order_by("blob_id")
    if table == "paiements":
        # a file goes with the last of the dossiers of which it pays something
        paid = Payment.objects.filter(file=OuterRef("file_id")).exclude(dossier__in=over)
        answered = PaymentAnswer.objects.filter(file=OuterRef("file_id"), payment__isnull=False)
        files = PaymentFileContent.objects.filter(file__programme__in=programmes, file__at__lt=before)
        return files.filter(~Exists(paid), ~Exists(answered.exclude(payment__dossier__in=over))).order_by("file_id")
    if table == "imports":
        lines = ImportLine.objects.filter(imported__programme__in=programmes, imported__at__lt=before, dossier=None)
        return lines.exclude(**_EMPTIED[table]).order_by("pk")
    if table == "saisies":
        entries = Entry.objects.filter(programme__in=programmes, saved_at__lt=before, dossier=None)
        return entries.exclude(**_EMPTIED[table]).order_by("pk")
    whose = Q(programme__in=programmes) | Q(programme="")
    return Access.objects.filter(whose, at__lt=before).order_by("pk")


def _over(programmes: Collection[str], before: datetime) -> QuerySet[Dossier]:
    of_it = {"dossier": OuterRef("pk")}
    return Dossier.objects.filter(
        ~Exists(Draft.objects.filter(**of_it, status=Draft.Status.PREPARED)),
        ~Exists(Procedure.objects.filter(**of_it).exclude(stage=Procedure.Stage.CLOSED)),
        ~Exists(Payment.objects.filter(**of_it, status__in=(Payment.Status.SIGNED, Payment.Status.ORDERED))),
        ~Exists(Act.objects.filter(**of_it, instant__gte=register.written(before))),
        ~Exists(Event.objects.filter(**of_it, at__gte=before)),
        programme__in=programmes,
        state=State.DECIDED,
        created_at__lt=before,
    )


def purge(actor: Account, table: str, reason: str) -> Act:
    """Erase what a table has kept long enough, in the programmes that the account administers.

    At most MOST rows at once.  Raises Refused: no right, no reason, nothing whose time is over.
    """
    if table not in TABLES:
        raise Refused("TABLE", "Cela ne se purge pas.")
    programmes = rights.programmes(actor, [Role.ADMINISTRATOR])
    if not programmes:
        raise Refused("DROIT", "Il faut être administrateur d'un programme pour cela.")
    if not reason.strip():
        raise Refused("MOTIF", "Dites sur quelle règle de conservation se fonde cette purge.")
    with transaction.atomic():
        # a signature waits, so that nothing happens to a dossier while its contents go
        ChainHead.objects.select_for_update().get()
        before = until(table)
        rows = due(table, programmes, before)
        if table == "saisies":
            # an entry saved meanwhile is kept
            rows = rows.select_for_update(of=("self",))
        found = list(rows.values_list("pk", flat=True)[:MOST])
        if not found:
            raise Refused(
                "RIEN", f"Rien à effacer : {TABLES[table]} n'a rien de plus ancien que sa durée de conservation."
            )
        content = {
            "table": table,
            "rangs": found if table == "actes" else [],
            "nombre": len(found),
            "avant": before.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "conservation_jours": settings.RETENTION[table],
            "motif": reason.strip(),
        }
        if table == "pieces":
            of = BlobContent.objects.filter(pk__in=found).order_by("pk")
            content["sha256"] = list(of.values_list("blob__sha256", flat=True))
        if table == "paiements":
            files = PaymentFile.objects.filter(pk__in=found).order_by("pk")
            content["sha256"] = list(files.values_list("sha256", flat=True))
            content["comptes_masques"] = _accounts(found, programmes, before).count()
        if table == "dossiers":
            content["references"] = list(
                Dossier.objects.filter(pk__in=found).order_by("pk").values_list("reference", flat=True)
            )
        act = register.append(
            recevable.ledger.PURGE, f"{TABLES[table]} : {len(found)}", dossiers.encoded(content), actor
        )
        kept = Purge.objects.create(act=act, what=table, until=before)
        if table == "dossiers":
            _empty(found, kept)
            return act
        if table == "imports":
            ImportLine.objects.filter(pk__in=found).update(**_EMPTIED[table])
            return act
        if table == "saisies":
            Entry.objects.filter(pk__in=found).update(**_EMPTIED[table], abandoned=True)
            return act
        accounts = list(_accounts(found, programmes, before)) if table == "paiements" else []
        due(table, programmes, before).model.objects.filter(pk__in=found).delete()
        _mask(accounts)
        if table == "actes":
            # what a letter says goes with the act that it announced
            LetterContent.objects.filter(letter__act__in=found).delete()
    return act


def _empty(found: Collection[int], kept: Purge) -> None:
    """Erase what dossiers hold: each row stays, with its digest, and says no more what it was about."""
    for dossier in Dossier.objects.filter(pk__in=found).iterator(chunk_size=_BATCH):
        statistics.erased(dossier)
    # the dossiers first: the database asks that they name the purge
    Dossier.objects.filter(pk__in=found).update(erased=kept, applicant="", siret="")
    DossierVersion.objects.filter(dossier__in=found).update(payload=b"", overlay=b"", composed=b"")
    Evaluation.objects.filter(version__dossier__in=found).update(decision_gz=b"")
    SearchText.objects.filter(dossier__in=found).delete()
    Entry.objects.filter(dossier__in=found).update(**_EMPTIED["saisies"])
    ImportLine.objects.filter(dossier__in=found).update(**_EMPTIED["imports"])
    drafts = list(Draft.objects.filter(dossier__in=found, kind=Draft.Kind.PAYMENT, act=None))
    for draft in drafts:
        draft.content = {**draft.content, "iban": masked(draft.content.get("iban", ""))}
    Draft.objects.bulk_update(drafts, ["content"], batch_size=_BATCH)


def _accounts(files: Collection[int], programmes: Collection[str], before: datetime) -> QuerySet[Payment]:
    """The payments whose whole account is kept for nothing once the contents of some files go."""
    cancelled = Q(status=Payment.Status.CANCELLED, dossier__in=_over(programmes, before))
    of = Payment.objects.filter(Q(file__in=files) | cancelled).exclude(iban__contains=HIDDEN)
    return of.select_related("act__draft").order_by("pk")


def _mask(paid: Collection[Payment]) -> None:
    """Leave the ends of the accounts of payments, and of the drafts from which they were signed."""
    drafts = []
    for one in paid:
        one.iban = masked(one.iban)
        draft = one.act.draft
        assert draft is not None
        draft.content = {**draft.content, "iban": one.iban}
        drafts.append(draft)
    # the drafts after: the database asks that the payment is masked
    Payment.objects.bulk_update(paid, ["iban"], batch_size=_BATCH)
    Draft.objects.bulk_update(drafts, ["content"], batch_size=_BATCH)
