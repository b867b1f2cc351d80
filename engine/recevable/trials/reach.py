"""The possible outcomes of a check, and the values where its comparisons change: the reference for coverage.

An impossible outcome taken as possible would stay uncovered for ever; the contrary would hide a gap.  The reasoning is
simple and errs towards possible: a test is never unknown only if each datum it reads was found present just before, and
it never divides by a possible 0.  A parameter is unknown only if one of its values is declared so.  Not handled: date
calculations that leave the calendar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from recevable.language.operations import OF_SOME, OPERATIONS
from recevable.language.tree import (
    ABSENT,
    AMOUNT_NAME,
    AND,
    ANSWER,
    AT,
    DEDUCTION,
    FIELD,
    FILTER,
    HISTORY,
    IN_GRID,
    IN_SCALE,
    LITERAL,
    NOT,
    OR,
    PARAMETER,
    PRESENT,
    RESULT,
    VARIABLE,
    Expr,
    source_of,
)
from recevable.language.types import BOOLEAN, Kind
from recevable.language.unparse import unparse
from recevable.pack.model import Check, Context, Definition, Outcome, Parameter

Known = frozenset[str]
_NOTHING: Final[Known] = frozenset()
_ORDERED: Final = frozenset({"<", "<=", ">", ">="})
# The smallest step between two values; rates, numbers and durations have no agreed step.
_UNITS: Final[Mapping[Kind, Any]] = {Kind.INTEGER: 1, Kind.AMOUNT: Decimal("0.01"), Kind.DATE: 1, Kind.INSTANT: 1}


class Edge(Struct, frozen=True):
    """An ordered comparison, to be tested on both sides of the value where its truth changes.

    `test` is the node as written (`entre` has two edges), `left op right` the comparison; `within` are the list
    functions around it, outermost first: each element is compared.
    """

    test: Expr
    left: Expr
    op: str
    right: Expr
    within: tuple[Expr, ...] = ()

    @property
    def text(self) -> str:
        """The comparison as a rule writes it; for elements, with their list."""
        loops = ", ".join(f"{loop.value} dans {unparse(loop.args[0])}" for loop in self.within)
        compared = unparse(Expr(self.op, (self.left, self.right), BOOLEAN))
        return compared + (f", pour {loops}" if loops else "")

    @property
    def unit(self) -> Any:
        """The step between two values (one second, one day, one cent or one); None when there is none."""
        kinds = {self.left.type.kind, self.right.type.kind}
        kind = Kind.AMOUNT if Kind.AMOUNT in kinds else self.left.type.kind
        return None if Kind.NUMBER in kinds and kind is Kind.INTEGER else _UNITS.get(kind)

    def is_at(self, left: Any, right: Any) -> bool:
        """Whether both values are equal."""
        return bool(left == right)

    def is_beside(self, left: Any, right: Any) -> bool:
        """Whether the values are the nearest ones where the comparison differs from equality."""
        if not (left > right if self.op in ("<=", ">") else left < right):
            return False
        if self.unit is None:
            return True
        gap = abs(left - right)
        steps = gap.days if self.left.type.kind is Kind.DATE else getattr(gap, "total_seconds", lambda: gap)()
        return bool(steps == self.unit)


def edges(expr: Expr, within: tuple[Expr, ...] = ()) -> Iterator[Edge]:
    """The ordered comparisons of a tree, including those on elements of a list."""
    if expr.op == NOT and expr.value:
        return  # what sets elements of a list aside is tested by its own rules
    if expr.op == RESULT:
        return  # so are the limits of a rule whose result is read
    row = OPERATIONS.get(expr.op)
    inside = (*within, expr) if row is not None and row.over_list else within
    for arg in expr.args:
        if arg.op == FILTER:
            # its condition is tested on every element, those that it leaves out too
            whole = replace(expr, args=(source_of(expr), *expr.args[1:]))
            yield from edges(arg.args[1], (*within, whole))
        else:
            yield from edges(arg, inside)
    if expr.op in _ORDERED:
        yield Edge(expr, expr.args[0], expr.op, expr.args[1], within)
    elif expr.op == "entre":
        value, low, high = expr.args
        yield Edge(expr, value, ">=", low, within)
        yield Edge(expr, value, "<=", high, within)


class Reach:
    """The possible results of the checks and definitions of one context."""

    def __init__(self, context: Context, parameters: Mapping[str, Parameter]) -> None:
        self.definitions = {definition.name: definition for definition in context.definitions}
        self.parameters = parameters
        self._unknown: dict[str, bool] = {}

    def outcomes(self, check: Check) -> set[Outcome]:
        """Every possible outcome of a check."""
        found: set[Outcome] = set()
        known = _NOTHING
        for step in check.steps:
            answers = [step.true, step.false]
            if self.may_be_unknown(step.test, known):
                answers.append(step.unknown)
            found.update(answer for answer in answers if answer is not None)
            if None not in answers:
                return found
            if answers.count(None) == 1:
                # only one truth value goes on to the next test: what it implies is known there
                known |= self.present_when(step.test, True) if step.true is None else _NOTHING
                known |= self.present_when(step.test, False) if step.false is None else _NOTHING
        return found | {check.final}

    def may_be_unknown(self, expr: Expr, known: Known = _NOTHING) -> bool:
        """Whether a tree may be unknown when the data in `known` are present."""
        if expr.op == FIELD:
            return not any(path == expr.value or path.startswith(f"{expr.value}.") for path in known)
        if expr.op in (PARAMETER, HISTORY):
            return any(value.value is None for value in self.parameters[expr.value].values)
        if expr.op in (DEDUCTION, AMOUNT_NAME):
            return self._definition(expr.value)
        if expr.op in (ANSWER, VARIABLE) or expr.op in OF_SOME or expr.op == "age":
            return True
        if expr.op in (PRESENT, ABSENT):
            return False
        if expr.op in (AND, OR):
            # when the datum is missing, `x est present et …` is false and `x est absent ou …` true, whatever the rest
            known |= self.present_when(expr, expr.op == AND)
            return any(self.may_be_unknown(arg, known) for arg in expr.args)
        if expr.op == "si":
            condition, yes, no = expr.args
            return (
                self.may_be_unknown(condition, known)
                or self.may_be_unknown(yes, known | self.present_when(condition, True))
                or self.may_be_unknown(no, known | self.present_when(condition, False))
            )
        if expr.op in (IN_GRID, IN_SCALE) and self._without_line(expr):
            return True
        if expr.op == "/" and self._may_be_zero(expr.args[1]):
            return True
        return any(self.may_be_unknown(arg, known) for arg in expr.args)

    def _without_line(self, expr: Expr) -> bool:
        """Whether a table may have nothing for what is asked of it; no number is taken as negative."""
        table = expr.args[0]
        dated = self.parameters[str(table.value)].values
        known = [value.value for value in dated if value.value is not None]
        if expr.op == IN_SCALE:
            return any(scale.slices[-1].limit is not None for scale in known)
        keys = [arg.type.values for arg in expr.args[1:]]
        asked = set(product(*keys))
        return not all(keys) or any(not asked <= {cell for cell, _ in grid.cells} for grid in known)

    def _may_be_zero(self, expr: Expr) -> bool:
        if expr.op == LITERAL:
            return bool(expr.value == 0)
        if expr.op in (PARAMETER, AT):
            return any(value.value == 0 for value in self.parameters[expr.value].values)
        return True

    def present_when(self, expr: Expr, value: bool) -> Known:
        """The data certainly present when a tree has the given truth value."""
        if expr.op in (PRESENT, ABSENT):
            return frozenset({str(expr.value)}) if (expr.op == PRESENT) is value and not expr.args else _NOTHING
        if expr.op == NOT:
            return self.present_when(expr.args[0], not value)
        if expr.op == (AND if value else OR):
            return frozenset().union(*(self.present_when(arg, value) for arg in expr.args))
        definition = self.definitions.get(expr.value) if expr.op == DEDUCTION else None
        if definition is not None and definition.deduction is not None:
            return self.present_when(definition.deduction, value)
        return _NOTHING

    def _definition(self, name: str) -> bool:
        if name not in self._unknown:
            self._unknown[name] = self._compute(self.definitions[name])
        return self._unknown[name]

    def _compute(self, definition: Definition) -> bool:
        if definition.deduction is not None:
            return self.may_be_unknown(definition.deduction)
        # a number that no rule gives is unknown too
        always = any(amount.when is None for amount in definition.amounts)
        return not always or any(self.may_be_unknown(amount.value) for amount in definition.amounts)
