"""A parameter read at a date of the law: in a comparison, an amount, a message, element by element."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import pytest
from tests.decision.conftest import Decide, Judge, amount, completing, condition, dated, undue

from recevable.decision.calculation import sentence
from recevable.decision.model import DatumOrigin, Verdict
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.model import Result

WAGE: Final = {"2023-01-01": "11.27", "2023-05-01": "11.52", "2024-01-01": "11.65"}
SMIC: Final = {"smic": dated("montant", WAGE, titre="SMIC", reference="reception")}


@pytest.mark.parametrize(
    ("day", "cost", "verdict"),
    [
        ("2023-04-30", "11.27", Verdict.ACCEPT),
        ("2023-05-01", "11.27", Verdict.REJECT),
        ("2023-05-01", "11.52", Verdict.ACCEPT),
        ("2030-01-01", "11.65", Verdict.ACCEPT),
    ],
)
def test_it_has_the_value_in_force_on_the_day(judge: Judge, day: str, cost: str, verdict: Verdict) -> None:
    decision = judge([condition("aide.cout >= smic au aide.jour")], parameters=SMIC, jour=day, cout=cost)
    assert decision.verdict is verdict


def test_each_element_of_a_list_has_its_own(judge: Judge) -> None:
    rule = [condition("tous(f dans aide.factures, f.prix >= smic au f.payee_le)")]
    bills = [{"payee_le": "2023-04-30", "prix": "11.27"}, {"payee_le": "2023-05-01", "prix": "11.52"}]
    assert judge(rule, parameters=SMIC, factures=bills).verdict is Verdict.ACCEPT
    bills[1]["prix"] = "11.51"
    assert judge(rule, parameters=SMIC, factures=bills).verdict is Verdict.REJECT


@pytest.mark.parametrize("day", ["2022-12-31", "2025-01-01"])
def test_where_the_text_gives_no_value_nothing_is_decided(judge: Judge, day: str) -> None:
    parameters = {"smic": dated("montant", WAGE, titre="SMIC", jusqu_au="2024-12-31")}
    decision = judge(
        [completing("PIECE", "aide.cout >= smic au aide.jour")], parameters=parameters, jour=day, cout="20.00"
    )
    (finding,) = decision.findings
    assert decision.verdict is Verdict.UNDECIDABLE
    assert [datum.origin for datum in finding.missing] == [DatumOrigin.PARAMETER]
    assert finding.message.startswith("La valeur de ce paramètre n'est pas connue à la date de référence : SMIC (au ")


def test_an_unknown_date_is_asked_for(judge: Judge) -> None:
    decision = judge([completing("PIECE", "aide.cout >= smic au aide.jour")], parameters=SMIC, cout="20.00")
    assert decision.verdict is Verdict.COMPLETE
    assert [datum.name for datum in decision.findings[0].missing] == ["aide.jour"]


def test_an_unknown_value_is_told_for_each_date(judge: Judge) -> None:
    rule = [completing("PIECE", "tous(f dans aide.factures, f.prix >= smic au f.payee_le)")]
    bills = [{"payee_le": "2021-04-30", "prix": "11.27"}, {"payee_le": "2022-05-01", "prix": "11.52"}]
    decision = judge(rule, parameters=SMIC, factures=bills)
    assert [datum.title for datum in decision.findings[0].missing] == [
        "SMIC (au 30 avril 2021)",
        "SMIC (au 1er mai 2022)",
    ]


def test_a_declared_unknown_refuses_the_decision(judge: Judge) -> None:
    parameters = {"smic": dated("montant", {"2023-01-01": "inconnue", "2023-05-01": "11.52"})}
    rule = [condition("aide.cout >= smic au aide.jour")]
    assert judge(rule, parameters=parameters, jour="2023-03-01", cout="9.00").verdict is Verdict.UNDECIDABLE
    assert judge(rule, parameters=parameters, jour="2023-05-01", cout="9.00").verdict is Verdict.REJECT


def test_the_steps_of_an_amount_show_the_day_and_the_value(judge: Judge) -> None:
    rules = [amount("prime", "aide.bal * smic au aide.jour"), condition("aide.bal = 2")]
    decision = judge(rules, {"montant_propose": "prime"}, SMIC, bal=2, jour="2023-06-01")
    (line,) = decision.amounts
    assert line.value == Decimal("23.04")
    assert [sentence(step) for step in line.steps] == ["SMIC au 1er juin 2023 = 11,52", "2 × 11,52 = 23,04"]


def test_a_message_says_the_value_at_the_date(judge: Judge) -> None:
    message = "Il fallait {smic au aide.jour} au {aide.jour}."
    rule = completing("PIECE", "aide.cout >= smic au aide.jour", message)
    (finding,) = judge([rule], parameters=SMIC, jour="2023-06-01", cout="9.00").findings
    assert finding.message == "Il fallait 11,52\N{NO-BREAK SPACE}€ au 1er juin 2023."
    assert [(datum.name, str(datum.value)) for datum in finding.values] == [
        ("aide.cout", "9.00"), ("aide.jour", "2023-06-01"), ("smic au aide.jour", "11.52"),
    ]  # fmt: skip


def test_a_parameter_may_name_the_date_at_which_it_is_read(judge: Judge) -> None:
    parameters = {"smic": dated("montant", WAGE, reference="aide.jour")}
    rule = [condition("aide.cout >= smic")]
    assert judge(rule, parameters=parameters, jour="2023-04-30", cout="11.27").verdict is Verdict.ACCEPT
    assert judge(rule, parameters=parameters, jour="2023-05-01", cout="11.27").verdict is Verdict.REJECT


def test_that_date_may_be_an_instant(judge: Judge) -> None:
    parameters = {"smic": dated("montant", WAGE, reference="aide.recue_le")}
    rule = [condition("aide.cout >= smic")]
    # half past midnight on the first of May in Paris
    assert judge(rule, parameters=parameters, recue_le="2023-04-30T22:30:00Z", cout="11.27").verdict is Verdict.REJECT


@pytest.mark.parametrize("reference", ["aide.cout", "aide.quand", "recepton"])
def test_a_reference_that_is_not_a_date_is_refused(judge: Judge, reference: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        judge([condition("aide.cout >= smic")], parameters={"smic": dated("montant", WAGE, reference=reference)})
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.span is not None and fault.span.file) == ("PAQ-VALEUR", "parametres.yaml")


def test_recovery_reads_it_at_the_date_of_a_fact_and_never_at_the_reception(decide: Decide) -> None:
    told = {"recue_le": "2023-06-01T12:00:00+02:00", "jour": "2023-06-01", "cout": "20.00", "bal": 1}
    step = {"etape": "emettre", "message": "Titre."}
    rules = [
        condition("aide.bal = 1"),
        undue("INDU", "aide.cout > smic au aide.jour", "aide.cout - smic au aide.jour", step),
    ]
    (case,) = decide(rules, told, parameters=SMIC).recovery
    assert case.amount.value == Decimal("8.48")
    rules[1]["indu"] = "aide.cout > smic"
    with pytest.raises(DiagnosticError) as caught:
        decide(rules, told, parameters=SMIC)
    assert {fault.code for fault in caught.value.diagnostics} == {"PAQ-REFERENCE"}
    assert "`smic au`" in caught.value.diagnostics[0].help


@pytest.mark.parametrize(
    ("type_", "value", "text", "given", "verdict"),
    [
        ("booleen", "vrai", "ouvert", {}, Verdict.ACCEPT),
        ("booleen", "faux", "ouvert", {}, Verdict.REJECT),
        ("liste_de_textes", ["a", "b"], "aide.siret dans ouvert", {"siret": "b"}, Verdict.ACCEPT),
        ("liste_de_textes", ["a", "b"], "aide.siret dans ouvert", {"siret": "c"}, Verdict.REJECT),
        ("liste_de_textes", ["a"], "aide.siret dans ouvert", {}, Verdict.COMPLETE),
        ("liste_de_textes", "inconnue", "aide.siret dans ouvert", {"siret": "a"}, Verdict.UNDECIDABLE),
        ("liste_de_dates", ["2023-07-14"], "aide.jour dans ouvert", {"jour": "2023-07-14"}, Verdict.ACCEPT),
        (
            "liste_de_dates",
            ["2023-07-14"],
            "aide.jour dans ouvert au aide.jour",
            {"jour": "2023-07-15"},
            Verdict.REJECT,
        ),
        ("duree", "15 jours", "aide.jour + ouvert >= 2023-07-14", {"jour": "2023-06-29"}, Verdict.ACCEPT),
    ],
)
def test_a_parameter_may_be_a_truth_value_a_duration_or_a_list(
    judge: Judge, type_: str, value: Any, text: str, given: dict[str, str], verdict: Verdict
) -> None:
    decision = judge([condition(text)], parameters={"ouvert": dated(type_, {"2020-01-01": value})}, **given)
    assert decision.verdict is verdict


def test_removing_the_date_never_improves_an_answer(judge: Judge) -> None:
    rule = [condition("aide.cout >= smic au aide.jour")]
    assert judge(rule, parameters=SMIC, cout="1.00", jour="2023-06-01").verdict is Verdict.REJECT
    assert judge(rule, parameters=SMIC, cout="1.00").findings[0].result is Result.MISSING
