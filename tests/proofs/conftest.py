"""Provers of the shipped packs, each made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from recevable.programme import open_programme
from recevable.proofs.prover import Prover, bases_of
from recevable.trials.suite import collect

Provers = Callable[[str], Prover]


@cache
def prover_of(name: str) -> Prover:
    programme = open_programme(name, prepared=False)
    trials = collect(programme, [])
    prover = Prover(programme, bases_of(trials))
    for request in programme.manifest.requests:
        prover.side.request(request)
    assert prover.side.recovery.rules
    return prover


@pytest.fixture(scope="session")
def provers() -> Provers:
    return prover_of
