"""The verdict: the heaviest consequence, and none at all where nothing is established."""

from __future__ import annotations

import pytest
from tests.decision.conftest import Judge, appraisal, completing, condition

from recevable.decision.model import Datum, Finding, Verdict
from recevable.decision.verdict import verdict
from recevable.language.types import TEXT
from recevable.pack.model import Consequence, Result

UNKNOWN = Datum("parametre:plafond", "Plafond", TEXT, None)


def finding(result: Result, consequence: Consequence | None = None) -> Finding:
    return Finding("REGLE", "Règle", result, "§1", (), consequence=consequence)


REJECTS = finding(Result.FAILED, Consequence.REJECT)
COMPLETES = finding(Result.FAILED, Consequence.COMPLETE)
SIGNALS = finding(Result.FAILED, Consequence.SIGNAL)
MISSES = finding(Result.MISSING, Consequence.COMPLETE)
ASKS = finding(Result.TO_APPRAISE)


@pytest.mark.parametrize(
    ("notable", "undecidable", "satisfied", "expected"),
    [
        ([], [], True, Verdict.ACCEPT),
        ([SIGNALS], [], True, Verdict.ACCEPT),
        ([ASKS], [], True, Verdict.ACCEPT),
        ([MISSES], [], True, Verdict.COMPLETE),
        ([COMPLETES, SIGNALS], [], True, Verdict.COMPLETE),
        ([MISSES, COMPLETES, REJECTS], [], True, Verdict.REJECT),
        ([REJECTS], [UNKNOWN], True, Verdict.REJECT),
        ([MISSES], [UNKNOWN], True, Verdict.UNDECIDABLE),
        ([COMPLETES], [UNKNOWN], True, Verdict.UNDECIDABLE),
        ([], [], False, Verdict.UNDECIDABLE),
        ([SIGNALS], [], False, Verdict.UNDECIDABLE),
        ([ASKS], [], False, Verdict.UNDECIDABLE),
        ([MISSES], [], False, Verdict.COMPLETE),
        ([REJECTS], [], False, Verdict.REJECT),
    ],
)
def test_the_heaviest_consequence_decides(
    notable: list[Finding], undecidable: list[Datum], satisfied: bool, expected: Verdict
) -> None:
    assert verdict(notable, undecidable, satisfied=satisfied) is expected


def test_every_rule_speaks_and_the_heaviest_decides(judge: Judge) -> None:
    decision = judge([completing("PREMIERE", "aide.bal = 1"), condition("aide.bal = 2")], bal=3)
    assert decision.verdict is Verdict.REJECT
    assert [f.consequence for f in decision.findings] == [Consequence.COMPLETE, Consequence.REJECT]


def test_a_request_of_which_no_rule_applies_gets_no_decision(judge: Judge) -> None:
    decision = judge([condition("aide.bal = 1") | {"quand": "aide.cout est present"}], bal=1)
    assert decision.verdict is Verdict.UNDECIDABLE
    assert decision.repair.obstacles == ("aucune_regle_satisfaite",)


def test_an_open_question_makes_an_acceptance_provisional(judge: Judge) -> None:
    question = appraisal("JUGER", "Est-ce bien ?", oui={"resultat": "satisfait"},
                         non={"consequence": "rejeter", "message": "Non."})  # fmt: skip
    decision = judge([condition("aide.bal = 1"), question], bal=1)
    assert (decision.verdict, decision.provisional) == (Verdict.ACCEPT, True)
    assert decision.counts()[Result.TO_APPRAISE] == 1
