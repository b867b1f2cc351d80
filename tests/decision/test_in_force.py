"""Rules in time: a rule or a defect is in force on some days, and the programme says which day's text applies."""

from __future__ import annotations

from typing import Any, Final

import pytest
from tests.decision.conftest import Decide, Judge, amount, completing, condition, dated, undue

from recevable.decision.model import Verdict
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.model import Result
from recevable.report.sections import applied

REFORM: Final = "2023-06-01"
OLD: Final = {"jusqu_au": "2023-05-31"}
NEW: Final = {"du": REFORM}


def reform(**selon: str) -> list[dict[str, Any]]:
    """At most one box before the reform, at most two since; and a rule that is always satisfied."""
    return [
        condition("aide.bal <= 1") | {"id": "ANCIENNE", "en_vigueur": {**OLD, **selon}},
        condition("aide.bal <= 2") | {"id": "NOUVELLE", "en_vigueur": {**NEW, **selon}},
        completing("PIECE", "aide.bal >= 0"),
    ]


@pytest.mark.parametrize(
    ("received", "verdict"),
    [("2023-05-31T21:59:59Z", Verdict.REJECT), ("2023-05-31T22:00:00Z", Verdict.ACCEPT)],
)
def test_the_text_of_the_reception_applies_by_default(judge: Judge, received: str, verdict: Verdict) -> None:
    decision = judge(reform(), bal=2, recue_le=received)
    assert decision.verdict is verdict
    assert [f.result for f in decision.findings].count(Result.NOT_APPLICABLE) == 1


@pytest.mark.parametrize(("day", "verdict"), [("2023-05-31", Verdict.REJECT), ("2023-06-01", Verdict.ACCEPT)])
@pytest.mark.parametrize("text", [{}, {"texte_applicable": "reception"}])
def test_the_reception_may_be_a_day(judge: Judge, text: dict[str, Any], day: str, verdict: Verdict) -> None:
    assert judge(reform(), {"reception": "aide.jour", **text}, bal=2, jour=day).verdict is verdict
    assert judge(reform(selon="reception"), {"reception": "aide.jour"}, bal=2, jour=day).verdict is verdict


def test_a_request_received_on_a_day_may_be_sent_back(judge: Judge) -> None:
    text = {"texte_applicable": {"selon": "reception", "sauf_renvoi": "aide.recue_le"}}
    returned = judge(reform(), {"reception": "aide.jour", **text}, bal=2, jour="2023-05-01")
    assert returned.verdict is Verdict.ACCEPT  # sent back on 1 June


@pytest.mark.parametrize(("day", "verdict"), [("2023-05-31", Verdict.REJECT), ("2023-06-01", Verdict.ACCEPT)])
def test_a_rule_may_follow_the_day_of_a_fact(judge: Judge, day: str, verdict: Verdict) -> None:
    assert judge(reform(selon="aide.jour"), bal=2, jour=day).verdict is verdict


@pytest.mark.parametrize(("today", "verdict"), [("2023-05-31", Verdict.REJECT), ("2023-06-01", Verdict.ACCEPT)])
def test_a_rule_may_follow_the_day_of_the_decision(decide: Decide, today: str, verdict: Verdict) -> None:
    told = {"recue_le": "2023-01-01T12:00:00+01:00", "bal": 2}
    assert decide(reform(selon="decision"), told, today=today).requests[0].verdict is verdict


@pytest.mark.parametrize(("day", "verdict"), [("2023-05-31", Verdict.ACCEPT), ("2023-06-01", Verdict.REJECT)])
@pytest.mark.parametrize("key", ["si_faux", "si_depasse", "si_absente"])
def test_a_cause_without_condition_may_be_one_on_some_days_only(
    judge: Judge, key: str, day: str, verdict: Verdict
) -> None:
    dates = {"du": REFORM, "selon": "aide.jour"}
    cause = {"consequence": "rejeter", "message": "Non.", "en_vigueur": dates}
    tests: dict[str, dict[str, Any]] = {
        "si_faux": {"condition": "aide.bal <= 1"},
        "si_depasse": {"delai": {"recu": "aide.jour", "au_plus_tard": "2023-01-01"}},
        "si_absente": {"piece": "aide.cout"},
    }
    base = condition("aide.bal <= 1")
    rule = {name: value for name, value in base.items() if name not in ("condition", "si_faux")}
    rules = [rule | {"id": "DATEE"} | tests[key] | {key: cause}, completing("PIECE", "aide.bal >= 0")]
    decision = judge(rules, bal=2, jour=day)
    assert decision.verdict is verdict
    expected = Result.FAILED if verdict is Verdict.REJECT else Result.NOT_APPLICABLE
    assert [f.result for f in decision.findings if f.rule == "DATEE"] == [expected]
    # on an unknown day, the day is asked for
    unknown = judge(rules, bal=2)
    assert unknown.verdict is not Verdict.ACCEPT
    assert {d.name for f in unknown.findings for d in f.missing} == {"aide.jour"}


def test_an_unknown_day_is_asked_for_and_never_improves_the_answer(judge: Judge) -> None:
    decision = judge(reform(selon="aide.jour"), bal=2)
    assert decision.verdict is Verdict.COMPLETE
    assert {datum.name for finding in decision.findings for datum in finding.missing} == {"aide.jour"}


@pytest.mark.parametrize(
    ("declared", "told", "verdict", "said"),
    [
        ("decision", {}, Verdict.ACCEPT, "retenue pour cette demande (1er septembre 2023)"),
        ("reception", {}, Verdict.REJECT, "retenue pour cette demande (1er mai 2023)"),
        ("aide.jour", {"jour": "2023-06-01"}, Verdict.ACCEPT, "(1er juin 2023)"),
        ({"selon": "reception", "sauf_renvoi": "aide.jour"}, {}, Verdict.REJECT, "(1er mai 2023)"),
        ({"selon": "reception", "sauf_renvoi": "aide.jour"}, {"jour": "2023-05-31"}, Verdict.REJECT, "(31 mai 2023)"),
        ({"selon": "reception", "sauf_renvoi": "aide.jour"}, {"jour": "2023-06-01"}, Verdict.ACCEPT, "(1er juin 2023)"),
        ({"selon": "reception", "sauf_renvoi": "aide.jour"}, {"jour": "2023-04-01"}, Verdict.REJECT, "(1er mai 2023)"),
    ],
)
def test_the_programme_says_whose_text_applies(
    judge: Judge, declared: Any, told: dict[str, str], verdict: Verdict, said: str
) -> None:
    """A request that was received before the reform and sent back after it follows the new text."""
    received = {"recue_le": "2023-05-01T12:00:00+02:00", **told}
    decision = judge(reform(), {"texte_applicable": declared}, bal=2, **received)
    assert decision.verdict is verdict
    assert said in applied(decision.versions)
    assert decision.versions[0].text


@pytest.mark.parametrize(("told", "verdict"), [({}, Verdict.REJECT), ({"jour": "2023-06-01"}, Verdict.ACCEPT)])
def test_a_parameter_may_follow_the_text_of_the_request(judge: Judge, told: dict[str, str], verdict: Verdict) -> None:
    parameters = {"limite": dated("entier", {"2020-01-01": 1, REFORM: 2}, reference="texte")}
    request = {"texte_applicable": {"selon": "reception", "sauf_renvoi": "aide.jour"}}
    received = {"recue_le": "2023-05-01T12:00:00+02:00", **told}
    assert judge([condition("aide.bal <= limite")], request, parameters, bal=2, **received).verdict is verdict


def test_without_a_choice_of_text_it_is_that_of_the_reception(judge: Judge) -> None:
    parameters = {"limite": dated("entier", {"2020-01-01": 1, REFORM: 2}, reference="texte")}
    rules = [condition("aide.bal <= limite")]
    assert judge(rules, parameters=parameters, bal=2, recue_le="2023-05-01T12:00:00+02:00").verdict is Verdict.REJECT
    assert judge(rules, parameters=parameters, bal=2).verdict is Verdict.ACCEPT


def test_recovery_has_no_text_of_a_request(decide: Decide) -> None:
    parameters = {"limite": dated("entier", {"2020-01-01": 1, REFORM: 2}, reference="texte")}
    step = {"etape": "emettre", "message": "Titre."}
    rules = [condition("aide.bal = 1"), undue("INDU", "aide.bal > limite", "aide.cout", step)]
    with pytest.raises(DiagnosticError, match="texte appliqué à une demande"):
        decide(rules, {"recue_le": "2023-05-01T12:00:00+02:00", "bal": 1}, parameters=parameters)


def test_a_parameter_may_follow_a_date_of_the_request(judge: Judge) -> None:
    parameters = {"limite": dated("entier", {"2020-01-01": 1, REFORM: 2}, reference="demande.jour")}
    rules = [condition("aide.bal <= limite")]
    assert judge(rules, parameters=parameters, bal=2, jour="2023-05-31").verdict is Verdict.REJECT
    assert judge(rules, parameters=parameters, bal=2, jour=REFORM).verdict is Verdict.ACCEPT


def test_a_defect_of_a_document_may_begin_on_a_day(judge: Judge) -> None:
    late = {"cause": "refusee", "si": 'aide.decision.sens = "rejetee"', "consequence": "rejeter", "message": "Refusée."}
    rule = {
        "id": "PIECE", "titre": "Pièce", "demandes": ["aide"], "piece": "aide.decision",
        "exigences": ["REQ-1"], "source": "§1",
        "si_absente": {"consequence": "completer", "message": "Absente."}, "si_invalide": [{**late, "en_vigueur": NEW}],
    }  # fmt: skip
    refused = {"decision": {"sens": "rejetee"}}
    assert judge([rule], recue_le="2023-05-31T12:00:00+02:00", **refused).verdict is Verdict.ACCEPT
    assert judge([rule], recue_le="2023-06-01T12:00:00+02:00", **refused).verdict is Verdict.REJECT


def test_an_amount_may_have_one_rule_for_each_text(judge: Judge) -> None:
    old, new = (
        amount("prime", "10.00") | {"en_vigueur": OLD},
        amount("prime", "20.00") | {"id": "MON-N", "en_vigueur": NEW},
    )
    rules = [old, new, condition("aide.bal = 1")]
    for received, value in (("2023-05-31T12:00:00+02:00", 10), ("2023-06-01T12:00:00+02:00", 20)):
        (line,) = judge(rules, {"montant_propose": "prime"}, bal=1, recue_le=received).amounts
        assert line.value == value


def test_an_exception_counts_only_while_it_is_in_force(judge: Judge) -> None:
    rules = [
        condition("aide.bal = 1"),
        condition("vrai") | {"id": "DISPENSE", "exception_a": "ESSAI", "en_vigueur": NEW},
    ]
    assert judge(rules, bal=2, recue_le="2023-05-31T12:00:00+02:00").verdict is Verdict.REJECT
    assert judge(rules, bal=2, recue_le="2023-06-01T12:00:00+02:00").verdict is Verdict.ACCEPT


def test_recovery_has_no_reception(decide: Decide) -> None:
    step = {"etape": "emettre", "message": "Titre."}
    rules = [condition("aide.bal = 1"), undue("INDU", "aide.bal > 0", "aide.cout", step) | {"en_vigueur": NEW}]
    told = {"recue_le": "2023-05-01T12:00:00+02:00", "bal": 1, "cout": "1.00", "jour": "2023-05-31"}
    with pytest.raises(DiagnosticError, match="n'a pas de date de réception"):
        decide(rules, told)
    rules[1]["en_vigueur"] = {**NEW, "selon": "aide.jour"}
    assert decide(rules, told).recovery == ()
    assert len(decide(rules, {**told, "jour": REFORM}).recovery) == 1


@pytest.mark.parametrize(
    ("in_force", "code"),
    [
        ({"selon": "decision"}, "PAQ-CLE-MANQUANTE"),
        ({"du": "2023-06-01", "jusqu_au": "2023-05-31"}, "PAQ-DATES"),
        ({"du": "2023-06-31"}, "PAQ-DATE"),
        ({"du": REFORM, "selon": "aide.cout"}, "EXP-TYPE"),
        ({"du": REFORM, "selon": "aide.jours"}, "EXP-NOM"),
        ({"du": REFORM, "selon": "aide.jour + 1 jours"}, "EXP-TYPE"),
        ({"depuis": REFORM}, "PAQ-CLE-INCONNUE"),
    ],
)
def test_what_is_badly_written_is_refused(judge: Judge, in_force: dict[str, str], code: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        judge([condition("aide.bal = 1") | {"en_vigueur": in_force}])
    assert code in {fault.code for fault in caught.value.diagnostics}
    assert all(fault.span is not None and fault.span.file == "regles/essai.yaml" for fault in caught.value.diagnostics)


@pytest.mark.parametrize("declared", ["aide.cout", {"selon": "reception", "sauf_renvoi": "aide.bal"}])
def test_an_applied_text_that_is_not_a_date_is_refused(judge: Judge, declared: Any) -> None:
    with pytest.raises(DiagnosticError) as caught:
        judge([condition("aide.bal = 1")], {"texte_applicable": declared})
    assert {(fault.code, fault.span and fault.span.file) for fault in caught.value.diagnostics} == {
        ("EXP-TYPE", "programme.yaml")
    }


def test_a_deduction_has_its_dates_in_what_it_is(judge: Judge) -> None:
    rule = {
        "id": "DED",
        "titre": "D",
        "deduction": "d",
        "vaut": "vrai",
        "source": "§1",
        "en_vigueur": NEW,
        "exigences": ["REQ-1"],
    }
    with pytest.raises(DiagnosticError, match="en_vigueur"):
        judge([rule, condition("d")])
