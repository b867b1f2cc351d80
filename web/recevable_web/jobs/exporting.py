"""Writing the file of an export: page after page of what its owner may see at that moment, then kept in parts."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any, Final

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from recevable_web import packs
from recevable_web.actions import dossiers, exports, leases, rights
from recevable_web.records.models import (
    READERS,
    Act,
    Dossier,
    DossierVersion,
    Draft,
    Evaluation,
    Export,
    ExportPart,
    Procedure,
    State,
    Status,
)
from recevable_web.tables import Column, CsvTable, ParquetTable, Table, TooLong, XlsxTable, masked

# How many dossiers are read at a time, and the bytes of a part.
PAGE: Final = 200
PART: Final = 1_000_000
# The folders of workers that were killed are erased after this many seconds.
_LEFT: Final = 6 * 3600
_PREFIX: Final = "recevable-export-"


class Stopped(Exception):
    """The worker stops: the export is left to another."""


class Impossible(Exception):
    """The export cannot be made; the message, in French, says why and what to do."""


def write(export: Export, stopping: Callable[[], bool] = lambda: False) -> None:
    """Write the file of an export that was taken.  Raises leases.Lost."""
    try:
        with _folder() as folder, tempfile.TemporaryFile(dir=folder) as file:
            total = _wanted(export).count()
            with transaction.atomic():
                leases.keep(export, total=total, done=0, rows=0)
                # what another worker had begun
                ExportPart.objects.filter(export=export).exclude(taking=export.owner).delete()
            rows = _write(export, file, folder, stopping)
            _store(export, file, rows, stopping)
    except Stopped:
        leases.give_back(export)
    except (Impossible, TooLong) as error:
        failure = str(error) or "Une feuille de tableur ne contient pas tant de lignes : choisissez le format CSV."
        with transaction.atomic():
            leases.settle(export, Status.FAILED, failure=failure, finished_at=timezone.now())
            ExportPart.objects.filter(export=export).delete()


def _wanted(export: Export) -> Any:
    """The dossiers of an export that its owner may see now.  Raises Impossible when there is no right any more."""
    if not rights.has(export.account, export.programme, *READERS):
        raise Impossible("Vous n'avez plus le droit de lire les dossiers de ce programme.")
    found = rights.visible(export.account).filter(programme=export.programme)
    states = export.choices["etats"]
    return found.filter(state__in=states) if states else found


def _pages(export: Export, stopping: Callable[[], bool]) -> Iterator[list[Dossier]]:
    """The dossiers, page by page; rights, cancellation and lease are looked at before each."""
    reached, done = 0, 0
    while True:
        if stopping():
            raise Stopped
        page = list(_wanted(export).filter(pk__gt=reached).order_by("pk")[:PAGE])
        if not page:
            return
        yield page
        reached, done = page[-1].pk, done + len(page)
        leases.keep(export, done=done)


def _write(export: Export, file: IO[bytes], folder: str, stopping: Callable[[], bool]) -> int:
    """Write the whole file; returns how many rows it has."""
    rows = 0
    if export.format == exports.NDJSON:
        for page in _pages(export, stopping):
            left = [one for one in page if one.erased_id is None]
            for evaluation in _evaluations(left, whole=True).values():
                file.write(dossiers.decision(evaluation) + b"\n")
                rows += 1
            _bounded(file)
        return rows
    columns = exports.chosen(export)
    if not columns:
        raise Impossible("Les règles n'ont plus aucune des colonnes choisies : demandez un nouvel export.")
    table = _table(export.format, file, columns, _zone(export.programme), folder)
    try:
        for page in _pages(export, stopping):
            found = list(_rows(page, columns))
            table.add(found)
            rows += len(found)
            _bounded(file)
    except BaseException:
        table.give_up()
        raise
    table.close()
    _bounded(file)
    return rows


def _table(format_: str, file: IO[bytes], columns: Sequence[Column], zone: tzinfo, folder: str) -> Table:
    if format_ == exports.XLSX:
        return XlsxTable(file, columns, zone, folder)
    return CsvTable(file, columns, zone) if format_ == exports.CSV else ParquetTable(file, columns, zone)


def _zone(programme: str) -> tzinfo:
    pack = packs.in_force(programme, timezone.localdate())
    return timezone.get_default_timezone() if pack is None else packs.opened(pack.pk).zone


def _bounded(file: IO[bytes]) -> None:
    if file.tell() > exports.MOST_BYTES:
        size = exports.MOST_BYTES // 10**9
        raise Impossible(f"Ce fichier dépasse {size} Go : choisissez moins de dossiers, ou moins de colonnes.")


def _store(export: Export, file: IO[bytes], rows: int, stopping: Callable[[], bool]) -> None:
    """Keep the file in parts, with its digest: the export is done with the last of them."""
    digest, size, rank = hashlib.sha256(), 0, 0
    file.seek(0)
    while part := file.read(PART):
        if stopping():
            raise Stopped
        digest.update(part)
        size += len(part)
        with transaction.atomic():
            ExportPart.objects.create(export=export, taking=export.owner, rank=rank, content=part)
            leases.keep(export)
        rank += 1
    now = timezone.now()
    leases.settle(
        export,
        rows=rows,
        size=size,
        sha256=digest.hexdigest(),
        taking=export.owner,
        finished_at=now,
        expires_at=now + timedelta(days=settings.EXPORT_DAYS),
    )


# --- rows -------------------------------------------------------------------------------------------------------------


def _evaluations(page: Sequence[Dossier], *, whole: bool = False) -> dict[int, Evaluation]:
    """The last evaluation of each dossier of a page, by dossier, in the order of the page."""
    last = (
        Evaluation.objects.filter(version__dossier__in=[one.pk for one in page])
        .values("version__dossier")
        .annotate(last=Max("id"))
        .order_by()
    )
    found = Evaluation.objects.filter(pk__in=[row["last"] for row in last]).select_related("version", "pack")
    found = found.defer("version__payload", "version__overlay")
    if not whole:
        found = found.defer("decision_gz", "version__payload", "version__overlay")
    of = {one.version.dossier_id: one for one in found.prefetch_related("requests")}
    return {one.pk: of[one.pk] for one in page if one.pk in of}


def _rows(page: Sequence[Dossier], columns: Sequence[Column]) -> Iterator[list[Any]]:
    """A row for each request of each dossier; a dossier without any has one row."""
    numbers = [one.pk for one in page]
    evaluations = _evaluations(page)
    signed: dict[tuple[int, str, str], Act] = {}
    binding = Act.objects.filter(draft__dossier__in=numbers, draft__kind__in=(Draft.Kind.DECISION, Draft.Kind.UNDOING))
    for act in binding.select_related("draft").order_by("rank"):
        assert act.draft is not None
        signed[act.draft.dossier_id, act.draft.request, act.draft.key] = act
    fields = [one for one in columns if one.path]
    for dossier in page:
        evaluation = evaluations.get(dossier.pk)
        of_dossier: dict[str, Any] = {
            "dossier_id": dossier.pk,
            "dossier_reference": dossier.reference,
            "programme": dossier.programme,
            "etat": State(dossier.state).label,
            "recu_le": dossier.created_at,
        }
        requests: list[Any] = []
        if evaluation is not None:
            of_dossier |= {
                "version": evaluation.version.rank,
                "evalue_au": evaluation.on,
                "evaluation_id": evaluation.pk,
                "decision_sha256": evaluation.sha256,
                "regles_sha256": evaluation.pack.digest,
            }
            if dossier.erased_id is None:
                of_dossier |= _fields(evaluation.version, fields)
            requests = sorted(evaluation.requests.all(), key=lambda one: one.pk)
        for request in requests or [None]:
            row = dict(of_dossier)
            if request is not None:
                cents = request.payable_cents
                row |= {
                    "demande": request.name,
                    "demande_cle": request.key or None,
                    "verdict_propose": request.verdict,
                    "provisoire": request.provisional,
                    "montant_a_payer": None if cents is None else Decimal(cents).scaleb(-2),
                }
                done = signed.get((dossier.pk, request.name, request.key))
                if done is not None:
                    assert done.draft is not None
                    row |= {
                        "verdict_signe": done.draft.get_verdict_display() or Procedure.Effect(done.kind).label,
                        "acte_rang": done.rank,
                        "signe_le": datetime.fromisoformat(done.instant),
                    }
            yield [row.get(one.name) for one in columns]


def _fields(version: DossierVersion, columns: Sequence[Column]) -> dict[str, Any]:
    """The values of fields of a dossier, each of the type of its column; None for what is not there."""
    if not columns:
        return {}
    data = msgspec.json.decode(bytes(version.composed))
    return {one.name: _value(data, one) for one in columns}


def _value(data: Any, column: Column) -> Any:
    for name in column.path.split("."):
        if not isinstance(data, dict) or name not in data:
            return None
        data = data[name]
    if isinstance(data, list | dict) or data is None:
        return None
    return masked(str(data)) if column.masked else typed(data, column.kind)


def typed(value: Any, kind: str) -> Any:
    """A value of a dossier as its column holds it; None when it is not of that type, which no schema allows."""
    try:
        if kind == "booleen":
            return value if isinstance(value, bool) else None
        if kind == "entier":
            return int(value) if abs(int(value)) < 2**63 else None
        if kind in ("montant", "taux"):
            return Decimal(str(value))
        if kind == "date":
            return date.fromisoformat(value)
        if kind == "instant":
            found = datetime.fromisoformat(value)
            return found if found.tzinfo is not None else timezone.make_aware(found)
    except (TypeError, ValueError, InvalidOperation):
        return None
    return str(value)


# --- the place of the work --------------------------------------------------------------------------------------------


@contextmanager
def _folder() -> Iterator[str]:
    """A folder of this worker's own; those of workers that were killed are erased."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if time.time() - left.stat().st_mtime > _LEFT:
                shutil.rmtree(left, ignore_errors=True)
        except OSError:
            continue
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        yield folder
