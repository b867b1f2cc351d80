"""What the tests of trials share: expressions typed over a small dossier, and the packs at hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recevable.language.diagnostics import Diagnostic, Span
from recevable.programme import Programme, open_programme
from recevable.trials.suite import Trial, TrialResult, collect, run

SMALL = Path(__file__).parents[1] / "second_programme" / "prime-velo"
DOSSIERS = SMALL.parent / "dossiers"
MARK = "▸"
SCENARIOS = "scenarios/essais.yaml"


@pytest.fixture(scope="session")
def small() -> Programme:
    """The small programme."""
    return open_programme(SMALL, prepared=False)


class Bench:
    """A copy of the small pack with scenarios and known dossiers of its own; `▸` marks where a fault is expected."""

    def __init__(self, root: Path) -> None:
        self.folder = Path(shutil.copytree(SMALL, root / "rules" / "prime-velo"))
        self.known = root / "fixtures" / "prime-velo"
        self.expected: Span | None = None
        self.base("acceptee")

    def base(self, name: str) -> None:
        """Make one of the small dossiers a base of scenarios."""
        target = self.folder / "scenarios" / "dossiers"
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(DOSSIERS / f"{name}.json", target)

    def write(self, text: str, name: str = SCENARIOS) -> None:
        """Write a file of the pack."""
        before, mark, after = text.partition(MARK)
        if mark:
            self.expected = Span(name, before.count("\n") + 1, len(before) - before.rfind("\n"))
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(before + after, "utf-8")

    def know(self, name: str, expected: str, content: dict[str, Any] | None = None) -> None:
        """A known dossier: one of the small ones, or what is given, and what is expected of it."""
        self.known.mkdir(parents=True, exist_ok=True)
        data = (DOSSIERS / f"{name}.json").read_bytes() if content is None else json.dumps(content).encode()
        (self.known / f"{name}.json").write_bytes(data)
        (self.known / f"{name}.attendu.yaml").write_text(expected, "utf-8")

    def collected(self) -> tuple[tuple[Trial, ...], list[Diagnostic], Programme]:
        """Every trial, and what cannot be read."""
        faults: list[Diagnostic] = []
        bench = open_programme(self.folder, prepared=False)
        return collect(bench, faults), faults, bench

    def results(self) -> dict[str, TrialResult]:
        """The scenarios and the known dossiers, run, by name; all of them can be read."""
        trials, faults, bench = self.collected()
        assert [f"{d.span} {d.code} {d.message}" for d in faults] == []
        return {trial.name: run(trial, bench.decider) for trial in trials if not trial.rule}

    def fault(self) -> Diagnostic:
        """The one thing that cannot be read, at the mark if there is one."""
        _, faults, _ = self.collected()
        assert len(faults) == 1, [f"{d.span} {d.code} {d.message}" for d in faults]
        (found,) = faults
        if self.expected is not None:
            assert found.span is not None
            assert (found.span.file, found.span.line, found.span.column) == (
                self.expected.file, self.expected.line, self.expected.column,
            ), found  # fmt: skip
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def scenario() -> Callable[..., str]:
    """A scenario file of one scenario that passes, with edits."""

    def write(*edits: tuple[str, str]) -> str:
        text = """\
scenarios:
  - titre: Facture absente
    base: acceptee
    au: "2024-05-31"
    changements:
      prime.pieces.facture: absent
    attendu:
      prime: {verdict: completer, regles: ["FACTURE:absente"], montants: {prime_accordee: "509.97"}}
"""
        for old, new in edits:
            assert text.count(old) == 1, f"{text.count(old)} × {old!r}"
            text = text.replace(old, new)
        return text

    return write
