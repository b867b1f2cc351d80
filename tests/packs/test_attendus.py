"""Every dossier of the fixtures gives exactly what a person wrote beside it, and together they cover the programme.

An expectation says, per request: the verdict, whether it is provisional, every finding that stands out (`constats`),
whether the dossier can be repaired, the amounts that are known and the questions they are subject to; then the open
questions, the answers recorded, and the cases of undue payment.
"""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from recevable.language.diagnostics import Diagnostic
from recevable.programme import Programme
from recevable.trials.suite import Origin, Trial, collect, run

if TYPE_CHECKING:
    from tests.packs.conftest import World

Expectations = dict[str, dict[str, Any]]
REQUESTS = ("enrolement", "avance", "solde")


@pytest.fixture(scope="module")
def known(programme: Programme) -> dict[str, Trial]:
    """The known dossiers, read by the engine without a fault."""
    faults: list[Diagnostic] = []
    trials = collect(programme, faults)
    assert faults == []
    return {trial.name: trial for trial in trials if trial.origin is Origin.DOSSIER}


def test_the_dossier_gives_exactly_what_is_expected(name: str, known: dict[str, Trial], programme: Programme) -> None:
    assert run(known[name], programme.decider).differences == ()


def test_every_dossier_has_an_expectation_and_every_expectation_a_dossier(
    names: list[str], expectations: Expectations
) -> None:
    assert names == sorted(expectations)
    assert len(names) >= 60


def test_every_expectation_says_what_it_is_about(expectations: Expectations) -> None:
    assert [n for n, e in expectations.items() if not e["titre"] or not isinstance(e["pieges"], list)] == []


def test_no_two_dossiers_are_about_the_same_thing(expectations: Expectations) -> None:
    titles = [expected["titre"] for expected in expectations.values()]
    assert sorted(titles) == sorted(set(titles))


def test_every_expected_finding_is_explained_in_words(dossiers_folder: Path) -> None:
    finding = re.compile(r"^ +(- |[A-Z][A-Z0-9-]+: )(non_satisfait|manquant|a_apprecier)")
    texts = {path.name: path.read_text("utf-8") for path in sorted(dossiers_folder.glob("*.yaml"))}
    found = [(file, line) for file, text in texts.items() for line in text.splitlines() if finding.match(line)]
    assert found
    assert [(file, line) for file, line in found if not re.search(r"  # \S", line)] == []


def test_each_profile_each_request_and_each_verdict_are_represented(names: list[str], world: World) -> None:
    seen = {
        (world.data(name)["operateur"].get("profil"), request.name, str(request.verdict))
        for name in names
        for request in world.decision(name).requests
    }
    wanted = set(product(("developpeur", "acheteur"), REQUESTS, ("accepter", "completer", "rejeter")))
    assert wanted - seen == set()


def test_each_case_of_undue_payment_is_represented(world: World, names: list[str]) -> None:
    cases = [case for name in names for case in world.decision(name).recovery]
    assert {case.rule for case in cases} == {
        "REC-DECLARATION-ERRONEE",
        "REC-DEPLOIEMENT",
        "REC-RETRAIT-REFERENCEMENT",
        "REC-DECLARATION-BAL",
        "REC-MANQUEMENT",
    }
    assert {case.modality for case in cases} == {"obligatoire", "facultative", "non_precisee"}
    assert {case.basis for case in cases} == {"exact", "maximum", "proposition"}
