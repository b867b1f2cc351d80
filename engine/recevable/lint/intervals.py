"""Find which of many sets of intervals overlap by sorting their ends, without comparing every pair."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, TypeVar

from msgspec import Struct

# The sort key of an end: an excluded lower end comes after its value, an excluded upper end before it.
End = tuple[Any, ...]
FIRST: Final[End] = (-1,)
LAST: Final[End] = (1,)


class Interval(Struct, frozen=True):
    """An interval between two ends; empty when they are in the wrong order."""

    low: End
    high: End


_Term = TypeVar("_Term", bound=Hashable)
EVERYTHING: Final = Interval(FIRST, LAST)


def lower(value: Any, included: bool) -> End:
    """A lower end."""
    return (0, value, 0 if included else 1)


def upper(value: Any, included: bool) -> End:
    """An upper end."""
    return (0, value, 0 if included else -1)


def closed(value: Any) -> Interval:
    """The interval of a single value."""
    return Interval(lower(value, True), upper(value, True))


def met(items: Sequence[Mapping[_Term, Sequence[Interval]]], meet: Callable[[int, int], bool]) -> None:
    """Call `meet` on pairs of item indices, the first before the second, until it returns True for the second.

    An item maps each term to intervals, one of which contains its value; a missing term may have any value.  Pairs that
    a term certainly separates are skipped: the most selective term is found by sorting, then the others are compared.
    """
    holders: dict[_Term, list[Mapping[_Term, Sequence[Interval]]]] = {}
    for spans in items:
        for term in spans:
            holders.setdefault(term, []).append(spans)
    best = max(holders, key=lambda term: _separated(holders[term], term), default=None)
    active: list[int] = []
    # those that may still be the second of an overlapping pair
    pending: list[int] = []
    done: set[int] = set()
    asked: set[tuple[int, int]] = set()

    def ask(first: int, second: int) -> None:
        if (first, second) not in asked and not _apart(items[first], items[second]):
            asked.add((first, second))
            if meet(first, second):
                done.add(second)
                place = bisect_left(pending, second)
                if place < len(pending) and pending[place] == second:
                    del pending[place]

    open_: dict[int, int] = {}
    for rank, starts in _events(items, best):
        if not starts:
            open_[rank] -= 1
            if not open_[rank]:
                del active[bisect_left(active, rank)]
                if rank not in done:
                    del pending[bisect_left(pending, rank)]
            continue
        open_[rank] = open_.get(rank, 0) + 1
        place = bisect_left(active, rank)
        for before in range(place):
            if rank in done:
                break
            ask(active[before], rank)
        for other in pending[bisect_left(pending, rank + 1) :]:
            ask(rank, other)
        if open_[rank] == 1:
            insort(active, rank)
            if rank not in done:
                insort(pending, rank)


def _events(items: Sequence[Mapping[_Term, Sequence[Interval]]], term: _Term | None) -> list[tuple[int, bool]]:
    """The starts and ends of the items along a term, in order; at the same place, starts first."""
    ends = []
    for rank, spans in enumerate(items):
        for interval in (EVERYTHING,) if term is None else spans.get(term, (EVERYTHING,)):
            if interval.low <= interval.high:
                ends += [(interval.low, 0, rank), (interval.high, 1, rank)]
    return [(rank, ending == 0) for _, ending, rank in sorted(ends)]


def _separated(items: Sequence[Mapping[_Term, Sequence[Interval]]], term: _Term) -> int:
    """The number of pairs of intervals that a term separates, including pairs of one item."""
    met = active = count = 0
    for _, starts in _events(items, term):
        met += active if starts else 0
        active += 1 if starts else -1
        count += starts
    return count * (count - 1) // 2 - met


def _apart(one: Mapping[_Term, Sequence[Interval]], other: Mapping[_Term, Sequence[Interval]]) -> bool:
    """Whether some term certainly separates two items."""
    return any(
        not any(a.low <= b.high and b.low <= a.high for a in intervals for b in other[term])
        for term, intervals in one.items()
        if term in other
    )
