"""One programme, many threads: every decision is that of a thread alone, from the first dossier on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from recevable.decision import decide
from recevable.decision.decide import Decider
from recevable.dossier.dossier import Dossier, load
from recevable.dossier.facts import Extractor
from recevable.programme import Programme, open_programme
from recevable.report.json_format import decision_data

ROOT = Path(__file__).parents[2]
DAY = date(2023, 9, 4)
NAMES = ("avance-developpeur-complete", "solde-cas-b", "enrolement-cinq-defauts", "solde-cinq-defauts")
THREADS = 8


@pytest.fixture
def programme(monkeypatch: pytest.MonkeyPatch) -> Programme:
    monkeypatch.setenv("RECEVABLE_CACHE", "non")
    return open_programme(ROOT / "rules" / "af-ope-mss")


@pytest.fixture(autouse=True)
def _threads_often_switched() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def _dossiers(programme: Programme) -> list[Dossier]:
    contents = [(ROOT / "fixtures" / "af-ope-mss" / f"{name}.json").read_bytes() for name in NAMES]
    return [load(content, name, programme.validator) for content, name in zip(contents, NAMES, strict=True)]


@pytest.mark.thorough
def test_eight_threads_on_one_cold_decider_give_what_one_gives(programme: Programme) -> None:
    dossiers = _dossiers(programme)
    alone = [decision_data(Decider(programme.compiled, programme.pack.schema).decide(one, DAY)) for one in dossiers]
    for _ in range(3):
        shared, together = Decider(programme.compiled, programme.pack.schema), Barrier(THREADS)

        def work(rank: int, shared: Decider = shared, together: Barrier = together) -> list[object]:
            together.wait()
            turned = [*dossiers[rank % len(dossiers) :], *dossiers[: rank % len(dossiers)]]
            found = {one.sha256: decision_data(shared.decide(one, DAY)) for one in turned}
            return [found[one.sha256] for one in dossiers]

        with ThreadPoolExecutor(THREADS) as pool:
            assert list(pool.map(work, range(THREADS))) == [alone] * THREADS


def test_a_context_built_while_another_thread_reads_a_dossier_gets_its_own_fields(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance, balance = _dossiers(programme)[:2]
    expected = decision_data(Decider(programme.compiled, programme.pack.schema).decide(balance, DAY))
    real: Any = Extractor
    built: list[str] = []

    def interrupted(fields: object, layout: object) -> object:
        fill = real(fields, layout)
        if not built:
            built.append("solde")
            programme.decider.context_decider("solde")
        return fill

    monkeypatch.setattr(decide, "Extractor", interrupted)
    monkeypatch.setattr(programme.compiled, "extractor", None)  # that of all contexts, which a prepared pack has
    programme.decider.decide(advance, DAY)
    assert built
    assert decision_data(programme.decider.decide(balance, DAY)) == expected
