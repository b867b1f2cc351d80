"""Working days in decisions: a delay, an amount by the day, and what the pack does not know."""

from __future__ import annotations

from typing import Any, Final

import pytest
from tests.decision.conftest import Judge, amount, completing, condition, dated

from recevable.decision.calculation import sentence
from recevable.decision.model import DatumOrigin, Verdict
from recevable.language.diagnostics import DiagnosticError

HOLIDAYS: Final = ["2023-01-01", "2023-05-01", "2023-05-08", "2023-07-14"]


def calendar(**more: Any) -> dict[str, Any]:
    return {
        "feries": dated("jours_feries", {"2023-01-01": HOLIDAYS}, titre="Jours fériés", jusqu_au="2023-12-31") | more
    }


@pytest.mark.parametrize(("day", "verdict"), [("2023-07-17", Verdict.ACCEPT), ("2023-07-18", Verdict.REJECT)])
def test_a_delay_that_ends_on_a_holiday_is_carried(judge: Judge, day: str, verdict: Verdict) -> None:
    assert (
        judge([condition("aide.jour <= proroge(2023-07-14, feries)")], parameters=calendar(), jour=day).verdict
        is verdict
    )


def test_the_steps_of_an_amount_name_the_days(judge: Judge) -> None:
    rules = [amount("prime", "jours_ouvres(2023-05-05, aide.jour, feries) * aide.cout"), condition("aide.bal = 1")]
    told = {"jour": "2023-05-10", "cout": "10.00", "bal": 1}
    (line,) = judge(rules, {"montant_propose": "prime"}, calendar(), **told).amounts
    assert [sentence(step) for step in line.steps] == [
        "nombre de jours ouvrés du 5 mai 2023 au 10 mai 2023 (Jours fériés) = 2", "2 × 10,00 = 20,00",
    ]  # fmt: skip


def test_beyond_the_years_of_the_pack_nothing_is_decided(judge: Judge) -> None:
    decision = judge(
        [completing("PIECE", "proroge(aide.jour, feries) < 2025-01-01")], parameters=calendar(), jour="2024-01-02"
    )
    (datum,) = decision.findings[0].missing
    assert decision.verdict is Verdict.UNDECIDABLE
    assert (datum.origin, datum.title) == (
        DatumOrigin.PARAMETER,
        "Jours fériés (du 1er janvier 2023 au 31 décembre 2023 seulement)",
    )


@pytest.mark.parametrize(
    ("more", "text", "said"),
    [
        ({"jusqu_au": "ouvert"}, "proroge(aide.jour, feries) > 2023-01-01", "n'a pas de fin"),
        (
            {"jusqu_au": "2023-06-30"},
            "proroge(aide.jour, feries) > 2023-01-01",
            "n'est pas dans la période de sa liste",
        ),
        ({}, "aide.jour dans feries", "est un calendrier de jours fériés"),
        ({}, "proroge(aide.jour, aide.jour) > 2023-01-01", "`jours_feries` est attendu"),
        ({}, "delai_franc(aide.jour, 3 heures, feries) > 2023-01-01", "des heures à une date"),
    ],
)
def test_a_faulty_calendar_or_use_is_refused(judge: Judge, more: dict[str, Any], text: str, said: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        judge([condition(text)], parameters=calendar(**more))
    assert said in " ".join(fault.message for fault in caught.value.diagnostics)
