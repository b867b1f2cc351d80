"""The pieces of a dossier: files that are joined, once they have shown what they are.

A file is never judged by its name.  What it is, its pages and what it could do by itself are found by
`recevable_web.inspection`; a command of the installation (`RECEVABLE_WEB_ANTIVIRUS`) may put it in quarantine.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import subprocess
import unicodedata
from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

import recevable
from recevable_web import inspection, packs
from recevable_web.actions import dossiers, history, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account, Blob, BlobContent, Dossier, Piece, Role

# Bytes of a file, and files of a dossier.
MOST_BYTES: Final = 20_000_000
MOST_PIECES: Final = 500
# Characters of the name of a file.
_NAME: Final = 150
# Seconds that the antivirus has, and what its exit codes mean, as those of ClamAV.
_ANTIVIRUS_WITHIN: Final = 120
_CLEAN, _INFECTED = 0, 1
# The place of a file that the schema names none for.
ELSEWHERE: Final = ""
_OTHER: Final = "Autres pièces"


def places(dossier: Dossier) -> dict[str, str]:
    """Where a file may be joined: each place of the programme in force with its title, then `ELSEWHERE`."""
    pack = packs.in_force(dossier.programme, timezone.localdate())
    found = () if pack is None else packs.opened(pack.pk).documents()
    return {**{one.path: one.title for one in found}, ELSEWHERE: _OTHER}


def attach(actor: Account, dossier: Dossier, place: str, name: str, content: bytes) -> Piece:
    """Join a file to a dossier, at a place of its schema (`solde.pieces.facture`) or at none (`ELSEWHERE`).

    Nothing of the dossier's data changes.  Refused, in a sentence, when it is none of the kinds that are taken, too
    large, one too many, or there already.
    """
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    known = places(dossier)
    if place not in known:
        raise Refused("PLACE", "Cette pièce n'est pas de celles que le programme demande : choisissez sa place.")
    if len(content) > MOST_BYTES:
        raise Refused("TAILLE", f"Ce fichier est trop lourd : {size(MOST_BYTES)} au plus.")
    full = Refused("NOMBRE", f"Ce dossier a déjà {MOST_PIECES} pièces : il n'en prend pas plus.")
    if dossier.pieces.count() >= MOST_PIECES:
        raise full
    blob = _stored(content)
    with transaction.atomic():
        # the count holds up another that is joined at once
        held = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
        dossiers.whole(held)
        if held.pieces.filter(place=place, blob=blob).exists():
            raise Refused("DOUBLON", "Ce fichier est déjà joint à cet endroit du dossier.")
        if held.pieces.count() >= MOST_PIECES:
            raise full
        piece = Piece.objects.create(dossier=held, place=place, name=shown(name), blob=blob, author=actor)
        kept = ", mise en quarantaine" if blob.quarantine else ""
        text = f"Pièce jointe{kept} : {piece.name} ({known[place]})."
        history.tell(held, actor, "piece", text)
    return piece


def content(piece: Piece) -> bytes:
    """The bytes of a piece; refused when it is in quarantine or was erased, ValueError when they were altered."""
    if piece.blob.quarantine:
        raise Refused("QUARANTAINE", f"Cette pièce est en quarantaine : {piece.blob.quarantine}")
    found = BlobContent.objects.filter(blob=piece.blob_id).first()
    if found is None:
        raise Refused("EFFACEE", "Le contenu de cette pièce a été effacé, sa durée de conservation étant passée.")
    written = bytes(found.content)
    if hashlib.sha256(written).hexdigest() != piece.blob.sha256:
        raise ValueError("a piece has been altered")
    return written


def shown(name: str) -> str:
    """The name of a file as it may be shown: no folder, nothing that cannot be seen, nothing that turns the text."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # controls, formats (bidirectional ones among them), surrogates, private and unassigned characters
    kept = "".join(one for one in last if not unicodedata.category(one).startswith("C"))
    return " ".join(kept.split()).strip(" .")[:_NAME].strip() or "sans nom"


def size(count: int) -> str:
    """A number of bytes for people: `20 Mo`, `3 ko`, `12 octets`."""
    for unit, bytes_ in (("Mo", 1_000_000), ("ko", 1_000)):
        if count >= bytes_:
            return f"{recevable.wording.number(round(count / bytes_))}\N{NO-BREAK SPACE}{unit}"
    return recevable.wording.count(count, "octet", "octets")


def _stored(content: bytes) -> Blob:
    """The blob of these bytes, written if it is not there yet; inspected before any lock is taken."""
    digest = hashlib.sha256(content).hexdigest()
    found = Blob.objects.filter(sha256=digest).first()
    if found is not None:
        return found
    try:
        seen = inspection.inspect(content)
    except inspection.Unreadable as unreadable:
        raise Refused("CONTENU", str(unreadable)) from None
    quarantine = _quarantine(content)
    try:
        with transaction.atomic():
            blob = Blob.objects.create(
                sha256=digest,
                size=len(content),
                kind=seen.kind,
                pages=seen.pages,
                remarks="\n".join(seen.remarks),
                quarantine=quarantine,
            )
            BlobContent.objects.create(blob=blob, content=content)
    except IntegrityError:
        # somebody has just joined the same bytes
        return Blob.objects.get(sha256=digest)
    return blob


def _quarantine(content: bytes) -> str:
    """Why a file is put apart, by the antivirus of the installation; empty when it finds nothing, or there is none."""
    command = shlex.split(settings.ANTIVIRUS)
    if not command:
        return ""
    try:
        code = subprocess.run(
            command, input=content, capture_output=True, timeout=_ANTIVIRUS_WITHIN, check=False
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        code = -1
    return _FOUND.get(code, "l'antivirus n'a pas pu l'examiner.")


_FOUND: Final[Mapping[int, str]] = {_CLEAN: "", _INFECTED: "l'antivirus l'a reconnue comme dangereuse."}
