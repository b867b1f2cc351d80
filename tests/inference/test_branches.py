"""The branches of a check: whatever the values, exactly one holds, and it decides what the chain decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bounds import examples

from recevable.inference.branches import (
    FALSE,
    FINE_BRANCHES,
    MAX_BRANCHES,
    TRUE,
    UNKNOWN,
    VALUES,
    Atom,
    Deduced,
    Tests,
    TooManyBranches,
    Variable,
    branches,
    deduction_branches,
)
from recevable.inference.network import UnsafeRule, chain, plan
from recevable.language.tree import ABSENT, AND, DEDUCTION, FIELD, LITERAL, NOT, OR, PRESENT, Expr
from recevable.language.types import BOOLEAN
from recevable.pack.model import MISSING, NOT_APPLICABLE, SATISFIED, Check, Outcome, Step, failed

Facts = Mapping[str, bool | None]
Kleene = Callable[[Expr, Facts], bool | None]

DEDUCTIONS = ("ded0", "ded1", "ded2")
TRUTH = {FALSE: False, TRUE: True, UNKNOWN: None}
NUMBER = {False: FALSE, True: TRUE, None: UNKNOWN}


def _field(name: str) -> Expr:
    return Expr(FIELD, (), BOOLEAN, name)


def _read(name: str) -> Expr:
    return Expr(DEDUCTION, (), BOOLEAN, name)


def _all(*parts: Expr) -> Expr:
    return Expr(AND, parts, BOOLEAN)


def _condition(test: Expr, *before: Step) -> Check:
    return Check("R-1", "faux", (*before, Step(test, SATISFIED, failed("faux"))), SATISFIED)


def _variables(paths: Iterable[Tests]) -> list[Variable]:
    return list(dict.fromkeys(variable for tests in paths for variable, _ in tests))


def _assignments(variables: list[Variable], data: st.DataObject) -> list[dict[Variable, int]]:
    """Every assignment when they are few, some of them otherwise."""
    possible = {v: (FALSE, TRUE) if _presence(v) else VALUES for v in variables}
    if len(variables) <= 4:
        return [dict(zip(variables, values, strict=True)) for values in product(*possible.values())]
    return data.draw(st.lists(st.fixed_dictionaries({v: st.sampled_from(p) for v, p in possible.items()}), min_size=20))


def _presence(variable: Variable) -> bool:
    return isinstance(variable, Atom) and variable.expr.op in (PRESENT, ABSENT)


def _holding(paths: list[Tests], known: Mapping[Variable, int]) -> list[int]:
    return [rank for rank, tests in enumerate(paths) if all(known[v] == value for v, value in tests)]


@given(data=st.data())
def test_exactly_one_branch_of_a_check_holds_whatever_the_values(data: st.DataObject, generated: Any) -> None:
    check = data.draw(generated.checks(DEDUCTIONS))
    try:
        paths = [branch.tests for branch in branches(check)]
    except TooManyBranches:
        return
    for known in _assignments(_variables(paths), data):
        assert len(_holding(paths, known)) == 1


@given(data=st.data())
def test_the_branch_that_holds_decides_what_the_chain_decides(
    data: st.DataObject, generated: Any, kleene: Kleene, outcome: Callable[[Check, Facts], Outcome]
) -> None:
    check = data.draw(generated.checks(DEDUCTIONS))
    facts = data.draw(generated.facts) | data.draw(
        st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in DEDUCTIONS})
    )
    try:
        found = branches(check)
    except TooManyBranches:
        return
    holding = [
        branch.outcome for branch in found if all(_value(v, facts, kleene) == value for v, value in branch.tests)
    ]
    assert holding == [outcome(check, facts)]


def _value(variable: Variable, facts: Facts, kleene: Kleene) -> int:
    return NUMBER[kleene(variable.expr, facts) if isinstance(variable, Atom) else facts[variable.name]]


@given(data=st.data())
def test_the_branch_of_a_deduction_that_holds_gives_its_value(
    data: st.DataObject, generated: Any, kleene: Kleene
) -> None:
    expr = data.draw(generated.formulas(DEDUCTIONS, leaves=5))
    facts = data.draw(generated.facts) | data.draw(
        st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in DEDUCTIONS})
    )
    try:
        found = deduction_branches(expr)
    except TooManyBranches:
        return
    holding = [value for tests, value in found if all(_value(v, facts, kleene) == expected for v, expected in tests)]
    assert holding == [NUMBER[kleene(expr, facts)]]


@settings(max_examples=examples(50))
@given(data=st.data())
def test_a_check_never_has_more_branches_than_the_bound(data: st.DataObject, generated: Any) -> None:
    check = data.draw(generated.checks(DEDUCTIONS, steps=6))
    try:
        found = branches(check)
    except TooManyBranches:
        return
    assert 1 <= len(found) <= MAX_BRANCHES


# --- how a formula is cut -------------------------------------------------------------------------------------------


def test_a_comparison_is_one_variable_and_its_connectives_are_not() -> None:
    found = branches(_condition(_all(_field("a"), _field("b"))))
    assert _variables(branch.tests for branch in found) == [Atom(_field("a")), Atom(_field("b"))]


def test_a_test_asked_twice_is_asked_once() -> None:
    ask = Step(_field("a"), None, NOT_APPLICABLE)
    found = branches(_condition(_field("a"), ask))
    assert [(branch.tests[0][1], branch.outcome) for branch in found] == [
        (FALSE, NOT_APPLICABLE),
        (TRUE, SATISFIED),
        (UNKNOWN, MISSING),
    ]


def test_a_constant_condition_has_one_branch_without_tests() -> None:
    (only,) = branches(_condition(Expr(LITERAL, (), BOOLEAN, False)))
    assert (only.tests, only.outcome) == ((), failed("faux"))


@pytest.mark.parametrize(("op", "value", "same"), [("=", True, True), ("=", False, False), ("!=", False, True)])
def test_a_deduction_compared_to_a_constant_stays_a_deduction(op: str, value: bool, same: bool) -> None:
    compared = Expr(op, (_read("d"), Expr(LITERAL, (), BOOLEAN, value)), BOOLEAN)
    found = {tests[0]: value for tests, value in deduction_branches(compared)}
    assert found[Deduced("d"), TRUE] == (TRUE if same else FALSE)
    assert found[Deduced("d"), UNKNOWN] == UNKNOWN


def test_whether_a_field_is_there_is_asked_without_a_branch_for_unknown() -> None:
    there = Expr(PRESENT, (), BOOLEAN, "a")
    assert [(branch.tests, branch.outcome) for branch in branches(_condition(there))] == [
        (((Atom(there), FALSE),), failed("faux")),
        (((Atom(there), TRUE),), SATISFIED),
    ]


def test_a_wide_formula_without_deductions_becomes_one_variable() -> None:
    wide = _all(*(_field(f"x{rank}") for rank in range(12)))
    found = branches(_condition(wide))
    assert _variables(branch.tests for branch in found) == [Atom(wide)]


@pytest.mark.parametrize("op", [AND, OR])
def test_in_a_wide_formula_everything_but_the_deductions_becomes_one_variable(op: str) -> None:
    fields = [_field(f"x{rank}") for rank in range(8)]
    wide = Expr(op, (*fields[:4], _read("d"), *fields[4:], Expr(NOT, (_read("e"),), BOOLEAN)), BOOLEAN)
    paths = [branch.tests for branch in branches(_condition(wide))]
    assert _variables(paths) == [Atom(Expr(op, tuple(fields), BOOLEAN)), Deduced("d"), Deduced("e")]


def test_equal_checks_are_cut_once() -> None:
    first, second = (_condition(_all(_field("a"), _field("b"))) for _ in range(2))
    assert branches(first) is branches(second)


# --- what cannot be cut ---------------------------------------------------------------------------------------------


def test_a_check_that_crosses_five_deductions_is_an_unsafe_rule_named_by_its_id() -> None:
    crossed = _all(*(_read(f"d{rank}") for rank in range(5)))
    with pytest.raises(UnsafeRule) as caught:
        plan(_condition(crossed))
    assert caught.value.rule == "R-1"
    assert "40 combinaisons" in caught.value.reason
    assert "`deduction`" in caught.value.help


def test_a_deduction_that_crosses_five_others_is_an_unsafe_rule_named_by_what_it_deduces() -> None:
    with pytest.raises(UnsafeRule) as caught:
        chain("somme", _all(*(_read(f"d{rank}") for rank in range(5))))
    assert caught.value.rule == "somme"


def test_four_crossed_deductions_are_accepted() -> None:
    assert len(chain("somme", _all(*(_read(f"d{rank}") for rank in range(4))))) == 31


def test_many_fields_that_must_be_there_are_accepted() -> None:
    there = [Expr(PRESENT, (), BOOLEAN, f"x{rank}") for rank in range(100)]
    assert len(chain("complet", _all(*there[: FINE_BRANCHES - 1]))) == FINE_BRANCHES
    assert _variables(tests for tests, _ in chain("complet", _all(*there))) == [Atom(_all(*there))]


def test_fine_branches_are_kept_where_coarse_ones_would_be_too_many() -> None:
    there = (Expr(PRESENT, (), BOOLEAN, f"x{rank}") for rank in range(4))
    found = chain("somme", _all(*there, *(_read(f"d{rank}") for rank in range(4))))
    assert FINE_BRANCHES < len(found) <= MAX_BRANCHES
    assert len(_variables(tests for tests, _ in found)) == 8


def test_a_deduction_buried_in_a_comparison_is_an_unsafe_rule() -> None:
    buried = Expr("si", (_read("d"), _field("a"), _field("b")), BOOLEAN)
    with pytest.raises(UnsafeRule, match="autrement qu'avec"):
        chain("enfouie", buried)


def test_a_deduction_read_inside_a_comparison_of_a_check_is_fine() -> None:
    buried = Expr("si", (_read("d"), _field("a"), _field("b")), BOOLEAN)
    assert _variables(branch.tests for branch in plan(_condition(buried))) == [Atom(buried)]
