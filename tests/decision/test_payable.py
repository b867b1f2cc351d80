"""What is to pay now is kept apart from what would be; an acceptance never pays what cannot or may not be paid."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from tests.decision.conftest import Judge, amount, condition, deduction

from recevable.decision.model import RequestDecision, Verdict
from recevable.decision.payable import AboveMaximum, FractionOfCent, NegativePayment, sum_fault
from recevable.programme import InvalidPack
from recevable.report import json_format

PROPOSES = {"montant_propose": "prime"}


def _written(request: RequestDecision) -> Any:
    texts: list[bytes] = []
    json_format._write_request(request, texts)
    return json.loads(b"{" + b"".join(texts))


def test_a_request_that_is_accepted_pays_what_it_proposes(judge: Judge) -> None:
    decision = judge([condition("aide.bal = 1"), amount("prime", "aide.cout")], PROPOSES, bal=1, cout="10.00")
    assert decision.payable is not None
    assert decision.payable.value == Decimal("10.00")


@pytest.mark.parametrize(("facts", "verdict"), [({"bal": 2}, Verdict.REJECT), ({}, Verdict.COMPLETE)])
def test_a_request_that_is_not_accepted_pays_nothing(judge: Judge, facts: dict[str, int], verdict: Verdict) -> None:
    decision = judge([condition("aide.bal = 1"), amount("prime", "aide.cout")], PROPOSES, cout="10.00", **facts)
    assert decision.verdict is verdict
    assert decision.payable is None
    data = _written(decision)
    assert data["montant_propose"] is None
    assert data["montant_estime"]["valeur"] == "10.00"


def test_a_fraction_of_a_cent_is_refused(judge: Judge) -> None:
    rules = [condition("aide.bal = 3"), amount("prime", "aide.cout / aide.bal")]
    assert judge(rules, PROPOSES, bal=3, cout="9.99").verdict is Verdict.ACCEPT
    with pytest.raises(FractionOfCent, match="prime"):
        judge(rules, PROPOSES, bal=3, cout="10.00")


def test_a_negative_amount_is_refused(judge: Judge) -> None:
    rules = [condition("aide.bal = 3"), amount("prime", "aide.cout - 10.00")]
    assert judge(rules, PROPOSES, bal=3, cout="10.00").verdict is Verdict.ACCEPT
    with pytest.raises(NegativePayment, match="prime"):
        judge(rules, PROPOSES, bal=3, cout="9.99")


@pytest.mark.parametrize(("cost", "refused"), [("299.99", False), ("300.00", False), ("300.01", True)])
def test_an_amount_above_its_maximum_is_refused(judge: Judge, cost: str, *, refused: bool) -> None:
    rules = [condition("aide.bal = 3"), amount("prime", "aide.cout"), amount("limite", "aide.plafond")]
    request = {**PROPOSES, "montant_maximal": "limite"}
    if not refused:
        assert judge(rules, request, bal=3, cout=cost, plafond="300.00").verdict is Verdict.ACCEPT
        return
    with pytest.raises(AboveMaximum, match="prime") as caught:
        judge(rules, request, bal=3, cout=cost, plafond="300.00")
    assert (caught.value.limit, caught.value.maximum) == ("limite", Decimal("300.00"))


def test_a_maximum_that_nobody_knows_allows_nothing(judge: Judge) -> None:
    rules = [condition("aide.cout > 1.00"), amount("prime", "aide.cout"), amount("limite", "aide.plafond")]
    with pytest.raises(AboveMaximum):
        judge(rules, {**PROPOSES, "montant_maximal": "limite"}, cout="10.00")


# --- the sum that a person fixes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sum_", "words"),
    [
        ("0.01", ""),
        ("300.00", ""),
        ("300.01", "dépasse « Montant limite » : 300,00"),
        ("0.00", "plus que zéro"),
        ("-0.01", "plus que zéro"),
        ("0.005", "nombre entier de centimes"),
        ("NaN", "nombre entier de centimes"),
        ("Infinity", "nombre entier de centimes"),
        ("1E+40", "dépasse"),
        ("1E-40", "nombre entier de centimes"),
        ("300.000", ""),
    ],
)
def test_a_sum_fixed_against_the_rules_is_bounded_by_the_same_maximum(judge: Judge, sum_: str, words: str) -> None:
    rules = [condition("aide.bal = 1"), amount("prime", "aide.cout"), amount("limite", "aide.plafond")]
    request = {**PROPOSES, "montant_maximal": "limite"}
    decision = judge(rules, request, bal=3, cout="1000.00", plafond="300.00")
    assert decision.verdict is Verdict.REJECT
    assert words in sum_fault(decision, Decimal(sum_))
    assert (sum_fault(decision, Decimal(sum_)) == "") == (words == "")


def test_a_sum_is_not_fixed_while_its_maximum_is_unknown_nor_where_there_is_none_to_pay(judge: Judge) -> None:
    rules = [condition("aide.bal = 1"), amount("prime", "aide.cout"), amount("limite", "aide.plafond")]
    unknown = judge(rules, {**PROPOSES, "montant_maximal": "limite"}, bal=3, cout="10.00")
    assert "n'est pas connu" in sum_fault(unknown, Decimal("1.00"))
    unbounded = judge(rules, PROPOSES, bal=3, cout="10.00")
    assert (unbounded.maximum, sum_fault(unbounded, Decimal("9999.99"))) == (None, "")
    nothing = judge([condition("aide.bal = 1")], {}, bal=3)
    assert "aucune somme" in sum_fault(nothing, Decimal("1.00"))


# --- what is settled already ------------------------------------------------------------------------------------------

SETTLED = {**PROPOSES, "deja_regle": "reglee"}


@pytest.mark.parametrize(
    ("facts", "settled", "payable"),
    [
        ({"plafond": "1.00"}, False, "10.00"),
        ({"plafond": "2.00"}, True, None),
        # nobody knows: nothing is paid
        ({}, None, None),
    ],
)
def test_what_is_settled_or_may_be_is_not_to_be_paid_again(
    judge: Judge, facts: dict[str, str], settled: bool | None, payable: str | None
) -> None:
    rules = [condition("aide.bal = 3"), amount("prime", "aide.cout"), deduction("reglee", "aide.plafond = 2.00")]
    decision = judge(rules, SETTLED, bal=3, cout="10.00", **facts)
    assert (decision.verdict, decision.settled) == (Verdict.ACCEPT, settled)
    assert (None if decision.payable is None else f"{decision.payable.value}") == payable
    data = _written(decision)
    assert data["deja_regle"] is settled
    assert (data["montant_propose"] is None) == (payable is None)
    assert data["montant_estime"]["valeur"] == "10.00"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {**PROPOSES, "deja_regle": "reglees"},
            "`deja_regle` de la demande `aide` n'est pas une déduction",
        ),
        ({**PROPOSES, "deja_regle": "prime"}, "`deja_regle` de la demande `aide` n'est pas une déduction"),
        ({"deja_regle": "reglee"}, "la demande `aide` dit `deja_regle` et ne propose aucun montant"),
    ],
)
def test_what_says_that_a_request_is_settled_is_a_deduction(
    judge: Judge, request_: dict[str, str], message: str
) -> None:
    rules = [condition("aide.bal = 3"), amount("prime", "aide.cout"), deduction("reglee", "aide.plafond = 2.00")]
    with pytest.raises(InvalidPack) as raised:
        judge(rules, request_, bal=3, cout="10.00")
    (only,) = raised.value.diagnostics
    assert only.code == "PAQ-DEMANDE"
    assert only.message.startswith(message)
    assert only.help
