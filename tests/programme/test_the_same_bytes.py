"""What is remembered from one dossier to the next changes no byte: many varied dossiers, with memory and without."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Final

import pytest

from recevable import data
from recevable.decision.model import Decision
from recevable.pack.model import Result
from recevable.programme import Programme, open_programme
from recevable.report.json_format import decision_line
from recevable.report.resume import resume_line

ROOT: Final = Path(__file__).resolve().parents[2]
DAY: Final = date(2023, 10, 2)


def generated(programme: Programme, fixtures: Path, count: int) -> Iterator[bytes]:
    """The corpus of the bench."""
    spec = spec_from_file_location("corpus", ROOT / "bench" / "corpus.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield from module.corpus(fixtures, programme.pack.schema, count, seed=7)


@pytest.mark.parametrize("name", ["af-ope-mss", "reconditionneurs"])
def test_with_memory_and_without(name: str) -> None:
    folder = data.shipped("rules") / name
    quick, slow = open_programme(folder), open_programme(folder, remembered=0)
    seen, shared, same_lines = 0, 0, 0
    known: set[int] = set()
    kept: list[Decision] = []
    for rank, content in enumerate(generated(quick, data.shipped("fixtures") / name, 120)):
        dossier = quick.read(content)
        decision, other = quick.decide(dossier, DAY), slow.decide(dossier, DAY)
        written = decision_line(other)
        assert decision_line(decision) == written, rank
        assert decision_line(decision, f"d.ndjson:{rank}") == decision_line(other, f"d.ndjson:{rank}"), rank
        short = json.loads(resume_line(decision, "d"))
        assert short["sha256"] == hashlib.sha256(written).hexdigest(), rank
        # an identity is that of one object as long as it lives
        kept.append(decision)
        told = [id(f) for request in decision.requests for f in request.findings if f.values]
        seen, shared = seen + len(told), shared + sum(one in known for one in told)
        lines = [id(one) for request in decision.requests for one in request.amounts if one.value is not None]
        same_lines += sum(one in known for one in lines)
        known.update(told, lines)
    assert same_lines
    # some findings were said again, others were new
    assert 0 < shared < seen


def test_without_memory_no_finding_is_shared() -> None:
    programme = open_programme(data.shipped("rules") / "af-ope-mss", remembered=0)
    content = (data.shipped("fixtures") / "af-ope-mss" / "solde-cinq-defauts.json").read_bytes()
    first, second = (programme.decide(programme.read(content), DAY) for _ in range(2))
    told = [[f for r in one.requests for f in r.findings if f.result is Result.FAILED] for one in (first, second)]
    assert told[0]
    assert told[0] == told[1]
    assert not {id(f) for f in told[0]} & {id(f) for f in told[1]}
