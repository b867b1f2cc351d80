"""What the queue and the page of a dossier both say of the work on it: its deadline, who works on it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

import recevable
from recevable_web.actions import deadlines, reservations
from recevable_web.records.models import NO_DEADLINE, UNKNOWN_DEADLINE, Clock


def deadline(clock: str, day: date, today: date, resumes: date | None = None) -> str:
    """The day at the end of which silence is a decision, or why there is none; the latest, while it is suspended."""
    if clock in (Clock.RUNS, Clock.SUSPENDED) and day < NO_DEADLINE:
        words = f"{recevable.wording.day(day)}{' (dépassée)' if day < today else ''}"
        held = resumes is not None and today < resumes
        return f"{words} au plus tard ; délai {suspended(resumes)}" if held and resumes is not None else words
    if clock == Clock.SUSPENDED:
        return "Suspendue : le demandeur complète"
    return "Réception non consignée" if clock == Clock.UNKNOWN else "–"


def suspended(resumes: date) -> str:
    """Until which day (included) a delay is suspended, at the latest."""
    return f"suspendu jusqu'au {recevable.wording.day(resumes - timedelta(days=1))} inclus"


def until(day: date, instant: datetime | None, resumes: date | None, today: date, counted: date | None = None) -> str:
    """The last day of a delay as a date, never as a number of days; from which day it is carried, until when suspended.

    `counted` is the day that the delay itself gives, when it is not `day`.
    """
    words = recevable.wording
    if day == UNKNOWN_DEADLINE:
        if counted is None:
            return "dernier jour inconnu : ce dont il dépend n'est pas consigné"
        return f"au plus tôt le {words.day(counted)} : le calendrier des jours fériés ne va pas jusque-là"
    if instant is not None:
        last = f"{words.day(day)} à {words.hour(instant, timezone.get_current_timezone())}"
    else:
        last = f"{words.day(day)} inclus"
    if resumes is not None and today < resumes:
        return f"{suspended(resumes)}, puis au plus tard jusqu'au {last}"
    carried = "" if counted is None else f", le {words.day(counted)} n'étant pas un jour ouvré"
    return (f"dépassé depuis le {words.day(day)}" if day < today else f"jusqu'au {last}") + carried


def post(kind: str, day: date) -> str:
    """What a letter waits for, and since which day."""
    words = {deadlines.TO_SEND: "à envoyer, fait le", deadlines.TO_PROVE: "remise non prouvée, envoyé le"}
    return f"{words.get(kind, 'revenu le')} {recevable.wording.day(day)}"


def worker(name: str, since: datetime | None) -> str:
    """`Inès Instruction depuis 10 h 42`, or a dash for nobody."""
    return "–" if since is None else f"{name} depuis {reservations.hour(since)}"
