"""Days, months and years counted from a date to another, against an oracle that walks the calendar day by day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.decision.calculation import formula, sentence
from recevable.decision.model import AmountStep
from recevable.decision.steps import step_maker
from recevable.language import generated_operations as generated
from recevable.language.calendar import END_OF_MONTH, NEXT_MONTH, Duration, shift
from recevable.language.check import Scope
from recevable.language.evaluate import Evaluators, Layout
from recevable.language.operations import OPERATIONS
from recevable.language.syntax import ExpressionError
from recevable.language.tree import Expr
from recevable.report.json_format import written_operand

Typed = Callable[[str], Expr]

SPAN: Final = [date(1996, 1, 1) + timedelta(days=rank) for rank in range(366 + 50 * 365 + 12)]
# Each kind of month end, in ordinary years and in leap years.
FIRSTS: Final = [
    date(1996, 1, 1), date(1996, 1, 31), date(1996, 2, 28), date(1996, 2, 29), date(1996, 3, 30), date(1997, 1, 29),
    date(1997, 2, 28), date(1997, 12, 31),
]  # fmt: skip
BOTH: Final = ("reference", "generated")


def counting(name: str, side: str) -> Callable[..., int | None]:
    """An operation of one of the two evaluators."""
    found = generated.CALLED[name] if side == "generated" else OPERATIONS[name].compute
    assert found is not None
    return found


def month_ends(first: date) -> list[date]:
    """The days on which 0, 1, 2... months from a day end, found among the days that follow it."""
    months = [list(days) for _, days in groupby(SPAN, lambda day: (day.year, day.month))]
    following = [month for month in months if month[-1] >= first]
    return [next((day for day in month if day.day == first.day), month[-1]) for month in following]


@pytest.mark.thorough
@pytest.mark.parametrize("side", BOTH)
@pytest.mark.parametrize("first", FIRSTS, ids=str)
def test_months_over_fifty_years(first: date, side: str) -> None:
    count, ends = counting("nombre_de_mois", side), month_ends(first)
    for last in SPAN[SPAN.index(first) :]:
        complete, begun = bisect_right(ends, last) - 1, bisect_left(ends, last)
        assert (count(first, last, "complets"), count(first, last, "commences")) == (complete, begun), last
        assert (count(last, first, "complets"), count(last, first, "commences")) == (-complete, -begun), last


@pytest.mark.parametrize("side", BOTH)
@pytest.mark.parametrize("first", FIRSTS, ids=str)
def test_days_and_age_over_fifty_years(first: date, side: str) -> None:
    days, age = counting("nombre_de_jours", side), counting("age", side)
    years = 0
    for rank, day in enumerate(SPAN[SPAN.index(first) :]):
        leap_day_missed = (first.month, first.day) == (2, 29) and (day.month, day.day) == (3, 1)
        yesterday = day - timedelta(days=1)
        if rank and (
            (day.month, day.day) == (first.month, first.day)
            or (leap_day_missed and (yesterday.month, yesterday.day) == (2, 28))
        ):
            years += 1
        assert (days(first, day), days(day, first), age(first, day)) == (rank, -rank, years), day
    assert years >= 48


@pytest.mark.parametrize("side", BOTH)
def test_age_is_unknown_before_the_birth(side: str) -> None:
    assert counting("age", side)(date(2023, 7, 15), date(2023, 7, 14)) is None
    assert counting("age", side)(date(2023, 7, 15), date(2023, 7, 15)) == 0


@pytest.mark.parametrize("side", BOTH)
def test_the_ends_of_the_calendar(side: str) -> None:
    months = counting("nombre_de_mois", side)
    assert months(date.min, date.max, "complets") == 9999 * 12 - 1
    assert months(date.min, date.max, "commences") == 9999 * 12
    assert counting("nombre_de_jours", side)(date.min, date.max) == 3_652_058
    assert counting("age", side)(date.min, date.max) == 9998


@given(first=st.dates(), last=st.dates())
def test_complete_months_are_those_that_a_shift_reaches(first: date, last: date) -> None:
    first, last = sorted((first, last))
    months = counting("nombre_de_mois", "reference")
    complete, begun = months(first, last, "complets"), months(first, last, "commences")
    assert complete is not None
    assert begun is not None
    reached = shift(first, Duration(complete), END_OF_MONTH, UTC)
    assert reached <= last
    assert begun - complete == (reached < last)


@pytest.mark.parametrize("overflow", [END_OF_MONTH, NEXT_MONTH])
def test_the_last_december_has_an_end_for_both_evaluators(overflow: str) -> None:
    """The reference gave unknown and generated code a day: the engines disagreed."""
    for day in (date(9999, 10, 31), date(9999, 12, 1)):
        months = Duration(12 - day.month)
        assert shift(day, months, overflow, UTC) == generated.moved(UTC, day, months, overflow)
    moment = datetime(9999, 11, 30, 12, tzinfo=UTC)
    assert shift(moment, Duration(1), overflow, UTC) == datetime(9999, 12, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "1 mois = 30 jours", "engagement > delai", "engagement / delai > 1", "min(engagement, 15 jours) = 15 jours",
        "engagement entre 1 mois et 90 jours", "12 mois dans [365 jours]", "engagement < veille - jour",
        "engagement + delai > 1 mois", "engagement = ferme - recu", "preavis * 2 > 1 mois",
    ],
)  # fmt: skip
def test_months_are_not_measured_with_days(text: str, typed: Typed) -> None:
    with pytest.raises(ExpressionError, match="n'a pas de longueur fixe"):
        typed(text)


@pytest.mark.parametrize(
    "text",
    [
        "engagement >= 1 ans", "engagement * 2 = 4 ans", "-engagement < 0 jours", "engagement / 1 mois > 3",
        "max(engagement, 6 mois) = 6 mois", "delai * -1 <= 2 jours", "3 * delai / 1 heures > 2",
        "(veille - jour) / delai > 1",
    ],
)  # fmt: skip
def test_durations_with_a_common_measure(text: str, typed: Typed) -> None:
    typed(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("delai * 1.5 = 3 jours", "`entier` attendu, `nombre` trouvé"),
        ("delai * delai = 3 jours", "`entier` attendu, `duree` trouvé"),
        ("2 / delai = 3", "un nombre est attendu, `duree` trouvé"),
        ("delai / 2 = 3 jours", "un nombre est attendu, `duree` trouvé"),
        ("-jour = veille", "un nombre ou une durée est attendu, `date` trouvé"),
        ("nombre_de_jours(recu, ferme) = 3", "`date` attendu, `instant` trouvé"),
        ("age(jour, 3) = 3", "`date` attendu, `entier` trouvé"),
        ('nombre_de_mois(jour, veille, "entiers") = 3', "cet argument doit être écrit en toutes lettres dans la règle"),
        ("nombre_de_mois(jour, veille, nom) = 3", "cet argument doit être écrit en toutes lettres dans la règle"),
        ("mois(recu) = 3", "`date` attendu, `instant` trouvé"),
    ],
)
def test_what_counting_refuses(text: str, message: str, typed: Typed) -> None:
    with pytest.raises(ExpressionError, match=message):
        typed(text)


def _steps(text: str, typed: Typed, scope: Scope) -> tuple[AmountStep, ...]:
    layout = Layout(scope.zone)
    return step_maker(typed(text), Evaluators(layout))(layout.empty())


@pytest.mark.parametrize(
    ("text", "said", "written"),
    [
        ("nombre_de_jours(2023-06-30, 2023-07-15)", "nombre de jours du 30 juin 2023 au 15 juillet 2023 = 15",
         "nombre_de_jours(2023-06-30 ; 2023-07-15)"),
        ('nombre_de_mois(2023-01-01, 2023-03-16, "complets")',
         "nombre de mois complets du 1er janvier 2023 au 16 mars 2023 = 2",
         "nombre_de_mois(2023-01-01 ; 2023-03-16 ; complets)"),
        ('nombre_de_mois(2023-01-01, 2023-03-16, "commences")',
         "nombre de mois commencés du 1er janvier 2023 au 16 mars 2023 = 3",
         "nombre_de_mois(2023-01-01 ; 2023-03-16 ; commences)"),
        ("age(2004-02-29, 2023-02-28)", "âge au 28 février 2023 de qui est né le 29 février 2004 = 18",
         "age(2004-02-29 ; 2023-02-28)"),
        ("45 jours / 30 jours", "45 jours ÷ 30 jours = 1,5", "45 jours ÷ 30 jours"),
        ("18 mois / 1 ans", "1 an 6 mois ÷ 1 an = 1,5", "18 mois ÷ 12 mois"),
    ],
)  # fmt: skip
def test_counted_time_in_the_steps(text: str, said: str, written: str, typed: Typed, scope: Scope) -> None:
    (step,) = _steps(text, typed, scope)
    assert sentence(step) == said
    assert formula(step, written_operand) == written


def test_a_ratio_of_durations_is_exact() -> None:
    assert Duration(days=45) / Duration(days=30) == Decimal("1.5")
    assert Duration(months=18) / Duration(months=12) == Decimal("1.5")
    assert OPERATIONS["/"].compute is not None
    assert OPERATIONS["/"].compute(Duration(days=1), Duration()) is None
    assert generated.quotient(Duration(days=1), Duration()) is None
