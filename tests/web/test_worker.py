"""Workers that are killed or stopped at any moment: nothing lost, nothing double; signs of life."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import connections
from django.utils import timezone
from tests.web import small_pack
from tests.web.conftest import People, use

import recevable
from recevable_web import packs
from recevable_web.actions import batches, dossiers, exports, leases, statistics
from recevable_web.jobs import worker
from recevable_web.records.models import (
    Batch,
    BatchSlice,
    Dossier,
    Evaluation,
    EvaluationRequest,
    Export,
    Role,
    Status,
    WorkerSign,
)

# As many as a test run can afford, on SQLite; `.ci/run` asks for fifty, on both databases.
KILLS = int(os.environ.get("RECEVABLE_TEST_KILLS", "1"))
FIRST = date(2020, 1, 1)
WORKERS = 2
PROGRAMME = small_pack.PROGRAMME
# A worker whose leases end soon and whose slices and groups are small, so that kills fall between them.
CODE = """
import sys
import django
django.setup()
from datetime import timedelta
from recevable_web.actions import batches, leases
from recevable_web.jobs import exporting, worker
leases.LEASE = timedelta(seconds=1)
batches.SLICE, batches.GROUP, exporting.PAGE, exporting.PART = 7, 2, 3, 1_000
print("prêt", flush=True)
worker.in_foreground(0.05)
print("fini", flush=True)
"""


def started(url: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "RECEVABLE_WEB_DATABASE_URL": url, "RECEVABLE_WEB_DAILY": "non"}
    return subprocess.Popen([sys.executable, "-c", CODE], stdout=subprocess.PIPE, text=True, env=environment)


def ready(one: subprocess.Popen[str]) -> subprocess.Popen[str]:
    assert one.stdout is not None
    assert one.stdout.readline() == "prêt\n"
    return one


def _filled(count: int) -> None:
    """Dossiers of a small programme, whose rules open in no time."""
    packs.publish(packs.store(recevable.open_programme(recevable.MemorySource(small_pack.files())), "1"), FIRST)
    instructor = People()("ines", Role.INSTRUCTOR, programme=PROGRAMME)
    for rank in range(count):
        pieces = {"facture": {"lisible": True}} if rank % 3 else {}
        dossier = {
            "programme": PROGRAMME, "reference": f"V-{rank}", "velo": {"achete_le": f"2024-0{1 + rank % 6}-15"},
            "prime": {"deposee_le": "2024-07-20T10:00:00+02:00", "pieces": pieces},
        }  # fmt: skip
        dossiers.receive(instructor, PROGRAMME, json.dumps(dossier).encode(), f"{rank}.json")


@pytest.mark.thorough
@pytest.mark.usefixtures("_environment")
def test_workers_killed_at_any_moment_lose_and_double_nothing(url: str) -> None:
    use(url)
    _filled(60)
    instructor = People()("ivan", Role.INSTRUCTOR, programme=PROGRAMME)
    tomorrow = timezone.localdate() + timedelta(days=1)
    pack = Evaluation.objects.latest("pk").pack
    batch = batches.start(Batch.Kind.ASKED, pack, tomorrow, "essai", instructor)
    export = exports.ask(instructor, PROGRAMME, exports.CSV)
    connections["default"].close()
    chance = random.Random(20261129)
    running = [started(url) for _ in range(WORKERS)]
    ready(running[0])
    for _ in range(KILLS):
        time.sleep(chance.uniform(0, 0.2))
        victim = running.pop(chance.randrange(len(running)))
        victim.kill()
        victim.communicate()
        running.append(started(url))
    _wait(batch, export)
    for one in running:
        one.send_signal(signal.SIGTERM)
        assert one.communicate()[0].endswith("fini\n")
        assert one.returncode == 0
    _whole(batch, export, tomorrow)
    connections["default"].close()


def _wait(batch: Batch, export: Export) -> None:
    for _ in range(600):
        batch.refresh_from_db()
        export.refresh_from_db()
        if batch.state != Batch.State.RUNNING and export.status not in (Status.WAITING, Status.RUNNING):
            return
        time.sleep(0.2)
    raise AssertionError(list(BatchSlice.objects.values("rank", "status", "reached", "done", "attempts")))


def _whole(batch: Batch, export: Export, on: date) -> None:
    """Each dossier evaluated once, each request of it kept once, and each counted once."""
    assert (batch.state, export.status) == (Batch.State.DONE, Status.DONE)
    count = Dossier.objects.count()
    assert count == 60
    progress = batches.progress([batch])[batch.pk]
    assert progress[:2] == (count, count)
    assert progress.failed == 0
    evaluated = Counter(Evaluation.objects.filter(on=on).values_list("version__dossier", flat=True))
    assert evaluated == dict.fromkeys(Dossier.objects.values_list("pk", flat=True), 1)
    asked = Counter(EvaluationRequest.objects.filter(evaluation__on=on).values_list("evaluation", "name"))
    assert set(asked.values()) == {1}
    assert len({evaluation for evaluation, _ in asked}) == count
    # each dossier has the requests that the decision holds
    assert len(asked) == len({(pk, name) for pk, name in _told(on)})
    assert len(list(exports.content(export.account, export))) == export.parts.filter(taking=export.taking).count()
    assert statistics.totals(PROGRAMME) == statistics.recounted(PROGRAMME)


def _told(on: date) -> Iterator[tuple[int, str]]:
    for one in Evaluation.objects.filter(on=on):
        for name in json.loads(dossiers.decision(one))["demandes"]:
            yield one.pk, name


@pytest.mark.both_databases
def test_a_worker_gives_signs_of_life_and_takes_them_away(database: str) -> None:
    assert not WorkerSign.objects.exists()
    one = worker.Worker(idle=0)
    one.turn()
    sign = WorkerSign.objects.get()
    assert sign.name == one.name
    assert timezone.now() - sign.seen_at < timedelta(minutes=1)
    WorkerSign.objects.update(seen_at=timezone.now() - 5 * leases.LEASE)
    worker.upkeep()
    assert not WorkerSign.objects.exists()


@pytest.mark.both_databases
def test_a_database_that_fails_does_not_end_a_worker(
    database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one = worker.Worker(idle=0)
    turns: list[int] = []

    def failing() -> bool:
        turns.append(1)
        if len(turns) == 3:
            one.stop()
        raise OSError("mot de passe")

    monkeypatch.setattr(one, "turn", failing)
    monkeypatch.setattr("django.db.connection.close", lambda: None)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    one.run()
    assert len(turns) == 3
    assert "OSError" in caplog.text
    assert "mot de passe" not in caplog.text


@pytest.mark.both_databases
def test_upkeep_starts_the_batch_of_the_day_once(database: str) -> None:
    worker.upkeep()
    worker.upkeep()
    assert [one.on for one in Batch.objects.all()] == [timezone.localdate()]
