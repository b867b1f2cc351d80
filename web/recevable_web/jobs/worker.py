"""A worker: it takes work, does it, and takes the next, until it is asked to stop.

As many as one likes may run, on several machines; the database alone says who does what.  A worker that is killed
loses nothing: the lease of its work ends, and another takes it again.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.db import close_old_connections, connection
from django.db.models.functions import Now
from django.utils import timezone

from recevable_web.actions import batches, exports, leases, sending, statistics
from recevable_web.jobs import checking, exporting
from recevable_web.records.models import (
    BatchSlice,
    Export,
    Leased,
    PackComparison,
    PackSubmission,
    Status,
    WorkerSign,
)

# Seconds between two looks when there is nothing to do, two signs of life, two rounds of upkeep.
IDLE: Final = 1.0
SIGN: Final = 15.0
UPKEEP: Final = 60.0
# An export or a check that was interrupted this many times is given up.
MOST_ATTEMPTS: Final = 5

_LOG = logging.getLogger(__name__)

# What is done, the shortest first.
KINDS: Final[tuple[tuple[type[Leased], Callable[[Any, Callable[[], bool]], None]], ...]] = (
    (PackComparison, checking.compare),
    (Export, exporting.write),
    (PackSubmission, checking.check),
    (BatchSlice, batches.work),
)


class Worker:
    """A loop over the work of the database; `stop` ends it after what it is writing."""

    def __init__(self, idle: float = IDLE) -> None:
        self.idle = idle
        self.asked = threading.Event()
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{threading.get_ident() % 10_000}"
        self._signed = self._kept = float("-inf")

    def stop(self) -> None:
        """Ask the worker to stop: the group of dossiers or the page that it is at is finished, the rest left."""
        self.asked.set()

    def run(self) -> None:
        """Work until asked to stop."""
        while not self.asked.is_set():
            close_old_connections()
            try:
                busy = self.turn()
            except Exception as error:  # noqa: BLE001  # a database that restarts must not end the worker
                # its message may hold a value: only its kind is logged
                _LOG.error("worker: %s", type(error).__name__)
                connection.close()
                busy = False
            if not busy:
                self.asked.wait(self.idle)
        WorkerSign.objects.filter(name=self.name).delete()
        connection.close()

    def turn(self) -> bool:
        """Show a sign of life, do the upkeep when it is time, and one piece of work; returns whether there was one."""
        now = time.monotonic()
        if now - self._signed >= SIGN:
            self._signed = now
            WorkerSign.objects.update_or_create(name=self.name, defaults={"seen_at": timezone.now()})
        if now - self._kept >= UPKEEP:
            self._kept = now
            upkeep()
        return any(self._one(model, do) for model, do in KINDS)

    def _one(self, model: type[Leased], do: Callable[[Any, Callable[[], bool]], None]) -> bool:
        work = leases.take(model)
        if work is None:
            return False
        try:
            if work.attempts > MOST_ATTEMPTS and not isinstance(work, BatchSlice):
                failure = "Le travail s'est interrompu plusieurs fois : recommencez, ou prévenez l'administrateur."
                leases.settle(work, Status.FAILED, failure=failure)
            else:
                do(work, self.asked.is_set)
        except leases.Lost:
            _LOG.warning("%s %d was taken by another worker, or cancelled", model.__name__, work.pk)
        except Exception as error:  # noqa: BLE001  # tried again later, a few times
            _LOG.error("%s %d: %s", model.__name__, work.pk, type(error).__name__)
            leases.give_back(work, failed=True)
            self.asked.wait(self.idle)
        return True


def upkeep() -> None:
    """What time brings: batches that are due, files that expire, letters to write out, statistics to merge, signs."""
    if settings.DAILY:
        batches.due(timezone.localdate())
    exports.sweep()
    sending.deposit_all()
    statistics.begin()
    while statistics.merge():
        pass
    WorkerSign.objects.filter(seen_at__lt=Now() - 4 * leases.LEASE).delete()


def in_background(idle: float = IDLE) -> tuple[Worker, threading.Thread]:
    """A worker in a thread of this process, for the demonstration; stopped with it."""
    worker = Worker(idle)
    thread = threading.Thread(target=worker.run, name="worker", daemon=True)
    thread.start()
    return worker, thread


def in_foreground(idle: float = IDLE) -> None:
    """A worker in this process, until SIGTERM or SIGINT."""
    worker = Worker(idle)
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: worker.stop())
    worker.run()


def until_idle(most: int = 10_000) -> int:
    """Do all the work that there is, in this thread; returns how many pieces.  For tests and commands."""
    worker, done = Worker(), 0
    while done < most and any(worker._one(model, do) for model, do in KINDS):
        done += 1
    return done
