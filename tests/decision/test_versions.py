"""A request shows the versions by which it is judged: those of the days at which its parameters are read."""

from __future__ import annotations

from datetime import date

from tests.decision.conftest import Judge, condition


def test_without_any_dated_parameter_the_version_is_that_of_the_decision(judge: Judge) -> None:
    (applied,) = judge([condition("aide.bal = 1")], bal=1).versions
    assert (applied.by_decision, applied.day) == (True, date(2023, 9, 1))
    assert applied.version is not None
    assert applied.version.version == "1"


def test_a_parameter_read_at_reception_gives_the_version_of_that_day(judge: Judge) -> None:
    (applied,) = judge([condition("aide.bal = seuil")], parameters={"seuil": "reception"}, bal=1).versions
    assert (applied.by_decision, applied.day) == (False, date(2023, 6, 1))


def test_a_request_that_reads_at_both_days_shows_both(judge: Judge) -> None:
    rule = condition("aide.bal = seuil et aide.bal = borne")
    both = judge([rule], parameters={"seuil": "reception", "borne": "decision"}, bal=1).versions
    assert [applied.by_decision for applied in both] == [False, True]
