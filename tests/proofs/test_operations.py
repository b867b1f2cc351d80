"""Every operation of the language has a translation of which its examples are true, or is named as without one."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

import recevable
from recevable.language import calendar
from recevable.language.check import compile_text
from recevable.language.operations import OPERATIONS, round_to
from recevable.language.tree import LITERAL, REFERENCES, VARIABLE, Expr, nodes
from recevable.language.types import NUMERIC, Kind
from recevable.language.unparse import literal
from recevable.proofs.days import Calendar
from recevable.proofs.operations import FOLDED, OPERATORS, READ, Tools
from recevable.proofs.terms import (
    FALSE,
    TRUE,
    Cases,
    Items,
    Term,
    Truth,
    Untranslated,
    Value,
    constant,
    instant,
    integer,
    moment,
)
from recevable.proofs.texts import Texts
from recevable.proofs.translation import Evaluator

ZONE = ZoneInfo("Europe/Paris")


def the_sample() -> ModuleType:
    path = Path(recevable.__file__).parents[2] / "docs" / "_pages" / "sample.py"
    spec = importlib.util.spec_from_file_location("sample_of_proofs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Counting working days goes day by day over lists of holidays: no formula of the solver is short enough.
WITHOUT = {
    "jours_ouvres", "jours_ouvrables", "ajoute_jours_ouvres", "ajoute_jours_ouvrables", "proroge", "delai_franc",
}  # fmt: skip
SAMPLE = the_sample()
TRANSLATED = [
    (text, expected)
    for row in OPERATIONS.values()
    for text, expected in row.examples
    if not {node.op for node in nodes(compile_text(text, SAMPLE.SCOPE))} & WITHOUT
]


class Element:
    """An element of a list of the sample."""

    def __init__(self, fact: dict[str, Any], texts: Texts) -> None:
        self.fact, self.texts = fact, texts

    def at(self, path: str) -> Term:
        return constant(self.fact[path], self.texts)


class OfTheSample(Evaluator):
    """Expressions whose leaves are the facts of the sample."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self._values = {}

    def _value(self, expr: Expr, loops: Any) -> Term:
        if expr.op in REFERENCES or (expr.op in ("present", "absent") and isinstance(expr.value, str)):
            op = expr.op if expr.op in REFERENCES else "champ"
            found = SAMPLE.FACTS.get((op, expr.value))
            if expr.op in ("present", "absent"):
                return constant((found is not None) is (expr.op == "present"), self.tools.texts)
            return self._fact(expr, found)
        if expr.op == VARIABLE:
            variable, path = expr.value
            found = loops[variable].at(path) if path else loops[variable]
            assert isinstance(found, Truth | Value)
            return found
        if expr.op == LITERAL and isinstance(expr.value, str):
            self.tools.texts.write(expr.value)
        return super()._value(expr, loops)

    def _fact(self, expr: Expr, found: Any) -> Term:
        if found is None:
            if expr.type.kind is Kind.LIST:
                return Items(FALSE, ())
            return Value(FALSE, z3.Int(f"inconnu:{expr.value}"), 5)
        if isinstance(found, list):
            return Items(TRUE, tuple((TRUE, Element(one, self.tools.texts)) for one in found))
        return constant(found, self.tools.texts)


def shown(value: Term, expr: Expr, tools: Tools) -> str:
    """The value of a term without variables, as the table writes it."""

    def simple(term: Any) -> Any:
        solver = z3.Solver()
        solver.add(tools.texts.stated(tools.texts.functions), *tools.texts.laws, *tools.laws, *tools.calendar.within)
        solver.check()
        return solver.model().eval(term, model_completion=True)

    if isinstance(value, Truth):
        return "vrai" if z3.is_true(simple(value.yes)) else "faux" if z3.is_true(simple(value.no)) else "inconnu"
    assert isinstance(value, Value)
    if not z3.is_true(simple(value.known)):
        return "inconnu"
    term = simple(value.term)
    if expr.type.kind is Kind.TEXT:
        return literal(tools.texts.text(term.as_long()))
    if expr.type.kind is Kind.DATE:
        return literal(date.fromordinal(term.as_long()))
    assert expr.type.kind in NUMERIC
    return str(Fraction(term.as_fraction()) if z3.is_rational_value(term) else Fraction(term.as_long()))


def new_tools() -> Tools:
    return Tools(Texts(), Calendar(ZONE, 2000, 2035))


def test_every_operation_is_translated_or_said_not_to_be() -> None:
    said = set(OPERATORS) | FOLDED | READ | WITHOUT
    assert said == set(OPERATIONS)
    assert not (set(OPERATORS) | FOLDED | READ) & WITHOUT


@pytest.mark.parametrize("name", sorted(WITHOUT))
def test_an_operation_without_translation_is_refused_by_its_name(name: str) -> None:
    text, _ = OPERATIONS[name].examples[0]
    expr = next(node for node in nodes(compile_text(text, SAMPLE.SCOPE)) if node.op == name)
    with pytest.raises(Untranslated) as refusal:
        OfTheSample(new_tools()).of(expr)
    assert name in refusal.value.what


@pytest.mark.parametrize(("text", "expected"), TRANSLATED, ids=[text for text, _ in TRANSLATED])
def test_an_example_of_the_table_is_true_of_the_translation(text: str, expected: str) -> None:
    tools = new_tools()
    expr = SAMPLE.typed(text)
    found = shown(OfTheSample(tools).of(expr), expr, tools)
    if expr.type.kind in NUMERIC and expected != "inconnu":
        assert Fraction(found) == Fraction(expected)
    else:
        assert found == expected


# --- the calendar ---------------------------------------------------------------------------------------------------


def number_of(term: Any) -> int:
    found = z3.simplify(term)
    return int(found.as_long())


days = st.dates(date(2001, 1, 1), date(2034, 12, 31))
seconds = st.integers(
    moment(datetime(2001, 1, 2, tzinfo=UTC)) // 10**6, moment(datetime(2034, 12, 30, tzinfo=UTC)) // 10**6
)
CALENDAR = Calendar(ZONE, 2000, 2035)


@given(at=seconds)
def test_the_day_of_an_instant_is_that_of_the_zone(at: int) -> None:
    when = instant(at * 10**6)
    assert number_of(CALENDAR.day(integer(at * 10**6))) == calendar.day_of(when, ZONE).toordinal()


@given(
    change=st.sampled_from([datetime(2023, 3, 26, 1, tzinfo=UTC), datetime(2023, 10, 29, 1, tzinfo=UTC)]),
    around=st.integers(-7300, 7300),
)
def test_the_day_of_an_instant_is_that_of_the_zone_when_clocks_change(change: datetime, around: int) -> None:
    when = change + timedelta(seconds=around)
    local = when.astimezone(ZONE).replace(tzinfo=UTC)
    assert number_of(CALENDAR.local(integer(moment(when)))) == moment(local)


@given(day=days)
def test_a_day_begins_and_ends_as_in_the_zone(day: date) -> None:
    ordinal = integer(day.toordinal())
    assert number_of(CALENDAR.start(ordinal)) == moment(calendar.start_of_day(day, ZONE))
    assert number_of(CALENDAR.end(ordinal)) == moment(calendar.end_of_day(day, ZONE))


@given(day=days, months=st.integers(-8, 8), overflow=st.sampled_from([calendar.END_OF_MONTH, calendar.NEXT_MONTH]))
def test_a_day_is_shifted_as_in_the_calendar(day: date, months: int, overflow: str) -> None:
    expected = calendar.shift(day, calendar.Duration(months=months), overflow, ZONE)
    assert number_of(CALENDAR.shifted(integer(day.toordinal()), months, overflow)) == expected.toordinal()


@pytest.mark.thorough
@settings(max_examples=15)
@given(first=days, last=days, begun=st.booleans())
def test_months_and_ages_are_counted_as_in_the_calendar(first: date, last: date, begun: bool) -> None:
    tools = new_tools()
    text = f'nombre_de_mois({first}, {last}, "{"commences" if begun else "complets"}")'
    expr = compile_text(text, SAMPLE.SCOPE)
    assert shown(OfTheSample(tools).of(expr), expr, tools) == str(calendar.months_between(first, last, begun=begun))
    older, day = sorted((first, last))
    expr = compile_text(f"age({older}, {day})", SAMPLE.SCOPE)
    assert shown(OfTheSample(tools).of(expr), expr, tools) == str(calendar.age(older, day))


@settings(max_examples=25)
@given(
    cents=st.integers(-(10**7), 10**7),
    step=st.sampled_from(["0.01", "0.05", "1", "10"]),
    direction=st.sampled_from(["demi_superieur", "demi_pair", "inferieur", "superieur"]),
)
def test_a_number_is_rounded_as_by_the_evaluators(cents: int, step: str, direction: str) -> None:
    tools = new_tools()
    value = Decimal(cents).scaleb(-3)
    expr = compile_text(f'arrondi({abs(value):f}, "{step}", "{direction}")', SAMPLE.SCOPE)
    negative = compile_text(f'arrondi(-{abs(value):f}, "{step}", "{direction}")', SAMPLE.SCOPE)
    for one, exact in ((expr, abs(value)), (negative, -abs(value))):
        found = shown(OfTheSample(tools).of(one), one, tools)
        assert Fraction(found) == Fraction(round_to(exact, step, direction))


def test_a_calculation_that_the_evaluators_would_round_is_refused() -> None:
    big = "9" * 20
    expr = compile_text(f"{big}.5 * {big}.5", SAMPLE.SCOPE)
    with pytest.raises(Untranslated, match="chiffres"):
        OfTheSample(new_tools()).of(expr)


def test_a_list_of_a_parameter_in_time_is_searched() -> None:
    tools = new_tools()
    listed = Cases(((TRUE, ("75", "92")),))
    expr = compile_text('"75" dans departements', SAMPLE.SCOPE)
    found = OPERATORS["parmi"](expr, [constant("75", tools.texts), listed], tools)
    assert isinstance(found, Truth)
    assert z3.is_true(z3.simplify(found.yes))
