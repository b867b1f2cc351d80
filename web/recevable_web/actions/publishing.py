"""A pack is proposed by one person, checked by a worker, and put in force by another person, from a day.

Nothing is edited here: a pack comes in as a ZIP archive, with the dossiers that try it, or from a folder.  The approval
is of what was checked: its files are those of the digest, and they are never changed.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from recevable_web import packs
from recevable_web.actions import batches, leases, register, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    READERS,
    UNFINISHED,
    Account,
    PackComparison,
    PackSubmission,
    PackVersion,
    Publication,
    Role,
    Status,
    SubmittedFile,
)

SUBMITTERS: Final = (Role.DRAFTER, Role.PUBLISHER)
OBSERVERS: Final = (*READERS, *SUBMITTERS, Role.ADMINISTRATOR)
MANIFEST: Final = "programme.yaml"
# Where the files of an archive are put: the pack, its schema, the dossiers that try it.
PACK, SCHEMAS, KNOWN = "regles", "schemas", "dossiers"
# An archive, a file in it, all of them, and how many.
MOST_ARCHIVE: Final = 20_000_000
MOST_FILE: Final = 4_000_000
MOST_TOTAL: Final = 64_000_000
MOST_FILES: Final = 5_000
MOST_WAITING: Final = 3
_KEPT: Final = (".yaml", ".json")
_ENCRYPTED: Final = 0x1
_LINK: Final = 0o120000


# --- what comes in ----------------------------------------------------------------------------------------------------


def from_archive(content: bytes) -> dict[str, bytes]:
    """The files of a ZIP archive, by name.  Raises Refused for what no pack holds."""
    if len(content) > MOST_ARCHIVE:
        raise Refused("TAILLE", f"L'archive dépasse {MOST_ARCHIVE // 10**6} Mo : ce n'est pas un paquet de règles.")
    found: dict[str, bytes] = {}
    total = 0
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            if len(entries) > MOST_FILES:
                raise Refused("NOMBRE", f"L'archive contient plus de {MOST_FILES} fichiers.")
            for entry in entries:
                name = _name(entry.filename)
                if entry.flag_bits & _ENCRYPTED:
                    raise Refused("CHIFFRE", "L'archive est protégée par un mot de passe : déposez-la sans.")
                if (entry.external_attr >> 16) & 0o170000 == _LINK:
                    raise Refused("LIEN", f"« {name} » est un lien : l'archive contient les fichiers eux-mêmes.")
                if not name.endswith(_KEPT):
                    continue
                if name in found:
                    raise Refused("DOUBLE", f"« {name} » est deux fois dans l'archive.")
                with archive.open(entry) as file:
                    # what the entry says of its size is not believed
                    found[name] = file.read(MOST_FILE + 1)
                total += len(found[name])
                if len(found[name]) > MOST_FILE or total > MOST_TOTAL:
                    raise Refused("TAILLE", "L'archive, une fois ouverte, est plus grande qu'aucun paquet de règles.")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError):
        raise Refused("ARCHIVE", "Ce fichier n'est pas une archive ZIP lisible.") from None
    return found


def from_folder(folder: Path) -> dict[str, bytes]:
    """The files of a folder, by name; links are not followed.  Raises Refused."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise Refused("LIEN", f"« {path.name} » est un lien : le dossier contient les fichiers eux-mêmes.")
        if path.is_file() and path.suffix in _KEPT:
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
        if len(found) > MOST_FILES or sum(map(len, found.values())) > MOST_TOTAL:
            raise Refused("TAILLE", "Ce dossier est plus grand qu'aucun paquet de règles.")
    return found


def _name(written: str) -> str:
    """The name of a file of an archive, relative and plain.  Raises Refused."""
    path = PurePosixPath(written.replace("\\", "/"))
    wrong = path.is_absolute() or ".." in path.parts or ":" in written or len(written) > 250
    if wrong or any(ord(char) < 32 for char in written):
        raise Refused("NOM", "L'archive contient un nom de fichier qui sort de son dossier.")
    return path.as_posix()


def arranged(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a pack, its schema and its known dossiers, each in its place, whatever folder holds them.

    A pack is where `programme.yaml` is; `schemas` and `fixtures` are in a folder above it.  Raises Refused.
    """
    homes = sorted(PurePosixPath(name).parent for name in files if PurePosixPath(name).name == MANIFEST)
    if len(homes) != 1:
        many = "en contient plusieurs" if homes else "n'en contient pas"
        raise Refused("MANIFESTE", f"Un paquet de règles a un fichier « {MANIFEST} » : ce dépôt {many}.")
    home = homes[0]
    found = {}
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_relative_to(home):
            found[f"{PACK}/{path.relative_to(home)}"] = content
            continue
        for above in home.parents:
            if path.is_relative_to(above / "schemas"):
                found[f"{SCHEMAS}/{path.relative_to(above / 'schemas')}"] = content
            elif path.is_relative_to(above / "fixtures" / home.name):
                found[f"{KNOWN}/{path.relative_to(above / 'fixtures' / home.name)}"] = content
    return found


# --- what is done -----------------------------------------------------------------------------------------------------


def visible(actor: Account) -> QuerySet[PackSubmission]:
    """The proposals of the programmes that somebody follows."""
    return PackSubmission.objects.filter(programme__in=rights.programmes(actor, OBSERVERS))


def submit(
    actor: Account, programme: str, files: Mapping[str, bytes], in_force_from: date, label: str, reason: str
) -> PackSubmission:
    """Propose a pack; a worker checks it.  `files` are those of an archive or a folder."""
    rights.require(actor, programme, *SUBMITTERS)
    if not reason.strip() or not label.strip():
        raise Refused("MOTIF", "Dites comment s'appelle cette version, et pourquoi les règles changent.")
    if in_force_from < timezone.localdate():
        raise Refused(
            "DATE", "Des règles n'entrent pas en vigueur dans le passé : choisissez aujourd'hui ou plus tard."
        )
    placed = arranged(files)
    digest = hashlib.sha256()
    for name in sorted(placed):
        digest.update(f"{name}\0{hashlib.sha256(placed[name]).hexdigest()}\n".encode())
    with transaction.atomic():
        Account.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.pk)
        waiting = PackSubmission.objects.filter(submitted_by=actor, status__in=UNFINISHED)
        if waiting.count() >= MOST_WAITING:
            raise Refused("LIMITE", f"Vous avez déjà {MOST_WAITING} dépôts en cours de contrôle : attendez leur fin.")
        found = PackSubmission.objects.create(
            programme=programme,
            label=label.strip()[:200],
            reason=reason.strip(),
            in_force_from=in_force_from,
            submitted_by=actor,
            sha256=digest.hexdigest(),
        )
        SubmittedFile.objects.bulk_create(
            [SubmittedFile(submission=found, name=name, content=content) for name, content in placed.items()],
            batch_size=200,
        )
    return found


def approve(actor: Account, submission: PackSubmission, on: date) -> Publication:
    """Put a checked pack in force from a day, by another person than its author; dossiers are evaluated again.

    What is in force must be what the pack was compared with.
    """
    rights.require(actor, submission.programme, Role.PUBLISHER)
    stale = ""
    with transaction.atomic():
        held = _open(submission)
        if held.submitted_by_id == actor.pk:
            raise Refused("QUATRE-YEUX", "Qui propose des règles ne les approuve pas : une autre personne le fait.")
        if held.status != Status.DONE or held.pack is None:
            raise Refused("CONTROLE", "Ces règles n'ont pas passé tous les contrôles : elles ne s'approuvent pas.")
        today = timezone.localdate()
        if on < today or on < held.in_force_from:
            earliest = max(today, held.in_force_from)
            raise Refused("DATE", f"Ces règles entrent en vigueur le {earliest:%d/%m/%Y} au plus tôt.")
        now = packs.in_force(held.programme, on)
        if now is not None and held.report.get("base") != now.pk:
            stale = "Les règles en vigueur ont changé depuis ce contrôle : relisez ce qui change, puis approuvez."
            held.report = {**held.report, "base": now.pk}
            held.save(update_fields=["report"])
            compare(now, held.pack)
        else:
            publication = packs.publish(held.pack, on, actor)
            held.outcome, held.settled_by, held.settled_at = PackSubmission.Outcome.APPROVED, actor, timezone.now()
            held.publication = publication
            held.save(update_fields=["outcome", "settled_by", "settled_at", "publication"])
            register.append(
                "publication", f"{held.programme} : {held.label}"[:300], _content(held, on), held.submitted_by, actor
            )
    if stale:
        raise Refused("PERIME", stale)
    if on <= today:
        batches.due(today)
    return publication


def discard(actor: Account, submission: PackSubmission, comment: str) -> PackSubmission:
    """Set a proposal aside, with the reason; its author may do so too."""
    if not comment.strip():
        raise Refused("MOTIF", "Dites pourquoi ces règles sont écartées.")
    if submission.submitted_by_id != actor.pk:
        rights.require(actor, submission.programme, Role.PUBLISHER)
    else:
        rights.require(actor, submission.programme, *SUBMITTERS)
    with transaction.atomic():
        held = _open(submission)
        held.outcome, held.settled_by, held.settled_at = PackSubmission.Outcome.DISCARDED, actor, timezone.now()
        held.comment = comment.strip()
        held.save(update_fields=["outcome", "settled_by", "settled_at", "comment"])
        leases.cancel(PackSubmission, pk=held.pk)
    return held


def compare(old: PackVersion, new: PackVersion) -> PackComparison:
    """What changes from a pack to another; a worker works it out the first time."""
    found, _ = PackComparison.objects.get_or_create(old=old, new=new)
    return found


def _open(submission: PackSubmission) -> PackSubmission:
    held = PackSubmission.objects.select_for_update(of=("self",), no_key=True).get(pk=submission.pk)
    if held.outcome != PackSubmission.Outcome.OPEN:
        raise Refused("DEJA-TRAITE", "Cette proposition a déjà été approuvée ou écartée.")
    return held


def _content(submission: PackSubmission, on: date) -> bytes:
    """What the register keeps of a publication."""
    assert submission.pack is not None
    return json.dumps(
        {
            "programme": submission.programme,
            "version": submission.label,
            "paquet_sha256": submission.pack.digest,
            "depot_sha256": submission.sha256,
            "en_vigueur_a_partir_du": on.isoformat(),
            "motif": submission.reason,
            "essais_joues": submission.report.get("joues"),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
