"""A programme that rejects an incomplete request: what the applicant owes is fatal, what others hold only suspends."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from tests.decision.conftest import Decide, Judge, appraisal, completing, condition

from recevable.decision.model import Verdict
from recevable.pack.model import Consequence, Result

STRICT = {"completude": "stricte"}


@pytest.fixture
def strict(judge: Judge) -> Judge:
    return partial(judge, request=STRICT)


@pytest.mark.parametrize("declared", [{}, {"completude": "invitation"}])
def test_by_default_an_incomplete_request_is_to_be_completed(judge: Judge, declared: dict[str, str]) -> None:
    decision = judge([completing("PIECE", "aide.bal = 1")], request=declared, bal=2)
    assert decision.verdict is Verdict.COMPLETE
    assert judge([completing("PIECE", "aide.bal = 1")], request=declared).verdict is Verdict.COMPLETE


def test_what_the_applicant_must_correct_rejects(strict: Judge) -> None:
    decision = strict([completing("PIECE", "aide.bal = 1")], bal=2)
    (finding,) = decision.findings
    assert decision.verdict is Verdict.REJECT
    assert (finding.result, finding.consequence) == (Result.FAILED, Consequence.REJECT)
    assert not decision.repair.possible
    assert [(action.party, action.text) for action in decision.repair.renewal] == [
        ("demandeur", "Corriger : Règle PIECE")
    ]


def test_what_the_applicant_does_not_give_rejects(strict: Judge) -> None:
    decision = strict([completing("PIECE", "aide.bal = 1")])
    (finding,) = decision.findings
    assert decision.verdict is Verdict.REJECT
    assert (finding.result, finding.consequence) == (Result.MISSING, Consequence.REJECT)
    assert decision.repair.actions == ()
    assert [action.text for action in decision.repair.renewal] == ["Renseigner : Aide › Boîtes (aide.bal)"]


@pytest.mark.parametrize("given", [{}, {"bal": 2}])
def test_what_another_party_holds_suspends(strict: Judge, given: dict[str, Any]) -> None:
    decision = strict([completing("PIECE", "aide.bal = 1", aupres_de="agence")], **given)
    assert decision.verdict is Verdict.COMPLETE
    assert decision.repair.renewal == ()
    assert [action.party for action in decision.repair.actions] == ["agence"]


def test_a_cause_that_another_party_removes_suspends(strict: Judge) -> None:
    rule = completing("PIECE", "aide.bal = 1", si_faux={"aupres_de": "mairie"})
    assert strict([rule], bal=2).verdict is Verdict.COMPLETE
    assert strict([rule]).verdict is Verdict.REJECT


def test_a_field_that_the_schema_says_another_party_supplies_suspends(strict: Judge) -> None:
    """The rule names nobody; the schema says that the agency writes `aide.numero`."""
    assert strict([condition("aide.numero = 1")]).verdict is Verdict.COMPLETE
    assert strict([condition("tous(f dans aide.factures, f.controlee)")], factures=[{}]).verdict is Verdict.COMPLETE
    assert strict([condition("tous(f dans aide.factures, f.payee)")], factures=[{}]).verdict is Verdict.REJECT
    # one of the two is owed by the agency: nobody is rejected for it
    assert strict([condition("aide.numero = aide.bal")]).verdict is Verdict.COMPLETE


@pytest.mark.parametrize("defects", [("aide.numero = 1", "aide.bal = 1"), ("aide.bal = 1", "aide.numero = 1")])
def test_what_the_applicant_owes_to_one_defect_rejects_whatever_another_waits_for(
    strict: Judge, defects: tuple[str, str]
) -> None:
    causes = [
        {"cause": f"defaut_{rank}", "si": defect, "consequence": "rejeter", "message": f"Défaut {rank}."}
        for rank, defect in enumerate(defects)
    ]
    rule = completing("PIECE", "aide.bal = 1")
    del rule["condition"], rule["si_faux"]
    absent = {"consequence": "completer", "message": "Absente.", "reparation": "Fournir"}
    rule |= {"piece": "aide.decision", "si_absente": absent, "si_invalide": causes}
    given: dict[str, Any] = {"decision": {"sens": "validee"}}
    assert strict([rule], numero=2, **given).verdict is Verdict.REJECT
    assert strict([rule], **given).verdict is Verdict.REJECT
    assert strict([rule], bal=2, **given).verdict is Verdict.COMPLETE


def test_what_cannot_be_computed_suspends(strict: Judge) -> None:
    assert strict([condition("1 / aide.bal > 1")], bal=0).verdict is Verdict.COMPLETE


def test_an_unknown_parameter_or_a_question_is_not_the_applicant_s(strict: Judge) -> None:
    received = {"recue_le": "2019-06-01T12:00:00+02:00"}
    unknown = strict([condition("aide.bal = limite")], parameters={"limite": "reception"}, bal=1, **received)
    assert unknown.verdict is Verdict.UNDECIDABLE
    refusal = {"consequence": "rejeter", "message": "Non."}
    question = appraisal("QUESTION", "Convient-il ?", oui={"resultat": "satisfait"}, non=refusal)
    assert strict([question, condition("aide.bal = 1")], bal=1).provisional


def test_what_only_signals_never_rejects(strict: Judge) -> None:
    rule = completing("SIGNAL", "aide.bal = 1") | {"si_faux": {"consequence": "signaler", "message": "Signalé."}}
    assert strict([rule, condition("aide.bal = 2")], bal=2).verdict is Verdict.ACCEPT


def test_removing_a_datum_never_improves_a_strict_answer(strict: Judge) -> None:
    rules = [completing("PIECE", "aide.bal = 1"), condition("aide.cout > 1.00")]
    for given in ({"bal": 2, "cout": "2.00"}, {"bal": 1, "cout": "0.50"}):
        assert strict(rules, **given).verdict is Verdict.REJECT
        for name in given:
            assert (
                strict(rules, **{key: value for key, value in given.items() if key != name}).verdict is Verdict.REJECT
            )


def test_a_word_that_is_neither_is_refused(decide: Decide) -> None:
    with pytest.raises(Exception, match="completude"):
        decide([condition("aide.bal = 1")], {}, request={"completude": "severe"})
