"""What the queue and the page of a dossier both say of the work on it: its deadline, who works on it."""

from __future__ import annotations

from datetime import date, datetime

import recevable
from recevable_web.actions import reservations
from recevable_web.records.models import Clock


def deadline(clock: str, day: date, today: date) -> str:
    """The day at the end of which silence is a decision, or why there is none."""
    if clock == Clock.RUNS:
        return f"{recevable.wording.day(day)}{' (dépassée)' if day < today else ''}"
    if clock == Clock.SUSPENDED:
        return "Suspendue : le demandeur complète"
    return "Réception non consignée" if clock == Clock.UNKNOWN else "–"


def worker(name: str, since: datetime | None) -> str:
    """`Inès Instruction depuis 10 h 42`, or a dash for nobody."""
    return "–" if since is None else f"{name} depuis {reservations.hour(since)}"
