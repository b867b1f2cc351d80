"""Work is taken by one worker at a time, for a while: a killed worker loses it, and another takes it again.

Every moment is that of the database's clock, so that workers on several machines agree.  A lease that ends further in
the future than any lease lasts was given before the clock went back: it counts as ended.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final, TypeVar

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from recevable_web.records.models import Leased, Status

# How long a worker may go without a sign of progress.
LEASE: Final = timedelta(seconds=60)

Work = TypeVar("Work", bound=Leased)


class Lost(Exception):
    """The work was taken by another worker, or cancelled: what was about to be written must not be."""


def _free() -> Q:
    ended = Q(leased_until__lt=Now()) | Q(leased_until__gt=Now() + 2 * LEASE)
    return Q(status=Status.WAITING) | (Q(status=Status.RUNNING) & ended)


def take(model: type[Work]) -> Work | None:
    """The oldest work of a kind that nobody holds, held from now on; None when there is none."""
    free: Any = model._default_manager.filter(_free())
    # asked first without a lock: SQLite has one for the whole database
    if not free.exists():
        return None
    with transaction.atomic():
        found: Work | None = free.select_for_update(skip_locked=True, of=("self",), no_key=True).order_by("pk").first()
        if found is None:
            return None
        mine: Any = model._default_manager.filter(pk=found.pk)
        mine.update(
            status=Status.RUNNING,
            owner=secrets.token_hex(16),
            leased_until=Now() + LEASE,
            attempts=F("attempts") + 1,
        )
        taken: Work = mine.get()
    return taken


def keep(work: Leased, *, progress: bool = False, **changes: Any) -> None:
    """Hold the work for longer and write how far it is; inside the transaction of what was done.

    `progress` forgets the attempts.  Raises Lost, which must undo that transaction.
    """
    if progress:
        changes["attempts"] = 0
    if not _mine(work).update(leased_until=Now() + LEASE, **changes):
        raise Lost
    for name, value in changes.items():
        setattr(work, name, value)


def settle(work: Leased, status: Status = Status.DONE, **changes: Any) -> None:
    """End the work; inside the transaction of its result.  Raises Lost."""
    if not _mine(work).update(status=status, owner="", leased_until=None, **changes):
        raise Lost


def give_back(work: Leased, *, failed: bool = False) -> None:
    """Leave the work to another worker, at once; an attempt that has not `failed` is not counted."""
    attempts = work.attempts if failed else max(0, work.attempts - 1)
    _mine(work).update(status=Status.WAITING, owner="", leased_until=None, attempts=attempts)


def cancel(model: type[Leased], **which: Any) -> int:
    """Cancel what is not finished; its holder loses it at its next write.  Returns how many there were."""
    unfinished: Any = model._default_manager.filter(status__in=(Status.WAITING, Status.RUNNING), **which)
    found: int = unfinished.update(status=Status.CANCELLED, owner="", leased_until=None)
    return found


def _mine(work: Leased) -> Any:
    return type(work)._default_manager.filter(pk=work.pk, owner=work.owner, status=Status.RUNNING)
