"""What lint concludes without any dossier, held against every dossier of a small domain."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any, Final
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
from hypothesis import given, settings
from tests.bounds import examples

from recevable.language.check import Scope, compile_text
from recevable.language.evaluate import Layout, build
from recevable.language.tree import DEDUCTION, FIELD, Expr
from recevable.language.types import AMOUNT, BOOLEAN, DATE, INSTANT, INTEGER, NUMBER, Kind, Type
from recevable.lint.intervals import closed
from recevable.lint.logic import Logic

ZONE: Final = ZoneInfo("Europe/Paris")
TEXT: Final = Type(Kind.TEXT, values=("a", "b", "c"))
FACTS: Final = Type(
    Kind.OBJECT,
    fields={"n": INTEGER, "x": NUMBER, "m": AMOUNT, "j": DATE, "i": INSTANT, "t": TEXT, "b": BOOLEAN},
)
# every limit that the expressions write, and a value on each side
DOMAIN: Final[dict[str, tuple[Any, ...]]] = {
    "n": (Decimal(0), Decimal(1), Decimal(2), Decimal(3)),
    "x": (Decimal("0.5"), Decimal(1), Decimal("1.5"), Decimal(2), Decimal("2.5")),
    "m": (Decimal("0.99"), Decimal("1.00"), Decimal("1.01"), Decimal("2.00"), Decimal("2.01")),
    "j": (date(2022, 12, 31), date(2023, 1, 1), date(2023, 1, 2), date(2023, 1, 3)),
    "i": (datetime(2022, 12, 31, 22, 59, tzinfo=UTC), datetime(2022, 12, 31, 23, 0, tzinfo=UTC)),
    "t": ("a", "b", "c"),
    "b": (True, False),
}
LIMITS: Final = {
    "n": ("1", "2"),
    "x": ("1", "2"),
    "m": ("1.00", "2.00"),
    "j": ("2023-01-01", "2023-01-02"),
    "i": ("2023-01-01T00:00:00",),
}
DEDUCED: Final = "n >= 2 ou b"
SCOPE: Final = Scope(FACTS, ZONE, {"deduit": (DEDUCTION, BOOLEAN)}, {}, {})
LOGIC: Final = Logic(ZONE, {}, {"deduit": compile_text(DEDUCED, SCOPE)})

fields = st.sampled_from(sorted(LIMITS))
atoms = st.one_of(
    fields.flatmap(
        lambda f: st.tuples(st.sampled_from(("<", "<=", ">", ">=", "=", "!=")), st.sampled_from(LIMITS[f])).map(
            lambda pair: f"{f} {pair[0]} {pair[1]}"
        )
    ),
    fields.flatmap(
        lambda f: st.tuples(st.sampled_from(LIMITS[f]), st.sampled_from(LIMITS[f])).map(
            lambda pair: f"({f} entre {pair[0]} et {pair[1]})"
        )
    ),
    st.sampled_from(('t = "a"', 't != "b"', 't dans ["a", "b"]', "b", "b = faux", "n dans [0, 2]", "deduit")),
)
texts = st.recursive(
    atoms,
    lambda inner: st.one_of(
        inner.map(lambda a: f"non ({a})"),
        st.tuples(inner, st.sampled_from(("et", "ou")), inner).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
    ),
    max_leaves=5,
)


def truth(expr: Expr, values: dict[str, Any]) -> Any:
    """What an expression gives on a dossier."""
    layout = Layout(ZONE)
    slots: list[Any] = [None] * 16
    for name, value in values.items():
        slots[layout.slot(FIELD, name)] = value
    slots[layout.slot(DEDUCTION, "deduit")] = values["n"] >= 2 or values["b"]
    return build(expr, layout)(slots)


def narrowed(*exprs: str) -> list[dict[str, Any]]:
    """Every dossier that can make a difference: a field that no expression reads has one value."""
    read = {name for name in DOMAIN for text in exprs if name in text.replace("deduit", "n b").replace("dans", "")}
    return [
        dict(zip(DOMAIN, values, strict=True))
        for values in product(*(found if name in read else found[:1] for name, found in DOMAIN.items()))
    ]


@given(texts, texts)
@settings(max_examples=examples(80))
def test_two_conditions_are_disjoint_only_when_no_dossier_satisfies_both(left: str, right: str) -> None:
    one, other = compile_text(left, SCOPE), compile_text(right, SCOPE)
    if LOGIC.impossible((one, True), (other, True)):
        assert not any(truth(one, d) is True and truth(other, d) is True for d in narrowed(left, right))


@given(texts, texts)
@settings(max_examples=examples(80))
def test_two_conditions_are_said_to_meet_only_with_values_that_satisfy_both(left: str, right: str) -> None:
    one, other = compile_text(left, SCOPE), compile_text(right, SCOPE)
    example = LOGIC.together((one, True), (other, True))
    if example is not None:
        values = {name: found[0] for name, found in DOMAIN.items()}
        values |= {str(term.value): value for term, value in example.items()}
        assert truth(one, values) is True
        assert truth(other, values) is True


@given(texts)
@settings(max_examples=examples(60))
def test_a_condition_that_some_dossier_satisfies_meets_itself(text: str) -> None:
    """What is looked for is found: only expressions with too many cases may be given up."""
    expr = compile_text(text, SCOPE)
    if any(truth(expr, d) is True for d in narrowed(text)):
        assert LOGIC.together((expr, True)) is not None


@given(texts)
@settings(max_examples=examples(80))
def test_where_a_condition_is_true_its_values_are_in_its_intervals(text: str) -> None:
    expr = compile_text(text, SCOPE)
    spans = LOGIC.spans(expr)
    for values in narrowed(text):
        if truth(expr, values) is True:
            assert spans is not None
            for term, intervals in spans.items():
                point = closed(values[str(term.value)])
                assert any(one.low <= point.low and point.high <= one.high for one in intervals), (values, intervals)


def test_a_deduction_that_reads_the_one_before_twice_is_looked_at_once() -> None:
    names: dict[str, tuple[str, Type]] = {f"d{i}": (DEDUCTION, BOOLEAN) for i in range(60)}
    scope = Scope(FACTS, ZONE, names, {}, {})
    deductions = {f"d{i}": compile_text(f"d{i - 1} et (b ou d{i - 1})" if i else "n > 1", scope) for i in range(60)}
    logic = Logic(ZONE, {}, deductions)
    assert logic.impossible((compile_text("d59 et n < 1", scope), True))
    assert not logic.impossible((compile_text("d59", scope), True))


def test_a_case_that_nothing_bounds_leaves_its_term_free() -> None:
    assert LOGIC.spans(compile_text("n != 1 ou n entre 1 et 1", SCOPE)) == {}
    assert LOGIC.spans(compile_text("n > 2 ou b", SCOPE)) == {}
