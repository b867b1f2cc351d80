"""Pairs that meet are found by sorting, as they would be by holding each against each other."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.strategies as st
from hypothesis import given

from recevable.lint.intervals import FIRST, LAST, Interval, closed, lower, met, upper

ends = st.tuples(st.integers(0, 6), st.booleans())
intervals = st.builds(
    lambda low, high: Interval(FIRST if low is None else lower(*low), LAST if high is None else upper(*high)),
    st.none() | ends,
    st.none() | ends,
)
items = st.lists(st.dictionaries(st.sampled_from("ab"), st.lists(intervals, max_size=3), max_size=2), max_size=12)


def holds(item: dict[str, list[Interval]], term: str, value: float) -> bool:
    """Whether a term of an item may have a value."""
    point = closed(value)
    return term not in item or any(one.low <= point.high and point.low <= one.high for one in item[term])


def meet(one: dict[str, list[Interval]], other: dict[str, list[Interval]]) -> bool:
    values = [step / 2 for step in range(-2, 16)]
    return all(any(holds(one, t, v) and holds(other, t, v) for v in values) for t in "ab")


def noting(asked: list[tuple[int, int]]) -> Callable[[int, int], bool]:
    """What notes the pairs that it is asked about, and never finds that they meet."""

    def note(one: int, other: int) -> bool:
        asked.append((one, other))
        return False

    return note


@given(items)
def test_every_item_that_meets_one_before_it_is_found(found: list[dict[str, list[Interval]]]) -> None:
    said: list[int] = []

    def note(one: int, other: int) -> bool:
        if meet(found[one], found[other]):
            said.append(other)
            return True
        return False

    met(found, note)
    expected = [b for b in range(len(found)) if any(meet(found[a], found[b]) for a in range(b))]
    assert sorted(said) == expected


@given(items)
def test_a_pair_that_a_term_separates_is_never_asked_about(found: list[dict[str, list[Interval]]]) -> None:
    asked: list[tuple[int, int]] = []
    met(found, noting(asked))
    assert len(asked) == len(set(asked))
    assert all(a < b for a, b in asked)
    assert {(a, b) for b in range(len(found)) for a in range(b) if meet(found[a], found[b])} <= set(asked)


def test_a_limit_that_only_one_side_takes_separates() -> None:
    below, above = Interval(FIRST, upper(3, False)), Interval(lower(3, True), LAST)
    asked: list[tuple[int, int]] = []
    met([{"a": [below]}, {"a": [above]}], noting(asked))
    assert asked == []
    met([{"a": [below]}, {"a": [above]}, {"a": [closed(3)]}], noting(asked))
    assert asked == [(1, 2)]
