"""What cures a request, and what a rejection leaves for a new one."""

from __future__ import annotations

from typing import Any

from tests.decision.conftest import Judge, completing, condition

from recevable.decision.model import Verdict


def test_the_repair_of_a_rejection_is_for_a_new_request_and_never_cures_this_one(judge: Judge) -> None:
    rule = condition("aide.bal = 1")
    rule["si_faux"]["reparation"] = "Demander une seule boîte"
    decision = judge([rule], bal=2)
    assert decision.verdict is Verdict.REJECT
    assert not decision.repair.possible
    assert decision.repair.actions == ()
    assert [(a.text, a.rules) for a in decision.repair.renewal] == [("Demander une seule boîte", ("ESSAI",))]


def test_a_completion_is_a_cure_and_nothing_for_a_new_request(judge: Judge) -> None:
    rule = condition("aide.bal = 1")
    rule["si_faux"] = {"consequence": "completer", "message": "Faux.", "reparation": "Corriger le nombre"}
    repair = judge([rule], bal=2).repair
    assert [action.text for action in repair.actions] == ["Corriger le nombre"]
    assert repair.renewal == ()


def test_a_completion_without_advice_names_the_rule_and_whom_it_is_asked_of(judge: Judge) -> None:
    (action,) = judge([completing("UNE", "aide.bal = 1", aupres_de="mairie")], bal=2).repair.actions
    assert (action.text, action.party, action.rules) == ("Corriger : Règle UNE", "mairie", ("UNE",))


def test_one_action_that_cures_two_rules_is_asked_for_once(judge: Judge) -> None:
    advice: dict[str, Any] = {"si_faux": {"reparation": "Corriger le nombre"}}
    rules = [completing("UNE", "aide.bal = 1", **advice), completing("DEUX", "aide.bal < 2", **advice)]
    (action,) = judge(rules, bal=2).repair.actions
    assert (action.text, action.rules) == ("Corriger le nombre", ("UNE", "DEUX"))
