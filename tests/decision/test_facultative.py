"""An optional document: nothing comes of its absence, its defects count, and the checklist says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from tests.decision.conftest import Judge, completing

from recevable.decision.checklist import checklist
from recevable.decision.model import Verdict
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.kinds.base import Place
from recevable.pack.model import Result
from recevable.programme import open_programme

DEFECT: Final = {
    "cause": "refusee", "si": 'aide.decision.sens = "rejetee"', "consequence": "completer", "message": "Refusée.",
    "reparation": "Joindre une autre pièce",
}  # fmt: skip


def document(**more: Any) -> dict[str, Any]:
    return {
        "id": "PIECE", "titre": "Décision antérieure", "demandes": ["aide"], "piece": "aide.decision",
        "exigences": ["REQ-1"], "source": "Texte §1", "facultative": True, **more,
    }  # fmt: skip


OTHER: Final = completing("AUTRE", "aide.bal = 1")


@pytest.mark.parametrize(
    ("more", "told", "verdict", "result"),
    [
        ({}, {}, Verdict.ACCEPT, Result.NOT_APPLICABLE),
        ({}, {"decision": {}}, Verdict.ACCEPT, Result.SATISFIED),
        ({"si_invalide": [DEFECT]}, {}, Verdict.ACCEPT, Result.NOT_APPLICABLE),
        ({"si_invalide": [DEFECT]}, {"decision": {"sens": "validee"}}, Verdict.ACCEPT, Result.SATISFIED),
        ({"si_invalide": [DEFECT]}, {"decision": {"sens": "rejetee"}}, Verdict.COMPLETE, Result.FAILED),
        ({"si_invalide": [DEFECT]}, {"decision": {}}, Verdict.COMPLETE, Result.MISSING),
    ],
)
def test_its_absence_has_no_effect_and_its_defects_have(
    judge: Judge, more: dict[str, Any], told: dict[str, Any], verdict: Verdict, result: Result
) -> None:
    decision = judge([document(**more), OTHER], bal=1, **told)
    assert decision.verdict is verdict
    assert next(finding.result for finding in decision.findings if finding.rule == "PIECE") is result


def test_the_checklist_says_that_it_is_optional(judge: Judge, tmp_path: Path) -> None:
    judge([document(si_invalide=[DEFECT]), OTHER], bal=1)
    decider = open_programme(tmp_path).decider
    items = [item for section in checklist(decider, "aide", "particulier", date(2023, 9, 1)) for item in section.items]
    (item,) = [one for one in items if one.place is Place.DOCUMENT]
    assert item.optional
    assert not item.warning
    assert item.action.startswith("Facultative")
    assert item.details == ("Joindre une autre pièce",)
    assert not any(one.optional for one in items if one is not item)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (document(si_absente={"consequence": "completer", "message": "Absente."}), "PAQ-CAUSE"),
        (document(facultative=False), "PAQ-CLE-MANQUANTE"),
        (document(facultative="oui"), "PAQ-BOOLEEN"),
    ],
)
def test_what_contradicts_it_is_refused(judge: Judge, rule: dict[str, Any], code: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        judge([rule, OTHER])
    assert code in {fault.code for fault in caught.value.diagnostics}
