"""What the tests of reports share: decisions on the shipped dossiers and on those of the small programme."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import yaml

from recevable import data
from recevable.decision.model import Decision
from recevable.dossier.dossier import load
from recevable.programme import Programme, open_programme

TESTS = Path(__file__).parents[1]
SMALL = TESTS / "second_programme"
FIXTURES = data.shipped("rules").parent / "fixtures" / "af-ope-mss"
Decide = Callable[..., Decision]


@cache
def _programme(folder: Path) -> Programme:
    return open_programme(folder)


@pytest.fixture(scope="session")
def small() -> Programme:
    """The small programme."""
    return _programme(SMALL / "prime-velo")


@pytest.fixture(scope="session")
def shipped() -> Programme:
    """The programme that is shipped."""
    return _programme(data.shipped("rules") / "af-ope-mss")


@pytest.fixture(scope="session")
def decide_small(small: Programme) -> Decide:
    """The decision on one of the small dossiers."""

    def decide(name: str, au: str = "2024-05-31", *, trace: bool = False) -> Decision:
        dossier = load((SMALL / "dossiers" / f"{name}.json").read_bytes(), f"{name}.json", small.validator)
        return small.decider.decide(dossier, date.fromisoformat(au), trace=trace)

    return decide


@pytest.fixture(scope="session")
def decide(shipped: Programme) -> Decide:
    """The decision on one of the shipped dossiers, on the day that its expectations name."""

    def decide(name: str, *, trace: bool = False) -> Decision:
        path = FIXTURES / f"{name}.json"
        day = yaml.safe_load(path.with_suffix(".attendu.yaml").read_text("utf-8"))["au"]
        dossier = load(path.read_bytes(), f"fixtures/{path.name}", shipped.validator)
        return shipped.decider.decide(dossier, date.fromisoformat(day), trace=trace)

    return decide


@pytest.fixture(scope="session")
def every(decide: Decide) -> dict[str, Decision]:
    """The decision on every shipped dossier."""
    return {path.stem: decide(path.stem) for path in sorted(FIXTURES.glob("*.json"))}
