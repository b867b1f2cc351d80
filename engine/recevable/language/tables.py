"""Tables of the law as values: a grid gives a value for each category, a scale one for each slice of a number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from recevable.language.types import Kind


class Grid(Struct, frozen=True):
    """Values by category; `cells` are pairs (categories, value), with as many categories as the grid has entries."""

    title: str
    cells: tuple[tuple[tuple[Any, ...], Any], ...]

    @property
    def results(self) -> tuple[Any, ...]:
        """Every value that it may give."""
        return tuple(value for _, value in self.cells)


class Slice(Struct, frozen=True):
    """A slice of a scale: its value up to `limit`, that limit `included` or not; None: without limit."""

    limit: Any
    included: bool
    value: Any

    def holds(self, base: Any) -> bool:
        """Whether a number that is beyond the slices before it is in this one."""
        return self.limit is None or bool(base <= self.limit if self.included else base < self.limit)


class Scale(Struct, frozen=True):
    """Slices from zero up, in order, whose values are of a kind.

    `marginal`: each value is a rate or a price, applied to the part of the number that is in its slice.
    """

    title: str
    marginal: bool
    slices: tuple[Slice, ...]
    kind: Kind

    @property
    def results(self) -> tuple[Any, ...]:
        """The value of every slice."""
        return tuple(one.value for one in self.slices)


class Portion(Struct, frozen=True):
    """The part of a number that a marginal scale counts at one of its values."""

    part: Any
    value: Any

    @property
    def product(self) -> Any:
        """The value of the part."""
        return self.part * self.value


def in_grid(grid: Grid, *categories: Any) -> Any:
    """The value of a grid for some categories; None when it has none for them."""
    for cell, value in grid.cells:
        if cell == categories:
            return value
    return None


def slice_of(scale: Scale, base: Any) -> Slice | None:
    """The slice that holds a number; None below zero and beyond the last one."""
    return None if base < 0 else next((one for one in scale.slices if one.holds(base)), None)


def portions(scale: Scale, base: Any) -> Iterator[Portion]:
    """The parts of a number in the slices of a marginal scale, up to its own; at least one."""
    low: Any = 0
    for one in scale.slices:
        high = base if one.holds(base) else one.limit
        yield Portion(high - low, one.value)
        if one.holds(base):
            return
        low = one.limit


def in_scale(scale: Scale, base: Any) -> Any:
    """The value of a scale for a number; None below zero and beyond the last slice."""
    found = slice_of(scale, base)
    if found is None or not scale.marginal:
        return None if found is None else found.value
    products = [portion.product for portion in portions(scale, base)]
    return sum(products[1:], products[0])


def in_table(grid: Grid, *categories: Any) -> Any:
    """`in_grid`, for the second evaluator."""
    return dict(grid.cells).get(categories)


def in_slices(scale: Scale, base: Any) -> Any:
    """`in_scale`, for the second evaluator.

    A marginal scale is a sum of changes of value, each applied to what is beyond its limit.
    """
    *bounded, last = scale.slices
    if base < 0 or not last.holds(base):
        return None
    passed = [one for one in bounded if not one.holds(base)]
    if not scale.marginal:
        return scale.slices[len(passed)].value
    total = base * scale.slices[0].value
    for one, following in zip(passed, scale.slices[1:], strict=False):
        total += (base - one.limit) * (following.value - one.value)
    return total
