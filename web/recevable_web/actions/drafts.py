"""What every kind of draft shares: opened once on an object, locked, set aside when it can no longer be signed.

What is proper to a kind is its `Kind`; `actions/acts.py` lists them and signs, sends back, takes back.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from recevable_web.actions import dossiers, history, letters, reservations, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account, Act, Dossier, Draft, Role, State


class Kind(ABC):
    """What is proper to a kind of draft.  Everything is called in the transaction that holds the dossier's row.

    `prepares` are the roles that prepare one and take it back.
    """

    prepares: ClassVar[tuple[Role, ...]] = (Role.INSTRUCTOR,)

    @abstractmethod
    def title(self, draft: Draft) -> str:
        """What the draft is, in the history of the dossier: `solde : accepter`."""

    def lines(self, draft: Draft) -> list[tuple[str, str]]:
        """What it binds the agency to, as names and values in French, for the person who signs."""
        return []

    @abstractmethod
    def what_moved(self, dossier: Dossier, draft: Draft) -> list[str]:
        """Why it can no longer be signed, in sentences; none when it can."""

    def letter(self, draft: Draft) -> letters.Wanted | None:
        """The letter that announces the act to the applicant; None when there is none."""
        return None

    @abstractmethod
    def sealed(self, draft: Draft) -> tuple[str, bytes]:
        """The kind of the act, and its content."""

    @abstractmethod
    def signed(self, dossier: Dossier, draft: Draft, act: Act) -> State | None:
        """Write what follows from the signature; returns the state that the dossier enters, None when it stays."""

    def dropped(self, dossier: Dossier, draft: Draft) -> State | None:
        """As `signed`, for a draft that was sent back or taken back."""
        return None


def begin(actor: Account, dossier: Dossier, seen: int, *roles: Role) -> Dossier:
    """The dossier, locked for somebody who prepares something on it; refused without one of some roles."""
    rights.require(actor, dossier.programme, *roles)
    held = dossiers.locked(dossier, seen)
    reservations.guard(actor, held)
    return held


def create(actor: Account, kind: Kind, dossier: Dossier, name: Draft.Kind, **fields: Any) -> Draft:
    """A draft on a locked dossier; refused when one is open on the same object and can still be signed."""
    draft = Draft(kind=name, dossier=dossier, prepared_by=actor, **fields)
    _expire(actor, kind, draft)
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError:
        message = "Une décision est déjà préparée" if name == Draft.Kind.DECISION else "Un projet est déjà préparé"
        on = "cette demande" if draft.request else "cette procédure"
        raise Refused("DEJA-PREPARE", f"{message} sur {on}.") from None
    return draft


def _expire(actor: Account, kind: Kind, new: Draft) -> None:
    """Set aside an open draft on the same object that can no longer be signed: another takes its place."""
    same = {"kind": new.kind, "request": new.request, "key": new.key, "about": new.about}
    for draft in new.dossier.drafts.filter(**same, status=Draft.Status.PREPARED).select_related("evaluation"):
        moved = kind.what_moved(new.dossier, draft)
        if moved:
            settle(draft, Draft.Status.STALE, actor)
            sentence = f"{draft.request or kind.title(draft)} : le projet préparé avant n'est plus signable. {moved[0]}"
            history.tell(new.dossier, actor, "caducite", sentence)


def held(draft: Draft) -> tuple[Dossier, Draft]:
    """The dossier and the draft, locked, the draft still open."""
    dossier = Dossier.objects.select_for_update(of=("self",)).get(pk=draft.dossier_id)
    kept = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if kept.status != Draft.Status.PREPARED:
        by = kept.settled_by.name if kept.settled_by is not None else "quelqu'un"
        at = timezone.localtime(kept.settled_at).strftime("%H:%M") if kept.settled_at is not None else ""
        raise Refused("DEJA-TRAITE", f"{by} a déjà traité ce projet à {at}.")
    return dossier, kept


def settle(draft: Draft, status: Draft.Status, actor: Account, comment: str = "") -> None:
    """Write what became of a locked draft."""
    draft.status, draft.settled_by, draft.settled_at, draft.comment = status, actor, timezone.now(), comment
    draft.save(update_fields=["status", "settled_by", "settled_at", "comment"])
