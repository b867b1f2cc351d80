"""`calcul`: a named date, duration, text or whole number that other rules read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from tests.decision.conftest import Judge, amount, completing, condition, dated, deduction

from recevable.decision.model import Verdict
from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.pack.examples import read_examples
from recevable.programme import open_programme
from recevable.trials.examples import run_example

LIMIT: Final = 'decale(aide.jour, 2 mois, "fin_de_mois")'


def calcul(name: str, type_: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"CAL-{name.upper()}", "titre": f"Calcul {name}", "demandes": ["aide"], "exigences": ["REQ-1"],
        "source": "Texte §1", "calcul": text, "nom": name, "type": type_, **more,
    }  # fmt: skip


@pytest.mark.parametrize(("day", "verdict"), [("2022-12-31", Verdict.ACCEPT), ("2023-01-01", Verdict.REJECT)])
def test_a_date_is_read_by_other_rules(judge: Judge, day: str, verdict: Verdict) -> None:
    rules = [calcul("limite", "date", LIMIT), condition("limite <= 2023-02-28")]
    assert judge(rules, jour=day).verdict is verdict


def test_it_is_said_in_messages_and_is_no_amount(judge: Judge) -> None:
    rules = [calcul("limite", "date", LIMIT), completing("PIECE", "limite < 2023-01-01", "Avant le {limite}.")]
    decision = judge(rules, jour="2023-04-30")
    assert decision.findings[-1].message == "Avant le 30 juin 2023."
    assert decision.amounts == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{annee(aide.jour)}", "2023"),
        ("{annee(aide.jour) + 1}", "2024"),
        ("{si aide.bal > 2 alors annee(aide.jour) sinon 2021}", "2021"),
        ("{max(annee(aide.jour), 2030)}", "2030"),
        ("{exercice}", "2023"),
        ("{lot}", "1 204"),
        ("{annee(aide.jour) * 2}", "4 046"),
        ("{annee(aide.jour) - annee(2000-01-01) + 2000}", "2 023"),
    ],
)
def test_a_year_is_said_as_a_year_and_a_quantity_as_a_quantity(judge: Judge, text: str, said: str) -> None:
    rules = [
        calcul("exercice", "numero", "annee(aide.jour)"),
        calcul("lot", "entier", "1203 + aide.bal"),
        completing("PIECE", "exercice = 2022 et lot > 0", text),
    ]
    message = judge(rules, jour="2023-04-30", bal=1).findings[-1].message
    assert message.replace("\N{NARROW NO-BREAK SPACE}", " ") == said


def test_what_makes_it_unknown_is_asked_for(judge: Judge) -> None:
    decision = judge([calcul("limite", "date", LIMIT), completing("PIECE", "limite < 2023-01-01")])
    assert [datum.name for finding in decision.findings for datum in finding.missing] == ["aide.jour"]


@pytest.mark.parametrize(
    ("type_", "text", "test"),
    [
        ("duree", "si aide.bal > 2 alors 15 jours sinon jours(aide.bal)", "aide.jour + essai = 2023-01-02"),
        (
            "duree_en_mois",
            "si aide.bal > 2 alors 2 ans sinon 3 mois",
            'decale(aide.jour, essai, "fin_de_mois") = 2023-04-01',
        ),
        ("texte", 'si aide.bal > 2 alors "grande" sinon "petite"', 'essai = "petite"'),
        ("entier", "aide.bal * 3", "essai = 3"),
        ("instant", "fin_de_jour(aide.jour)", "essai > debut_de_jour(aide.jour)"),
        ("numero", "annee(aide.jour) + aide.bal - 1", "essai = 2023"),
    ],
)
def test_it_may_be_of_these_types(judge: Judge, type_: str, text: str, test: str) -> None:
    assert judge([calcul("essai", type_, text), condition(test)], bal=1, jour="2023-01-01").verdict is Verdict.ACCEPT


def test_it_may_be_read_at_by_a_parameter_and_change_with_time(judge: Judge) -> None:
    rules = [
        calcul("depart", "date", "aide.jour", en_vigueur={"jusqu_au": "2023-05-31"}),
        calcul("depart", "date", "aide.jour + 1 jours", en_vigueur={"du": "2023-06-01"}) | {"id": "CAL-NOUVEAU"},
        amount("prime", "aide.bal * smic au depart"), condition("aide.bal = 1"),
    ]  # fmt: skip
    parameters = {"smic": dated("montant", {"2023-01-01": "11.27", "2023-05-01": "11.52"}, reference="reception")}
    for received, value in (("2023-05-31T12:00:00+02:00", "11.27"), ("2023-06-01T12:00:00+02:00", "11.52")):
        told = {"bal": 1, "jour": "2023-04-30", "recue_le": received}
        (line,) = judge(rules, {"montant_propose": "prime"}, parameters, **told).amounts
        assert str(line.value) == value


@pytest.mark.parametrize(
    ("type_", "text", "code"),
    [
        ("date", "aide.bal", "EXP-TYPE"),
        ("duree", "2 mois", "EXP-TYPE"),
        ("duree_en_mois", "15 jours", "EXP-TYPE"),
        ("montant", "aide.cout", "PAQ-VALEUR"),
        ("date", "essai + 1 jours", "PAQ-CYCLE"),
    ],
)
def test_what_is_of_another_type_is_refused(judge: Judge, type_: str, text: str, code: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        judge([calcul("essai", type_, text), condition("aide.bal = 1")])
    assert code in {fault.code for fault in caught.value.diagnostics}


@pytest.mark.parametrize(("day", "verdict"), [("2022-12-31", Verdict.ACCEPT), ("2023-01-01", Verdict.REJECT)])
def test_a_deduction_reads_it_and_what_it_reads(judge: Judge, day: str, verdict: Verdict) -> None:
    rules = [
        calcul("limite", "date", LIMIT),
        calcul("veille", "date", "limite - 1 jours"),
        deduction("precoce", "limite <= 2023-02-28 et veille < 2023-02-28"),
        deduction("retenu", "precoce"),
        calcul("libelle", "texte", 'si retenu alors "a" sinon "b"'),
        deduction("retenue", 'libelle = "a"'),
        condition("retenue"),
    ]
    assert judge(rules, jour=day).verdict is verdict


def test_a_deduction_that_reads_what_is_unknown_is_unknown(judge: Judge) -> None:
    rules = [calcul("limite", "date", LIMIT), deduction("precoce", "limite <= 2023-02-28"), condition("precoce")]
    decision = judge(rules)
    assert decision.verdict is Verdict.COMPLETE
    assert [datum.name for datum in decision.findings[-1].missing] == ["aide.jour"]


@pytest.mark.parametrize(
    "rules",
    [
        [calcul("limite", "date", LIMIT, quand="aide.bal = 1")],
        [calcul("limite", "date", LIMIT), {**calcul("limite", "date", "aide.jour"), "id": "AUTRE"}],
        [calcul("milieu", "date", LIMIT, quand="aide.bal = 1"), calcul("limite", "date", "milieu")],
    ],
)
def test_a_deduction_reads_only_what_one_rule_always_gives(judge: Judge, rules: list[dict[str, Any]]) -> None:
    with pytest.raises(DiagnosticError, match="qui peut ne pas avoir de valeur"):
        judge([*rules, deduction("tardive", "limite > 2023-01-01"), condition("tardive")])


def test_a_deduction_and_what_it_reads_are_no_circle(judge: Judge) -> None:
    rules = [
        calcul("mot", "texte", 'si tardive alors "a" sinon "b"'),
        deduction("tardive", 'mot = "a"'),
        condition("tardive"),
    ]
    with pytest.raises(DiagnosticError, match="définition circulaire : mot → tardive → mot"):
        judge(rules)


def test_a_deduction_is_not_too_long_once_what_it_reads_is_in_it(judge: Judge) -> None:
    rules = [calcul("n0", "entier", "aide.bal")]
    rules += [calcul(f"n{i}", "entier", f"n{i - 1} + n{i - 1}") for i in range(1, 40)]
    with pytest.raises(DiagnosticError, match="trop longue"):
        judge([*rules, deduction("grande", "n39 > 0"), condition("grande")])


@pytest.mark.parametrize(("given", "value", "met"), [("2023-01-02", True, True), ("2023-01-01", True, False)])
def test_an_example_of_a_deduction_gives_it_by_name(
    judge: Judge, tmp_path: Path, given: str, value: bool, met: bool
) -> None:
    example = {"avec": {"limite": given}, "valeur": value}
    judge(
        [
            calcul("limite", "date", LIMIT),
            {**deduction("tardive", "limite > 2023-01-01"), "exemples": [example]},
            condition("tardive"),
        ],
        jour="2023-04-30",
    )
    programme = open_programme(tmp_path, prepared=False)
    (read,) = read_examples(programme.compiled, [])
    assert run_example(read, programme.decider).passed is met


@pytest.mark.parametrize(
    ("type_", "text", "value", "met"),
    [
        ("date", LIMIT, "2023-06-30", True),
        ("date", LIMIT, "2023-06-29", False),
        ("duree", "aide.jour - 2023-04-01", "29 jours", True),
        ("texte", '"a"', "a", True),
        ("entier", "4", "4", True),
        ("instant", "debut_de_jour(aide.jour)", "2023-04-30T00:00:00", True),
        ("instant", "debut_de_jour(aide.jour)", "2023-04-30T00:00:01", False),
        ("numero", "annee(aide.jour)", "2023", True),
    ],
)
def test_its_examples_are_run(judge: Judge, tmp_path: Path, type_: str, text: str, value: str, met: bool) -> None:
    example = {"avec": {"aide.jour": "2023-04-30"}, "valeur": value}
    judge([calcul("essai", type_, text, exemples=[example]), condition("essai = essai")], jour="2023-04-30")
    programme = open_programme(tmp_path, prepared=False)
    faults: list[Diagnostic] = []
    results = [run_example(example, programme.decider) for example in read_examples(programme.compiled, faults)]
    assert faults == []
    assert [result.passed for result in results] == [met]
