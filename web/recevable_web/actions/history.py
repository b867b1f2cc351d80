"""The history of a dossier, which its page shows."""

from __future__ import annotations

from recevable_web.records.models import Account, Dossier, Event


def tell(dossier: Dossier, actor: Account, kind: str, text: str) -> None:
    """Add to the history of a dossier."""
    Event.objects.create(dossier=dossier, account=actor, kind=kind, text=text)
