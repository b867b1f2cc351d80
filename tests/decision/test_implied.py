"""When silence becomes a decision: of the same number to the same number, suspended, and never guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from recevable import Dossier, MemorySource, Programme, open_programme

ROOT = Path(__file__).parents[2]
DAY = date(2023, 9, 4)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return open_programme("af-ope-mss")


def dossier(**requests: Any) -> Dossier:
    return Dossier({"programme": "af-ope-mss", **requests}, "0" * 64)


@pytest.mark.parametrize(
    ("asked", "on", "day", "suspended", "resumes"),
    [
        # received on 1 March: two months end on 1 May
        ((None, None), date(2023, 3, 20), None, True, None),
        # thirty-one days were given, from 10 March to 9 April included
        ((None, date(2023, 4, 9)), date(2023, 3, 20), date(2023, 6, 1), True, date(2023, 4, 10)),
        ((None, date(2023, 4, 9)), date(2023, 4, 9), date(2023, 6, 1), True, date(2023, 4, 10)),
        ((None, date(2023, 4, 9)), date(2023, 4, 10), date(2023, 6, 1), False, None),
        # an answer in time ends it at once, one that comes too late changes nothing
        ((date(2023, 3, 25), date(2023, 4, 9)), date(2023, 3, 26), date(2023, 5, 16), False, None),
        ((date(2023, 5, 20), date(2023, 4, 9)), date(2023, 5, 20), date(2023, 6, 1), False, None),
    ],
)
def test_silence_is_suspended_until_the_answer_or_the_end_of_the_delay_that_was_given(
    programme: Programme, asked: Any, on: date, day: date | None, suspended: bool, resumes: date | None
) -> None:
    found = dossier(avance={"recue_le": "2023-03-01T10:00:00+01:00"})
    (one,) = programme.implied_decisions(found, on, {"avance": [(date(2023, 3, 10), *asked)]})
    assert (one.day, one.suspended, one.resumes) == (day, suspended, resumes)


def test_an_answer_before_the_question_is_refused(programme: Programme) -> None:
    found = dossier(avance={"recue_le": "2023-03-01T10:00:00+01:00"})
    with pytest.raises(ValueError, match="an answer"):
        programme.implied_decisions(found, DAY, {"avance": [(date(2023, 3, 9), date(2023, 3, 8), None)]})
    with pytest.raises(ValueError, match="'inconnue'"):
        programme.implied_decisions(found, DAY, {"inconnue": []})


def test_the_day_of_reception_is_that_of_the_programme(programme: Programme) -> None:
    (late,) = programme.implied_decisions(dossier(avance={"recue_le": "2023-03-01T23:30:00Z"}), DAY)
    assert (late.received, late.day, late.direction) == (date(2023, 3, 2), date(2023, 5, 2), "rejet")
    assert late.to_confirm
    assert "L231-4" in late.source


def test_what_is_not_known_is_not_guessed(programme: Programme) -> None:
    (unknown,) = programme.implied_decisions(dossier(solde={}), DAY)
    assert (unknown.request, unknown.received, unknown.day, unknown.suspended) == ("solde", None, None, False)
    (early,) = programme.implied_decisions(dossier(solde={"recue_le": "2023-07-18T09:00:00Z"}), date(2022, 1, 1))
    assert early.day is None


@pytest.mark.parametrize(("sense", "runs"), [("validee", False), ("rejetee", False), ("a_modifier", True)])
def test_an_answered_request_runs_no_more(programme: Programme, sense: str, runs: bool) -> None:
    found = dossier(avance={"recue_le": "2023-03-01T10:00:00Z", "decision": {"sens": sense}}, solde={})
    assert [one.request for one in programme.implied_decisions(found, DAY)] == ["avance"] * runs + ["solde"]


def test_the_applicant_is_where_the_manifest_says(programme: Programme) -> None:
    found = programme.applicant(
        dossier(operateur={"raison_sociale": " Hôpital ", "siret": "732 829 320 00074"}, ans={"referencement": {}})
    )
    assert (found.name, found.siret, found.identifiers) == ("Hôpital", "73282932000074", ())
    assert programme.applicant(dossier()).name == ""


def test_a_programme_that_says_nothing_of_silence_has_none() -> None:
    folder = ROOT / "tests" / "second_programme" / "prime-velo"
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    velo = open_programme(MemorySource(files))
    found = Dossier({"programme": "prime-velo", "prime": {"deposee_le": "2024-03-01T10:00:00Z"}}, "0" * 64)
    assert velo.implied_decisions(found, DAY) == ()
    assert velo.applicant(found) == type(velo.applicant(found))()
