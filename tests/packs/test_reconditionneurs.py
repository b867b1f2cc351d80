"""The aid to refurbishers: what its policy staff rely on, and what no dossier may turn round."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from recevable import data
from recevable.decision.decide import Decider
from recevable.decision.model import RequestDecision, Verdict
from recevable.lint.run import lint
from recevable.programme import Programme, open_programme, sample_dossiers
from recevable.trials.coverage import measure
from recevable.trials.suite import collect, run

NAME: Final = "reconditionneurs"
PACK: Final = data.shipped("rules") / NAME
DAY: Final = date(2026, 11, 29)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return open_programme(PACK, prepared=False)


def known() -> list[Path]:
    return list(sample_dossiers(NAME))


def day_of(path: Path) -> date:
    return date.fromisoformat(yaml.safe_load(path.with_suffix(".attendu.yaml").read_text("utf-8"))["au"])


def test_there_are_dossiers_enough() -> None:
    assert len(known()) >= 40


def test_the_pack_is_clean() -> None:
    assert [f"{one.code} {one.message}" for one in lint(PACK, DAY)] == []


def test_every_trial_passes_and_shows_every_outcome_and_limit(programme: Programme) -> None:
    faults: list[Any] = []
    trials = collect(programme, faults)
    assert faults == []
    failed = [result.trial.name for trial in trials if not (result := run(trial, programme.decider)).passed]
    assert failed == []
    assert measure(Decider(programme.compiled, programme.pack.schema), trials).share == 1


# --- removing a datum never improves an answer ------------------------------------------------------------------------


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, below in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(value, dict):
            yield (*path, key)
        if isinstance(below, dict | list):
            yield from _paths(below, (*path, key))


def _without(whole: Any, path: tuple[Any, ...]) -> Any:
    found = copy.deepcopy(whole)
    holder = found
    for part in path[:-1]:
        holder = holder[part]
    del holder[path[-1]]
    return found


def _paid(request: RequestDecision) -> Decimal:
    return Decimal(0) if request.payable is None else Decimal(request.payable.value)


# what is recorded of the file itself: without it, a dossier is that of another day of its life
HISTORY: Final = (("paiements",), ("aide", "decision"), ("aide", "decision", "sens"))
# a document that may be missing goes with its defect, which is signalled and decides nothing
OPTIONAL: Final = (("reconditionneur", "compte"),)


@pytest.mark.parametrize("path", known()[::5], ids=lambda path: path.stem)
def test_without_a_datum_nothing_more_is_accepted_or_paid(programme: Programme, path: Path) -> None:
    whole, on = json.loads(path.read_bytes()), day_of(path)

    def decided(content: Any) -> RequestDecision:
        return programme.decide(programme.read(json.dumps(content).encode()), on, ["aide"]).request("aide")

    before = decided(whole)
    accepted = before.verdict is Verdict.ACCEPT and not before.provisional
    tried = 0
    for removed in _paths(whole):
        if removed in HISTORY or removed in OPTIONAL or len(removed) == 1:
            continue
        after = decided(_without(whole, removed))
        tried += 1
        assert accepted or after.verdict is not Verdict.ACCEPT or after.provisional, removed
        assert _paid(after) <= _paid(before), removed
    assert tried > 30


# --- amounts against a calculation of their own -----------------------------------------------------------------------


@pytest.mark.parametrize("units", [1, 499, 25_000, 25_001, 1_000_000])
@pytest.mark.parametrize("received", ["0.00", "199999.99", "200000.00"])
@pytest.mark.parametrize("engaged", ["0.00", "14999999.99", "15000000.00"])
def test_the_amount_is_what_a_hand_calculation_gives(
    programme: Programme, units: int, received: str, engaged: str
) -> None:
    whole = json.loads((data.shipped("fixtures") / NAME / "complete.json").read_bytes())
    line = {"mois": "2022-01-01", "categorie": "tablette", "declarees": units, "attestees": units, "correction": 0}
    whole["aide"]["ventes"] = [line]
    whole["aide"]["de_minimis"]["aides"] = [{"siren": "732829320", "accordee_le": "2022-01-01", "montant": received}]
    whole["instruction"]["engage_avant"] = engaged
    request = programme.decide(programme.read(json.dumps(whole).encode()), date(2023, 5, 10)).request("aide")
    cents = min(units * 800, 20_000_000 - int(Decimal(received) * 100), 1_500_000_000 - int(Decimal(engaged) * 100))
    assert (request.verdict is Verdict.ACCEPT) is (cents > 0)
    assert request.proposed is not None
    assert request.proposed.value * 100 == cents
