"""Who works on a dossier: taken by opening it to work, for a time that each act renews; taken over with a reason.

A reservation that has expired is nobody's.  It holds back other instructors, never the person who signs.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

import recevable
from recevable_web.actions import history, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account, Dossier, Reservation, Role

# How long a dossier stays reserved after the last act on it.
LASTS: Final = timedelta(minutes=30)


def of(dossier: Dossier) -> Reservation | None:
    """The reservation that holds now, or None."""
    return Reservation.objects.filter(dossier=dossier, until__gt=timezone.now()).select_related("account").first()


def hour(instant: datetime) -> str:
    """`10 h 42`, with its day when it is not today's."""
    hour = recevable.wording.hour(instant, timezone.get_current_timezone())
    day = timezone.localtime(instant).date()
    return hour if day == timezone.localtime().date() else f"le {recevable.wording.day(day)} à {hour}"


def words(found: Reservation) -> str:
    """`Inès Instruction instruit ce dossier depuis 10 h 42.`"""
    return sentence(found.account.name, found.since)


def sentence(name: str, since: datetime) -> str:
    """The same, of somebody's name and an instant."""
    return f"{name} instruit ce dossier depuis {hour(since)}."


def reserve(actor: Account, dossier: Dossier) -> Reservation:
    """Take a dossier to work on it, or keep it longer; refused while it is somebody else's."""
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    with transaction.atomic():
        return guard(actor, _locked(dossier), event=True)


def guard(actor: Account, held: Dossier, *, event: bool = False) -> Reservation:
    """Refuse an act on a dossier that somebody else works on; the dossier, locked, becomes or stays the actor's."""
    found = of(held)
    if found is not None and found.account_id != actor.pk:
        until = recevable.wording.hour(found.until, timezone.get_current_timezone())
        raise Refused(
            "RESERVE",
            f"{words(found)} Sans nouvel acte de sa part, il sera libre à {until} ; vous pouvez aussi le reprendre, en "
            "disant pourquoi.",
        )
    taken = _take(actor, held, found)
    if event and found is None:
        history.tell(held, actor, "reservation", "Dossier pris pour instruction.")
    return taken


def take_over(actor: Account, dossier: Dossier, reason: str) -> Reservation:
    """Take a dossier that somebody else works on, saying why: the timeline tells it."""
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    if not reason.strip():
        raise Refused("MOTIF", "Dites pourquoi vous reprenez ce dossier : la personne qui l'instruit le lira.")
    with transaction.atomic():
        held = _locked(dossier)
        found = of(held)
        if found is None or found.account_id == actor.pk:
            return guard(actor, held, event=True)
        text = f"Dossier repris à {found.account.name} : {reason.strip()[:500]}"
        taken = _take(actor, held, None)
        history.tell(held, actor, "reprise", text)
    return taken


def release(actor: Account, dossier: Dossier) -> None:
    """Give a dossier back; refused when it is not the actor's."""
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    with transaction.atomic():
        found = of(_locked(dossier))
        if found is None:
            raise Refused("LIBRE", "Personne n'instruit ce dossier : il est déjà libre.")
        if found.account_id != actor.pk:
            raise Refused("RESERVE", f"{words(found)} Seule cette personne peut le libérer.")
        found.delete()
        history.tell(dossier, actor, "liberation", "Dossier libéré.")


def assign(actor: Account, dossier: Dossier, to: Account | None) -> None:
    """Say who instructs a dossier, None for nobody: an instructor of its programme; the timeline tells it."""
    rights.require(actor, dossier.programme, Role.INSTRUCTOR, Role.VALIDATOR)
    if to is not None and not rights.has(to, dossier.programme, Role.INSTRUCTOR):
        raise Refused("AFFECTATION", f"{to.name} n'est pas instructeur de ce programme.")
    with transaction.atomic():
        held = _locked(dossier)
        if held.instructor_id == (to.pk if to is not None else None):
            name = "personne" if to is None else to.name
            raise Refused("DEJA-AFFECTE", f"Ce dossier est déjà affecté à {name}.")
        held.instructor = to
        held.save(update_fields=["instructor"])
        history.tell(held, actor, "affectation", "Affecté à personne." if to is None else f"Affecté à {to.name}.")
    dossier.instructor = to


def _locked(dossier: Dossier) -> Dossier:
    return Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)


def _take(actor: Account, held: Dossier, found: Reservation | None) -> Reservation:
    now = timezone.now()
    since = now if found is None else found.since
    taken, _ = Reservation.objects.update_or_create(
        dossier=held, defaults={"account": actor, "since": since, "until": now + LASTS}
    )
    return taken
