"""What each rule says of a dossier: its result, its consequence, its sentence with its values, whom to ask."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.decision.conftest import Decide, Judge, appraisal, completing, condition, dated

from recevable.decision import findings
from recevable.decision.model import Finding
from recevable.pack.model import Consequence, Result
from recevable.programme import open_programme

PIECE: dict[str, Any] = {
    "id": "PIECE", "titre": "Décision", "demandes": ["aide"], "piece": "aide.decision",
    "si_absente": {"consequence": "completer", "message": "Elle manque.", "reparation": "La joindre"},
    "si_invalide": [
        {"cause": "rejetee", "si": 'aide.decision.sens = "rejetee"', "consequence": "rejeter", "message": "Rejetée."}
    ],
    "exigences": ["REQ-1"], "source": "Texte §1",
}  # fmt: skip


def only(judge: Judge, rule: dict[str, Any], **aide: Any) -> Finding:
    (finding,) = judge([rule], **aide).findings
    return finding


def test_a_failure_holds_its_cause_its_sentence_and_what_was_compared(judge: Judge) -> None:
    rule = completing("BOITES", "aide.bal <= 3", "{aide.bal} boîtes, au plus {aide.plafond}.",
                      si_faux={"reparation": "En ôter"}, aupres_de="mairie")  # fmt: skip
    finding = only(judge, rule, bal=4, plafond="1200.50")
    assert (finding.rule, finding.title, finding.source) == ("BOITES", "Règle BOITES", "Texte §1")
    assert (finding.result, finding.cause) == (Result.FAILED, "faux")
    assert finding.consequence is Consequence.COMPLETE
    assert finding.message == "4 boîtes, au plus 1\u202f200,50\u00a0€."
    assert (finding.party, finding.repair, finding.requirements) == ("mairie", "En ôter", ("REQ-1",))
    assert [(datum.name, datum.value) for datum in finding.values] == [("aide.bal", 4)]


def test_what_is_said_again_is_never_that_of_another_value(decide: Decide, tmp_path: Path) -> None:
    rule = completing("COUT", "aide.cout <= aide.plafond * part", "{aide.cout} au-delà de {part} de {aide.plafond}.")
    # equal numbers that are not written alike
    part = dated("taux", {"2020-01-01": "0.5", "2023-01-01": "0.50"}, titre="Part")
    first = {"recue_le": "2023-05-01T10:00:00Z", "cout": "3.00", "plafond": "1.00"}
    decide([rule], first, parameters={"part": part})
    remembering = open_programme(tmp_path)
    told = []
    for day, cout in (("2022", "3.00"), ("2023", "3.00"), ("2023", "3.01"), ("2022", "3.00")):
        aide = {**first, "recue_le": f"{day}-05-01T10:00:00Z", "cout": cout}
        content = json.dumps({"programme": "essai", "demandeur": {"profil": "particulier"}, "aide": aide}).encode()
        answers = []
        for programme in (remembering, open_programme(tmp_path, remembered=0)):
            decision = programme.decide(programme.read(content), date(2023, 9, 1))
            answers.append(json.loads(programme.to_json(decision))["demandes"]["aide"]["constats"])
        assert answers[0] == answers[1]
        told.append(answers[0])
    assert told[0] == told[3]
    assert told[0] != told[1] != told[2]


def test_what_is_remembered_of_failed_checks_is_bounded(
    decide: Decide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "_MOST", 20)
    first = {"recue_le": "2023-05-01T10:00:00Z", "cout": "3.00", "plafond": "1.00"}
    decide([completing("COUT", "aide.cout <= aide.plafond", "{aide.cout}.")], first)
    for bound, most in ((0, 0), (3, 3), (100_000, 20)):
        programme = open_programme(tmp_path, remembered=bound)
        reader = programme.decider.context_decider("aide").findings
        for euros in range(2, 30):
            aide = {**first, "cout": f"{euros}.00"}
            content = json.dumps({"programme": "essai", "demandeur": {"profil": "particulier"}, "aide": aide}).encode()
            programme.decide(programme.read(content), date(2023, 9, 1))
            assert reader._remembered == sum(len(one.known) for one in reader._failures.values()) <= most
        assert bool(reader._remembered) is bool(bound)


def test_a_cause_may_name_another_than_its_rule(judge: Judge) -> None:
    rule = completing("BOITES", "aide.bal = 1", aupres_de="mairie", si_faux={"aupres_de": "demandeur"})
    assert only(judge, rule, bal=2).party == "demandeur"
    assert only(judge, rule).party == "mairie"


def test_what_is_satisfied_or_does_not_apply_says_nothing(judge: Judge) -> None:
    rule = condition("aide.bal = 1") | {"quand": "aide.cout est present"}
    for aide, result in (({"bal": 1}, Result.NOT_APPLICABLE), ({"bal": 1, "cout": "1.00"}, Result.SATISFIED)):
        finding = only(judge, rule, **aide)
        assert (finding.result, finding.message, finding.consequence) == (result, "", None)


def test_a_missing_datum_asks_for_a_completion_whatever_a_failure_would_do(judge: Judge) -> None:
    finding = only(judge, condition("aide.bal = 1"))
    assert (finding.result, finding.consequence) == (Result.MISSING, Consequence.COMPLETE)
    assert [datum.name for datum in finding.missing] == ["aide.bal"]


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (None, [("absente", Result.FAILED)]),
        ({"sens": "rejetee"}, [("rejetee", Result.FAILED)]),
        ({}, [("", Result.MISSING)]),
        ({"sens": "validee"}, [("", Result.SATISFIED)]),
    ],
)
def test_a_rule_of_several_causes_says_those_that_hold(
    judge: Judge, decision: dict[str, str] | None, expected: list[tuple[str, Result]]
) -> None:
    aide = {} if decision is None else {"decision": decision}
    findings = judge([PIECE], **aide).findings
    assert [(f.cause if f.result is Result.FAILED else "", f.result) for f in findings] == expected


def test_a_rule_that_awaits_an_answer_is_for_a_human_and_asks_nobody_for_a_datum(judge: Judge) -> None:
    question = appraisal("JUGER", "Est-ce bien ?", oui={"resultat": "satisfait"},
                         non={"consequence": "rejeter", "message": "Non."})  # fmt: skip
    awaiting = completing("ATTENDRE", 'reponse("JUGER") = "oui"')
    decision = judge([question, awaiting, condition("aide.bal = 1")], bal=1)
    finding = next(f for f in decision.findings if f.rule == "ATTENDRE")
    assert (finding.result, finding.message, finding.consequence) == (Result.TO_APPRAISE, "", None)
    assert decision.repair.actions == ()


def test_a_missing_datum_is_named_with_the_titles_that_lead_to_it(judge: Judge) -> None:
    finding = only(judge, condition('aide.decision.sens = "validee"'))
    assert finding.message == "Donnée manquante : Aide › Décision › Sens (aide.decision.sens)."


def test_a_date_that_is_not_known_reads_as_french(judge: Judge) -> None:
    rule = completing(
        "JOUR", "aide.bal = 1", "Reçue le {aide.jour}, {aide.bal} jours après le {aide.jour} : {aide.jour}."
    )
    assert only(judge, rule, bal=0).message == (
        "Reçue à une date non renseignée, 0 jour après une date non renseignée : date non renseignée."
    )
    assert only(judge, rule, bal=2, jour="2023-05-01").message == (
        "Reçue le 1er mai 2023, 2 jours après le 1er mai 2023 : 1er mai 2023."
    )
