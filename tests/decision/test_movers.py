"""What moved between two decisions on one request is told by the rules that moved it."""

from __future__ import annotations

from typing import Any, Final

import pytest
from tests.decision.conftest import Judge, amount, appraisal, completing, condition

from recevable import movers

REJECTS: Final = condition("aide.bal = 1")
COMPLETES: Final = completing("A-COMPLETER", "aide.cout > 1.00")
PROPOSES: Final = {"montant_propose": "prime"}


@pytest.mark.parametrize(
    ("before", "after", "rules"),
    [
        ({"bal": 1, "cout": "2.00"}, {"bal": 1, "cout": "2.00"}, []),
        ({"bal": 1, "cout": "2.00"}, {"bal": 2, "cout": "2.00"}, ["ESSAI"]),
        ({"bal": 2, "cout": "2.00"}, {"bal": 1, "cout": "2.00"}, ["ESSAI"]),
        # only what gives the heavier verdict explains it
        ({"bal": 1, "cout": "2.00"}, {"bal": 2, "cout": "1.00"}, ["ESSAI"]),
        ({"bal": 2, "cout": "1.00"}, {"bal": 1, "cout": "1.00"}, ["ESSAI"]),
        ({"bal": 1, "cout": "1.00"}, {"bal": 1, "cout": "2.00"}, ["A-COMPLETER"]),
        # the verdict is the same: nothing of it moved
        ({"bal": 2, "cout": "1.00"}, {"bal": 2, "cout": "2.00"}, []),
    ],
)
def test_the_rules_that_give_or_held_back_a_verdict(
    judge: Judge, before: dict[str, Any], after: dict[str, Any], rules: list[str]
) -> None:
    was, now = (judge([REJECTS, COMPLETES], **aide) for aide in (before, after))
    assert [rule for rule, _ in movers(was, now)] == rules


def test_the_rule_of_an_amount_that_changed_has_its_title(judge: Judge) -> None:
    rules = [condition("aide.bal > 0"), amount("prime", "aide.cout")]
    was, now = (judge(rules, PROPOSES, bal=1, cout=cost) for cost in ("2.00", "3.00"))
    assert movers(was, now) == (("MON-PRIME", "Montant prime"),)


def test_a_question_that_opens_or_closes_is_told(judge: Judge) -> None:
    no = {"consequence": "rejeter", "message": "Ce ne l'est pas."}
    question = appraisal("Q", "Est-ce bien cela ?", oui={"resultat": "satisfait"}, non=no)
    asked = {**question, "quand": "aide.bal > 5"}
    was, now = (judge([condition("aide.bal > 0"), asked], bal=boxes) for boxes in (1, 9))
    assert [rule for rule, _ in movers(was, now)] == ["Q"]
    assert [rule for rule, _ in movers(now, was)] == ["Q"]
