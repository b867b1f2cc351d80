"""A case of recovery: established or not, its step, what is at stake, and nothing ordered by the machine."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import pytest
from tests.decision.conftest import Decide, condition, undue

from recevable.decision.model import Decision, RecoveryCase

RECEIVED: Final = {"recue_le": "2023-06-01T12:00:00+02:00"}
STEPS: Final = (
    {"etape": "rembourse", "si": "aide.bal = 0", "resultat": "satisfait", "message": "Tout est rendu : classer."},
    {"etape": "attendre", "si": "aide.jour > 2023-09-01", "message": "Attendre le {aide.jour}."},
    {"etape": "demander", "message": "Demander {aide.cout}."},
)


def decided(decide: Decide, **aide: Any) -> Decision:
    rules = [condition("aide.bal < 9"), undue("RENDRE", "aide.cout > aide.plafond", "aide.cout - aide.plafond", *STEPS)]
    return decide(rules, {**RECEIVED, "plafond": "100.00", **aide})


def case(decide: Decide, **aide: Any) -> RecoveryCase:
    (found,) = decided(decide, **aide).recovery
    return found


def test_a_case_that_is_not_established_is_none(decide: Decide) -> None:
    decision = decided(decide, cout="100.00", bal=1, jour="2023-01-01")
    assert decision.recovery == ()
    assert decision.accepted


@pytest.mark.parametrize(
    ("aide", "step", "message", "closed"),
    [
        ({"bal": 0}, "rembourse", "Tout est rendu : classer.", True),
        ({"bal": 1, "jour": "2023-09-02"}, "attendre", "Attendre le 2 septembre 2023.", False),
        ({"bal": 1, "jour": "2023-09-01"}, "demander", "Demander 150,00\u00a0€.", False),
    ],
)
def test_the_first_step_that_holds_is_proposed(
    decide: Decide, aide: dict[str, Any], step: str, message: str, closed: bool
) -> None:
    found = case(decide, cout="150.00", **aide)
    assert (found.step, found.message, found.closed) == (step, message, closed)
    assert (found.rule, found.title, found.source) == ("RENDRE", "Cas RENDRE", "Texte §1")
    assert (found.modality, found.basis, found.requirements) == ("obligatoire", "exact", ("REQ-1",))
    assert found.amount.value == Decimal("50.00")
    assert [(s.operation, s.operands, s.value) for s in found.amount.steps] == [
        ("-", (Decimal("150.00"), Decimal("100.00")), Decimal("50.00"))
    ]


def test_a_dossier_is_accepted_only_when_its_cases_are_closed(decide: Decide) -> None:
    assert decided(decide, cout="150.00", bal=0).accepted
    assert not decided(decide, cout="150.00", bal=1, jour="2023-01-01").accepted


@pytest.mark.parametrize(
    ("aide", "missing"),
    [
        ({"bal": 1, "jour": "2023-01-01"}, "aide.cout"),
        ({"cout": "150.00", "jour": "2023-01-01"}, "aide.bal"),
        ({"cout": "150.00", "bal": 1}, "aide.jour"),
    ],
)
def test_a_case_that_lacks_a_datum_says_which_and_takes_no_step(
    decide: Decide, aide: dict[str, Any], missing: str
) -> None:
    found = case(decide, **aide)
    assert [datum.name for datum in found.missing] == [missing]
    assert (found.step, found.closed) == ("", False)
    assert f"({missing})" in found.message
    assert not decided(decide, **aide).accepted


def test_another_rule_of_recovery_is_a_finding_and_no_case(decide: Decide) -> None:
    signal = {
        **condition("aide.bal < 2"), "id": "VOIR", "demandes": ["recouvrement"],
        "si_faux": {"consequence": "signaler", "message": "À voir."},
    }  # fmt: skip
    rules = [condition("aide.bal < 9"), signal, undue("RENDRE", "aide.cout > 1.00", "aide.cout", STEPS[2])]
    decision = decide(rules, {**RECEIVED, "bal": 5, "cout": "2.00"})
    assert [found.rule for found in decision.recovery] == ["RENDRE"]
    assert [(found.rule, found.message) for found in decision.recovery_findings] == [("VOIR", "À voir.")]


def test_recovery_is_looked_at_without_any_request(decide: Decide) -> None:
    rules = [condition("aide.bal < 9"), undue("RENDRE", "demandeur.profil est present", "aide.cout", STEPS[2])]
    decision = decide(rules)
    assert decision.requests == ()
    assert [found.rule for found in decision.recovery] == ["RENDRE"]
