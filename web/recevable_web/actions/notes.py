"""Notes between agents: added, never changed, never in a letter."""

from __future__ import annotations

from typing import Final

from recevable_web.actions import rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account, Dossier, Note, Role

# Characters of a note.
LONGEST: Final = 5_000


def add(actor: Account, dossier: Dossier, text: str) -> Note:
    """Add a note to a dossier."""
    rights.require(actor, dossier.programme, Role.INSTRUCTOR, Role.VALIDATOR, Role.CONTROLLER)
    plain = text.replace("\r\n", "\n").strip()
    if not plain:
        raise Refused("VIDE", "Écrivez la note avant de l'ajouter.")
    if len(plain) > LONGEST:
        raise Refused("LONGUE", f"Cette note a {len(plain)} caractères : {LONGEST} au plus.")
    return Note.objects.create(dossier=dossier, author=actor, text=plain)
