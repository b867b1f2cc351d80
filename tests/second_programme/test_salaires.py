"""A programme whose text changes with time, written with the words of `docs/langage.md` and no workaround."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema_rs import Draft202012Validator

from recevable import data
from recevable.decision.model import Verdict
from recevable.handbook.sources import sources
from recevable.handbook.survey import survey
from recevable.language.diagnostics import Diagnostic
from recevable.lint.run import lint
from recevable.programme import Programme, open_programme
from recevable.report.sections import applied
from recevable.trials.suite import collect, run

HERE: Final = Path(__file__).parent
PACK: Final = HERE / "salaires"
DAY: Final = date(2024, 2, 1)
DOSSIER: Final[dict[str, Any]] = json.loads((HERE / "dossiers-salaires" / "renvoyee.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def programme() -> Programme:
    return open_programme(PACK)


def changed(**aide: Any) -> bytes:
    """The dossier with other fields; None removes one."""
    found = {**DOSSIER["aide"], **aide}
    kept = {key: value for key, value in found.items() if value is not None}
    return json.dumps({**DOSSIER, "aide": kept}).encode()


def decided(programme: Programme, **aide: Any) -> Any:
    return programme.decide(programme.read(changed(**aide), "d.json"), DAY).requests[0]


def test_nothing_is_found_wrong_with_its_rules() -> None:
    assert [str(found) for found in lint(PACK, date(2024, 6, 1))] == []


def test_its_examples_pass() -> None:
    programme, faults = open_programme(PACK, prepared=False), list[Diagnostic]()
    trials = collect(programme, faults)
    assert trials
    assert faults == []
    assert [found for found in (run(trial, programme.decider) for trial in trials) if found.differences] == []


@pytest.mark.parametrize(
    ("aide", "verdict", "amount", "text"),
    [
        # sent back after the reform: the new text and its share of 60 %, without the ceiling
        ({}, Verdict.ACCEPT, "1740.00", "version 2"),
        # sent back before it, or never: the text of the reception, 50 %
        ({"renvoyee_le": "2023-12-31"}, Verdict.ACCEPT, "1450.00", "version 1"),
        ({"renvoyee_le": None}, Verdict.ACCEPT, "1450.00", "version 1"),
        ({"recue_le": "2022-12-31T23:59:59+01:00", "renvoyee_le": None}, Verdict.UNDECIDABLE, None, "aucune version"),
    ],
)
def test_the_text_of_the_request_decides(
    programme: Programme, aide: Mapping[str, Any], verdict: Verdict, amount: str | None, text: str
) -> None:
    request = decided(programme, **aide)
    assert request.verdict is verdict
    assert (None if request.proposed.value is None else str(request.proposed.value)) == amount
    assert applied(request.versions).startswith(f"Texte appliqué : {text}")


def test_the_minimum_wage_is_that_of_each_month(programme: Programme) -> None:
    months = [{**DOSSIER["aide"]["mois"][0], "verse_le": "2023-05-01"}]
    assert decided(programme, mois=months).verdict is Verdict.REJECT


def test_removing_a_datum_never_makes_it_accepted_nor_worth_more(programme: Programme) -> None:
    """But for the date of the return: nobody has to say that a request was sent back."""
    low = [{**DOSSIER["aide"]["mois"][0], "taux_horaire": "9.00"}]
    for start in ({}, {"mois": low}, {"notifiee_le": "2023-01-02"}):
        before = decided(programme, **start)
        for name in {*DOSSIER["aide"], *start} - {"renvoyee_le"}:
            after = decided(programme, **{**start, name: None})
            assert before.verdict is Verdict.ACCEPT or after.verdict is not Verdict.ACCEPT, name
            assert after.proposed.value is None or after.proposed.value <= before.proposed.value, name


def test_its_decision_fits_the_schema_and_is_the_same_without_the_cache(programme: Programme) -> None:
    schema = json.loads((data.shipped("schemas") / "decision.schema.json").read_text("utf-8"))
    written = []
    for opened in (programme, open_programme(PACK, prepared=False)):
        written.append(opened.to_json(opened.decide(opened.read(changed(), "d.json"), DAY)))
    assert written[0] == written[1]
    Draft202012Validator(schema).validate(json.loads(written[0]))


def test_its_site_draws_the_tables_and_says_the_dates() -> None:
    found = sources(survey(open_programme(PACK, prepared=False), DAY, with_history=False))
    text = "\n".join(page for _, page in found).replace("\\", "")
    for said in ("grande", "60", "au-delà", "En vigueur", "facultative", "le texte appliqué à la demande"):
        assert said in text, said
