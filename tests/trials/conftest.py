"""What the tests of trials share: expressions typed over a small dossier, and the packs at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from recevable.trials.workbench import Workbench, workbench

SMALL = Path(__file__).parents[1] / "second_programme" / "prime-velo"


@pytest.fixture(scope="session")
def small() -> Workbench:
    """The small programme."""
    return workbench(SMALL)
