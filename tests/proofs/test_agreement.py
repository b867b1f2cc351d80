"""The translation and the engines say the same of random dossiers: results, verdicts, amounts, cases.

300 of them by default; RECEVABLE_TEST_PROOFS says how many.
"""

from __future__ import annotations

import os

import pytest
from tests.proofs.conftest import Provers
from tests.proofs.unknown import Said, differences, dossiers

from recevable.inference.definitions import Contradiction
from recevable.pack.model import Result
from recevable.proofs.terms import FALSE

COUNT = int(os.environ.get("RECEVABLE_TEST_PROOFS", "300"))


@pytest.mark.parametrize(("name", "share"), [("af-ope-mss", 0.7), ("reconditionneurs", 0.3)])
def test_the_translation_says_what_the_engines_say(provers: Provers, name: str, share: float) -> None:
    prover = provers(name)
    seen: dict[str, int] = {}
    for dossier, day in dossiers(prover, int(COUNT * share), seed=COUNT):
        try:
            found = differences(prover, dossier, day)
        except ValueError:  # outside the bounds
            continue
        except Contradiction:
            continue
        assert found == [], (day, dossier.data)
        for request in prover.programme.decide(dossier, day).requests:
            seen[request.verdict] = seen.get(request.verdict, 0) + 1
    assert {"accepter", "completer", "rejeter"} <= set(seen)


def test_a_wrong_translation_is_seen(provers: Provers, monkeypatch: pytest.MonkeyPatch) -> None:
    prover = provers("reconditionneurs")
    rules = prover.side.request("aide").rules
    right = rules["DEP-DELAI"].results
    wrong = {**right, Result.FAILED: FALSE, Result.SATISFIED: right[Result.FAILED]}
    monkeypatch.setattr(rules["DEP-DELAI"], "results", wrong)
    found = [one for dossier, day in dossiers(prover, 40, seed=7) for one in differences(prover, dossier, day)]
    assert any("DEP-DELAI" in one for one in found)


def test_what_is_said_of_a_dossier_needs_all_its_data(provers: Provers) -> None:
    prover = provers("reconditionneurs")
    dossier, day = next(dossiers(prover, 1, seed=1))
    assert Said(prover, dossier, day).holds(prover.side.holds("aide"))
