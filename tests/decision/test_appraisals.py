"""A human's answer counts on some days only, and only when it is complete, listed and to a question that is asked."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest
from tests.decision.conftest import Decide, appraisal, condition

from recevable.decision.appraisals import judge, recorded
from recevable.decision.model import AppraisalState, Decision, Verdict

RECORD: Final = {
    "reponse": "oui", "auteur": "Agent Exemple", "motif": "Vu sur place", "le": "2023-08-28", "expire_le": "2024-08-28",
}  # fmt: skip
DAY: Final = date(2023, 9, 1)
QUESTION: Final = {
    "oui": {"resultat": "satisfait"},
    "non": {"consequence": "rejeter", "message": "Refusé."},
    "plus_tard": {"consequence": "completer", "message": "À revoir.", "reparation": "Revenir"},
}
RECEIVED: Final = {"recue_le": "2023-06-01T12:00:00+02:00", "bal": 1}


@pytest.mark.parametrize(
    ("change", "state", "reason"),
    [
        ({}, AppraisalState.RECORDED, ""),
        ({"le": "2023-09-01", "expire_le": "2023-09-01"}, AppraisalState.RECORDED, ""),
        ({"expire_le": "2023-08-31"}, AppraisalState.EXPIRED, "expirée depuis le 2023-08-31"),
        ({"le": "2023-09-02"}, AppraisalState.INVALID, "datée d'après la décision"),
        ({"reponse": "peut_etre"}, AppraisalState.INVALID, "réponse hors liste : peut_etre"),
        ({"auteur": ""}, AppraisalState.INVALID, "il manque : auteur"),
        ({"motif": None, "le": None}, AppraisalState.INVALID, "il manque : motif, le"),
        ({"auteur": " \u200b", "motif": "\u00a0"}, AppraisalState.INVALID, "il manque : auteur, motif"),
        ({"auteur": {"nom": "A"}, "le": 5}, AppraisalState.INVALID, "il manque : auteur, le"),
        ({"le": "hier"}, AppraisalState.INVALID, "une date s'écrit AAAA-MM-JJ, par exemple 2023-06-30"),
        ({"expire_le": "20241231"}, AppraisalState.INVALID, "une date s'écrit AAAA-MM-JJ, par exemple 2023-06-30"),
        ({"expire_le": "2023-09-31"}, AppraisalState.INVALID, "le jour 2023-09-31 n'existe pas au calendrier"),
    ],
)
def test_a_record_is_used_when_it_is_complete_listed_and_in_its_time(
    change: dict[str, Any], state: AppraisalState, reason: str
) -> None:
    found = judge({**RECORD, **change}, ["oui", "non"], DAY)
    assert (found.state, found.reason) == (state, reason)


def test_an_answer_to_a_question_that_no_rule_asks_is_not_used() -> None:
    found = recorded({"appreciations": {"INCONNUE": RECORD, "JUGER": RECORD}}, {"JUGER": ["oui", "non"]}, DAY)
    assert found["INCONNUE"].reason == "aucune règle ne pose cette question"
    assert found["INCONNUE"].state is AppraisalState.INVALID
    assert found["JUGER"].state is AppraisalState.RECORDED
    assert recorded({}, {"JUGER": ["oui"]}, DAY) == {}


@pytest.mark.parametrize("record", ["oui", None, 5, ["oui"], {"auteur": {"nom": "A"}}])
def test_what_is_no_record_is_an_answer_that_is_not_used(record: Any) -> None:
    """A schema may leave the records free."""
    (found,) = recorded({"appreciations": {"JUGER": record}}, {"JUGER": ["oui"]}, DAY).values()
    assert found.state is AppraisalState.INVALID
    assert found.record == {}
    assert recorded({"appreciations": [record]}, {"JUGER": ["oui"]}, DAY) == {}


def asked(decide: Decide, record: dict[str, str] | None) -> Decision:
    rules = [condition("aide.bal = 1"), appraisal("JUGER", "Les {aide.bal} boîtes sont-elles vraies ?", **QUESTION)]
    return decide(rules, RECEIVED, records=None if record is None else {"JUGER": record})


@pytest.mark.parametrize(
    ("record", "verdict", "provisional", "state"),
    [
        (None, Verdict.ACCEPT, True, AppraisalState.OPEN),
        (RECORD, Verdict.ACCEPT, False, AppraisalState.RECORDED),
        ({**RECORD, "reponse": "non"}, Verdict.REJECT, False, AppraisalState.RECORDED),
        ({**RECORD, "reponse": "plus_tard"}, Verdict.COMPLETE, False, AppraisalState.RECORDED),
        ({**RECORD, "expire_le": "2023-08-31"}, Verdict.ACCEPT, True, AppraisalState.EXPIRED),
        ({**RECORD, "reponse": "hors_liste"}, Verdict.ACCEPT, True, AppraisalState.INVALID),
    ],
)
def test_an_answer_decides_and_an_open_question_holds_the_decision_back(
    decide: Decide, record: dict[str, str] | None, verdict: Verdict, provisional: bool, state: AppraisalState
) -> None:
    decision = asked(decide, record)
    (request,) = decision.requests
    assert (request.verdict, request.provisional) == (verdict, provisional)
    (line,) = decision.appraisals
    assert line.state is state
    assert line.record == (record or {})


def test_a_question_is_told_with_its_values_its_answers_and_its_requests(decide: Decide) -> None:
    (line,) = asked(decide, None).appraisals
    assert line.question == "Les 1 boîtes sont-elles vraies ?"
    assert (line.rule, line.title, line.source) == ("JUGER", "Question JUGER", "Texte §1")
    assert (line.answers, line.requests) == (("oui", "non", "plus_tard"), ("aide",))
    assert not asked(decide, None).accepted
    assert asked(decide, RECORD).accepted
