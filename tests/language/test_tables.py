"""Grids and scales: the two evaluators share no algebra and agree, and both agree with a count euro by euro."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recevable.language.tables import Grid, Scale, Slice, in_grid, in_scale, in_slices, in_table, portions
from recevable.language.types import Kind

CENTS = st.integers(0, 10_000_000).map(lambda cents: Decimal(cents).scaleb(-2))
RATES = st.integers(0, 100).map(lambda percent: Decimal(percent).scaleb(-2))


@st.composite
def scales(draw: st.DrawFn, *, marginal: bool) -> Scale:
    limits = sorted(draw(st.sets(CENTS.filter(bool), max_size=5)))
    ends: list[Decimal | None] = [*limits, None] if draw(st.booleans()) or not limits else [*limits]
    slices = tuple(Slice(end, draw(st.booleans()), draw(RATES)) for end in ends)
    return Scale("Barème", marginal, slices, Kind.RATE)


@given(scales(marginal=True), CENTS)
def test_a_marginal_scale_counts_each_part_once(scale: Scale, base: Decimal) -> None:
    found = in_scale(scale, base)
    assert found == in_slices(scale, base)
    low, expected = Fraction(0), Fraction(0)
    for one in scale.slices:
        high = Fraction(base) if one.limit is None else min(Fraction(base), Fraction(one.limit))
        expected += max(Fraction(0), high - low) * Fraction(one.value)
        low = max(low, high)
    beyond = scale.slices[-1].limit is not None and not scale.slices[-1].holds(base)
    assert found is None if beyond else Fraction(found) == expected
    if not beyond:
        assert sum(portion.part for portion in portions(scale, base)) == base


@given(scales(marginal=False), CENTS)
def test_a_scale_gives_the_value_of_the_slice(scale: Scale, base: Decimal) -> None:
    assert in_scale(scale, base) == in_slices(scale, base)
    holding = [
        one for one in scale.slices if one.limit is None or base < one.limit or (base == one.limit and one.included)
    ]
    assert in_scale(scale, base) == (holding[0].value if holding else None)


@pytest.mark.parametrize(("base", "value"), [(0, 2), (9, 2), (10, 2), (11, 3), (19, 3), (20, None), (-1, None)])
def test_a_limit_is_included_or_not(base: int, value: int | None) -> None:
    scale = Scale("Points", False, (Slice(10, True, 2), Slice(20, False, 3)), Kind.INTEGER)
    assert in_scale(scale, base) == in_slices(scale, base) == value


def test_a_grid_with_two_entries_has_a_value_for_each_pair() -> None:
    grid = Grid("Plafond", ((("A", 1), Decimal(10)), (("A", 2), Decimal(20)), (("B", 1), Decimal(15))))
    for lookup in (in_grid, in_table):
        assert lookup(grid, "A", 2) == 20
        assert lookup(grid, "B", 1) == 15
        assert lookup(grid, "B", 2) is None
