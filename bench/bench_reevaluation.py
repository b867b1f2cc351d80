"""How fast a batch of re-evaluation is, as a share of the engine alone on the same bytes, in the same process.

    .venv/bin/python bench/bench_reevaluation.py

The engine decides the last versions of the sample dossiers as `decide_many` does; a worker decides them, compares each
with its answer before, and keeps the answers in the database, in SQLite, durably.  Processor time, so that a loaded
machine measures the same; best of three for each.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

ROUNDS = 3
BAR = 0.6


def cpu(work: Callable[[], object]) -> float:
    """The processor seconds of some work."""
    before = time.process_time()
    work()
    return time.process_time() - before


def main() -> int:
    """Print both rates and their ratio; 1 when it is under the bar."""
    with tempfile.TemporaryDirectory() as folder:
        from recevable_web import serve

        serve.prepare(Path(folder) / "demo")
        from django.db import connection
        from django.utils import timezone

        from recevable_web import packs
        from recevable_web.actions import batches
        from recevable_web.jobs import worker
        from recevable_web.records.models import Batch, DossierVersion, Evaluation

        pack = Evaluation.objects.latest("pk").pack
        programme = packs.opened(pack.pk)
        lines = [bytes(one) for one in DossierVersion.objects.order_by("dossier").values_list("composed", flat=True)]
        today = timezone.localdate()
        engine, batch = [], []
        for round_ in range(1, ROUNDS + 1):
            on = today + timedelta(days=round_)
            engine.append(cpu(lambda on=on: list(programme.decide_many(lines, on))))  # type: ignore[misc]
            batches.start(Batch.Kind.ASKED, pack, on, f"mesure {round_}")
            batch.append(cpu(worker.until_idle))
        count = len(lines)
        assert Evaluation.objects.filter(on__gt=today).count() == ROUNDS * count
        connection.close()
    alone, kept = min(engine) / count, min(batch) / count
    print(f"{count} dossiers ; moteur seul {alone * 1e3:.2f} ms par dossier ; réévaluation {kept * 1e3:.2f} ms")
    print(f"réévaluation / moteur : {alone / kept:.2f} (au moins {BAR})")
    return 0 if alone / kept >= BAR else 1


sys.exit(main())
