"""Everything that is kept about an applicant, as a file to hand over (GDPR, article 15).

Tables are found by their foreign keys, not listed: one that is added later is handed over too.  What several
applicants share (files of payments, rules) belongs to none of their dossiers and stays out.
"""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Final

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q

from recevable_web.actions import rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Access, Account, Blob, Dossier, Role

# Those who answer to a person who asks what is kept about them.
ANSWER: Final = (Role.ADMINISTRATOR, Role.AUDITOR)
_SIREN, _SIRET = 9, 14
_EXTENSIONS: Final = {b"%PDF": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"II*\x00": "tif", b"MM\x00*": "tif"}
_READ_ME: Final = """\
Ce que le guichet garde sur un demandeur.

donnees.json : chaque table, ligne par ligne, dans les dossiers de ce demandeur. Les montants sont en centimes, les
instants en temps universel. Les agents sont désignés par un numéro et leur qualité, non par leur nom.
fichiers/ : les pièces jointes et les courriers, tels qu'ils ont été reçus ou envoyés.

Les fichiers communs à plusieurs demandeurs (ordres de paiement transmis) et les sauvegardes n'y sont pas.
"""


def found(actor: Account, asked: str) -> list[Dossier]:
    """The dossiers of a SIRET, a SIREN or a reference, in the programmes for which the account answers.

    Raises Refused: no right, nothing asked.
    """
    programmes = rights.programmes(actor, ANSWER)
    if not programmes:
        raise Refused("DROIT", "Il faut être administrateur ou auditeur d'un programme pour cela.")
    text = asked.strip()
    if not text:
        raise Refused("DEMANDE", "Donnez un SIRET, un SIREN ou la référence d'un dossier.")
    number = "".join(text.split())
    by = Q(reference=text)
    if number.isascii() and number.isdigit() and len(number) in (_SIREN, _SIRET):
        by |= Q(siret=number) if len(number) == _SIRET else Q(siret__startswith=number)
    return list(Dossier.objects.filter(by, programme__in=programmes).order_by("id"))


def write(actor: Account, dossiers: list[Dossier], out: IO[bytes]) -> None:
    """Write a ZIP of all that is kept in some dossiers; that it was handed over is kept too."""
    with transaction.atomic():
        what = "donnees-personnelles"
        Access.objects.bulk_create(
            Access(account=actor, programme=one.programme, dossier=one, what=what) for one in dossiers
        )
        agents: set[int] = set()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("LISEZMOI.txt", _READ_ME)
            tables = {
                _name(model): [_row(archive, one, agents) for one in rows.iterator(chunk_size=50)]
                for model, rows in _tables([one.pk for one in dossiers])
            }
            named = Account.objects.filter(pk__in=agents).values_list("pk", "capacity")
            data = {"tables": tables, "agents": {str(pk): capacity or "agent" for pk, capacity in named}}
            archive.writestr("donnees.json", json.dumps(data, ensure_ascii=False, indent=1))


def _name(model: type[models.Model]) -> str:
    return model._meta.db_table.removeprefix(f"{model._meta.app_label}_")


def _tables(dossiers: list[int]) -> Iterator[tuple[type[models.Model], models.QuerySet[Any]]]:
    """Each table with its rows that belong to some dossiers, the dossiers first."""
    for model, path in _paths().items():
        rows: models.QuerySet[Any] = model._default_manager.filter(**{f"{path}__in": dossiers})
        yield model, rows.distinct().order_by("pk")


def _paths() -> dict[type[models.Model], str]:
    """How each table leads to a dossier by its foreign keys, the shortest way; a file leads there by its pieces."""
    reached: dict[type[models.Model], str] = {Dossier: "pk", Blob: "pieces__dossier"}
    known = list(apps.get_app_config("records").get_models())
    while True:
        more = {
            model: f"{field.name}__{reached[field.related_model]}"
            for model in known
            if model not in reached
            for field in model._meta.concrete_fields
            if isinstance(field, models.ForeignKey) and field.related_model in reached
        }
        if not more:
            return reached
        reached |= more


def _row(archive: zipfile.ZipFile, row: models.Model, agents: set[int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.related_model is Account and value is not None:
            agents.add(value)
        if isinstance(field, models.BinaryField) and value is not None:
            value = _bytes(archive, f"{_name(type(row))}-{row.pk}-{field.name}", bytes(value))
        elif isinstance(value, date | datetime):
            value = value.isoformat()
        elif isinstance(value, Decimal):
            value = str(value)
        found[field.attname] = value
    return found


def _bytes(archive: zipfile.ZipFile, name: str, content: bytes) -> Any:
    """Data as they are; anything else as a file, whose name is given."""
    try:
        return json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
    except (ValueError, OSError, EOFError):
        kind = next((kind for start, kind in _EXTENSIONS.items() if content.startswith(start)), "bin")
        path = f"fichiers/{name}.{kind}"
        archive.writestr(path, content)
        return path
