"""Every dossier of the fixtures gives exactly what a person wrote beside it, and together they cover the programme.

An expectation says, per request: the verdict, whether it is provisional, every finding that stands out (`constats`),
whether the dossier can be repaired, the amounts that are known and the questions they are subject to; then the open
questions, the answers recorded, and the cases of undue payment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from recevable.decision.model import AppraisalState, Decision, RequestDecision, Verdict
from recevable.language.types import Kind

if TYPE_CHECKING:
    from tests.packs.conftest import World

Expectations = dict[str, dict[str, Any]]
StandingOut = Callable[[Any], dict[str, Any]]

# The amounts that an expectation shows, in this order; the others are intermediate and shown by the rules' examples.
AMOUNTS: Final = {
    "enrolement": (),
    "avance": ("avance_ht", "taux_tva", "avance_ttc"),
    "solde": (
        "total_ht", "avance_ht", "solde_ht", "taux_tva", "total_ttc", "montant_tva", "avance_ttc", "avance_versee",
        "solde_ttc",
    ),
}  # fmt: skip
DESCRIPTION: Final = {"titre", "pieges", "au", "note"}


def _filled(found: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty: an expectation is silent about what there is not."""
    return {key: value for key, value in found.items() if value not in ({}, [], None)}


def _observed_request(request: RequestDecision, stands_out: StandingOut) -> dict[str, Any]:
    known = {a.name: a for a in request.amounts if a.value is not None and a.name in AMOUNTS[request.name]}
    subject: dict[str, list[str]] = {}
    for name in (name for name in AMOUNTS[request.name] if name in known):
        for question in known[name].subject_to:
            subject.setdefault(question, []).append(name)
    rates = {name for name, line in known.items() if line.type.kind is Kind.RATE}
    repairable = "possible" if request.repair.possible else "impossible"
    found = {
        "verdict": str(request.verdict),
        "constats": stands_out(request.findings),
        "reparation": None if request.verdict is Verdict.ACCEPT else repairable,
        "montants": {n: f"{line.value:f}" if n in rates else f"{line.value:.2f}" for n, line in known.items()},
        "sous_reserve": subject,
    }
    return {**_filled(found), "provisoire": request.provisional}


def _observed(decision: Decision, stands_out: StandingOut) -> dict[str, Any]:
    cases = [
        _filled(
            {
                "regle": case.rule,
                "etape": case.step,
                "modalite": case.modality,
                "assiette": case.basis,
                "montant": None if case.amount.value is None else f"{case.amount.value:.2f}",
                "clos": case.closed,
            }
        )
        for case in decision.recovery
    ]
    states = {line.rule: line.state for line in decision.appraisals}
    return {
        **_filled(
            {
                "appreciations": {rule: str(s) for rule, s in states.items() if s is not AppraisalState.OPEN},
                "constats_recouvrement": stands_out(decision.recovery_findings),
            }
        ),
        "demandes": {r.name: _observed_request(r, stands_out) for r in decision.requests},
        "a_apprecier": [rule for rule, state in states.items() if state is not AppraisalState.RECORDED],
        "recouvrement": cases,
    }


def test_the_dossier_gives_exactly_what_is_expected(
    name: str, world: World, expectations: Expectations, stands_out: StandingOut
) -> None:
    expected = {key: value for key, value in expectations[name].items() if key not in DESCRIPTION}
    assert _observed(world.decision(name), stands_out) == expected


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
    wanted = set(product(("developpeur", "acheteur"), AMOUNTS, ("accepter", "completer", "rejeter")))
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
