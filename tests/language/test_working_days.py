"""Working days over fifty years, against the library `holidays`, which shares no code with the engine."""

from __future__ import annotations

import importlib.util
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any, Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.bounds import examples

from recevable.language.calendar import Duration
from recevable.language.delays import lapse
from recevable.language.generated_operations import CALLED
from recevable.language.history import History
from recevable.language.operations import OPERATIONS
from recevable.language.working_days import OPENED, WORKED

ROOT: Final = Path(__file__).parents[2]
FIRST, LAST = 1977, 2026
DEPARTMENTS: Final = ("75", "57", "67", "68", "971", "972", "973", "974", "976")
SATURDAY, SUNDAY = 5, 6
YEARS: Final = (date(FIRST, 1, 1), date(LAST, 12, 31))
DAYS: Final = st.dates(YEARS[0] - timedelta(days=40), YEARS[1] + timedelta(days=40))


def _writer() -> ModuleType:
    """The program that writes calendars for packs."""
    spec = importlib.util.spec_from_file_location("feries", ROOT / ".ci" / "feries.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WRITER: Final = _writer()


def history(department: str) -> History:
    """The parameter as written and read again."""
    (body,) = yaml.safe_load(WRITER.parameter(department, FIRST, LAST)).values()
    starts = tuple(date.fromisoformat(value["a_partir_du"]) for value in body["valeurs"])
    lists = tuple(tuple(map(date.fromisoformat, value["valeur"])) for value in body["valeurs"])
    return History(body["titre"], starts, lists, date.fromisoformat(body["jusqu_au"]))


METROPOLE: Final = history("75")


@pytest.fixture(scope="module", params=DEPARTMENTS)
def place(request: pytest.FixtureRequest) -> tuple[History, Any]:
    return history(request.param), WRITER.calendar(request.param, FIRST, LAST)


def both(name: str, *operands: Any) -> Any:
    """What the two evaluators give, which is the same."""
    compute = OPERATIONS[name].compute
    assert compute is not None
    found = compute(*operands)
    assert CALLED[name](*operands) == found, operands
    return found


@pytest.mark.parametrize(("suffix", "weekend"), [("ouvres", {SATURDAY, SUNDAY}), ("ouvrables", {SUNDAY})])
def test_days_are_counted_and_added_as_the_oracle_does(
    place: tuple[History, Any], suffix: str, weekend: set[int]
) -> None:
    holidays, oracle = place
    oracle.weekend = weekend
    chance, span = Random(suffix), (YEARS[1] - YEARS[0]).days - 800
    for _ in range(examples(150)):
        first = YEARS[0] + timedelta(days=chance.randrange(400, span))
        last = first + timedelta(days=chance.randrange(400))
        # the oracle counts both ends
        counted = oracle.get_working_days_count(first + timedelta(days=1), last) if last > first else 0
        assert both(f"jours_{suffix}", first, last, holidays) == counted
        assert both(f"jours_{suffix}", last, first, holidays) == -counted
        for count in (chance.randrange(1, 90), -chance.randrange(1, 90)):
            assert both(f"ajoute_jours_{suffix}", first, count, holidays) == oracle.get_nth_working_day(first, count)
        assert both(f"ajoute_jours_{suffix}", first, 0, holidays) == first


def test_a_day_is_carried_as_the_oracle_does(place: tuple[History, Any]) -> None:
    holidays, oracle = place
    oracle.weekend = {SATURDAY, SUNDAY}
    day = date(LAST - 3, 1, 1)
    while day < date(LAST, 12, 20):
        assert both("proroge", day, holidays) == oracle.get_nth_working_day(day, 0)
        assert both("est_ferie", day, holidays) is (day in oracle)
        # ten clear days: the eleventh after the one that opens them, carried
        end = oracle.get_nth_working_day(day + timedelta(days=11), 0)
        assert both("delai_franc", day, Duration(days=10), holidays) == end
        day += timedelta(days=1)


@pytest.mark.thorough
def test_a_clear_delay_never_ends_on_a_day_that_is_not_worked(place: tuple[History, Any]) -> None:
    holidays, oracle = place
    oracle.weekend = {SATURDAY, SUNDAY}
    day = YEARS[0]
    while day < date(LAST, 10, 1):
        # two months later, on a calendar that is turned month by month, then the morrow
        month = date(day.year + (day.month > 10), (day.month + 1) % 12 + 1, 1)
        last = min(day.day, monthrange(month.year, month.month)[1])
        morrow = month.replace(day=last) + timedelta(days=1)
        end = lapse(day, Duration(months=2), clear=True, holidays=holidays)
        assert end == (morrow, oracle.get_nth_working_day(morrow, 0)), day
        day += timedelta(days=1)
    assert lapse(day, Duration(months=4), clear=True, holidays=holidays).day is None
    assert lapse(day, Duration(months=4), clear=True).day == date(LAST + 1, 2, 2)


@given(DAYS, DAYS, st.integers(-400, 400), st.sampled_from([OPENED, WORKED]))
def test_both_evaluators_agree_at_the_ends_of_the_calendar(first: date, last: date, count: int, rest: int) -> None:
    suffix = "ouvres" if rest == OPENED else "ouvrables"
    both(f"jours_{suffix}", first, last, METROPOLE)
    both(f"ajoute_jours_{suffix}", first, count, METROPOLE)
    both("proroge", first, METROPOLE)
    both("est_ferie", first, METROPOLE)


@pytest.mark.parametrize("outside", [YEARS[0] - timedelta(days=2), YEARS[1] + timedelta(days=1)])
def test_nothing_is_known_outside_the_years_of_the_pack(outside: date) -> None:
    inside = date(2000, 1, 1)
    assert both("jours_ouvres", inside, outside, METROPOLE) is None
    assert both("jours_ouvres", outside, inside, METROPOLE) is None
    assert both("proroge", outside, METROPOLE) is None
    assert both("est_ferie", outside, METROPOLE) is None
    assert both("ajoute_jours_ouvres", outside, -1 if outside < inside else 1, METROPOLE) is None


@pytest.mark.parametrize(
    ("department", "day"),
    [
        ("67", date(2024, 3, 29)), ("57", date(2024, 12, 26)), ("971", date(2024, 5, 27)), ("972", date(2024, 5, 22)),
        ("973", date(2024, 6, 10)), ("974", date(2024, 12, 20)), ("976", date(2024, 4, 27)),
    ],
)  # fmt: skip
def test_alsace_moselle_and_overseas_have_their_own_days(department: str, day: date) -> None:
    assert both("est_ferie", day, history(department)) is True
    assert both("est_ferie", day, METROPOLE) is False


@pytest.mark.parametrize("written", [("20", 2024, 2024), ("99", 2024, 2024), ("75", 2024, 2023)])
def test_a_calendar_that_cannot_be_written_is_refused(written: tuple[str, int, int]) -> None:
    with pytest.raises(ValueError, match=r"n'est pas un département|précède"):
        WRITER.parameter(*written)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("jours_ouvres(jour, veille, plafond)", "`jours_feries` est attendu"),
        ("proroge(jour, 3)", "`jours_feries` est attendu"),
        ("proroge(recu, feries)", "`jours_feries` est attendu"),
        ("proroge(jour)", "reçoit 1 argument"),
    ],
)
def test_a_function_on_working_days_names_its_calendar(refusal: Callable[[str], Any], text: str, message: str) -> None:
    assert message in refusal(text).message
