"""Run every mutant on the trials until one fails (the mutant is killed); if none fails, the mutant survives.

Only trials kill: a change that does not compile is not a mutant (`INVALID`), and lint is not run.  Mutants run on the
reference evaluator alone.  Work is split between processes, and the result does not depend on their number.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

from recevable.decision.decide import Decider
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.compiled import CompiledPack
from recevable.trials.mutation.model import Mutant
from recevable.trials.mutation.mutants import variant
from recevable.trials.suite import Trial, run

_CHUNK: Final = 8


class Fate(StrEnum):
    """The result of a mutant."""

    KILLED = "tue"
    SURVIVED = "survivant"
    INVALID = "invalide"


class Tried(Struct, frozen=True):
    """A mutant and its result."""

    mutant: Mutant
    fate: Fate


def try_all(
    compiled: CompiledPack,
    trials: Sequence[Trial],
    mutants: Sequence[Mutant],
    processes: int,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Tried]:
    """The fate of each mutant, in order; `progress(done)` is called with the number done."""
    found: list[Tried] = []
    for fate in _fates(_Bench(compiled, trials), mutants, max(1, min(processes, len(mutants)))):
        found.append(Tried(mutants[len(found)], fate))
        progress(len(found))
    return found


def _fates(bench: _Bench, mutants: Sequence[Mutant], processes: int) -> Iterator[Fate]:
    if processes == 1:
        yield from map(bench.fate, mutants)
        return
    # a forked process already has the pack and its trials: only ranks and fates are sent
    _Worker.bench, _Worker.mutants = bench, mutants
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap(_Worker.fate, range(len(mutants)), _CHUNK)


class _Worker:
    """The data that forked processes inherit."""

    bench: _Bench
    mutants: Sequence[Mutant]

    @staticmethod
    def fate(rank: int) -> Fate:
        return _Worker.bench.fate(_Worker.mutants[rank])


class _Bench:
    """A pack with its trials; those of the rule itself are tried first, then those that kill most."""

    def __init__(self, compiled: CompiledPack, trials: Sequence[Trial]) -> None:
        self.compiled, self.trials = compiled, trials
        self.kills: Counter[int] = Counter()
        self.own: dict[str, list[int]] = {}
        for rank, trial in enumerate(trials):
            self.own.setdefault(trial.rule, []).append(rank)

    def fate(self, mutant: Mutant) -> Fate:
        try:
            decider = Decider(variant(self.compiled, mutant), self.compiled.pack.schema, reference_only=True)
        except DiagnosticError:
            return Fate.INVALID
        for rank in self._order(mutant):
            if not run(self.trials[rank], decider).passed:
                self.kills[rank] += 1
                return Fate.KILLED
        return Fate.SURVIVED

    def _order(self, mutant: Mutant) -> list[int]:
        """The trials to run: those of the rule itself (unless it is removed), then the others."""
        own = self.own.get(mutant.subject, [])
        first = [] if mutant.change.new is None else own
        others = (rank for rank in range(len(self.trials)) if rank not in own)
        return [*first, *sorted(others, key=lambda rank: -self.kills[rank])]
