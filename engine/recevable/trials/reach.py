"""Which outcomes a check can have at all, and where its comparisons change: what coverage is measured against.

An outcome that nothing can bring about would stand uncovered for ever; one that is wrongly called impossible would hide
a gap.  The reasoning is therefore simple and errs towards possible: a test is never unknown only when each datum that
it reads was found present just before, and it divides by nothing that may be 0.  A parameter is unknown only if one of
its values is declared so.  What is left out: a calculation of dates that leaves the calendar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from recevable.language.operations import OPERATIONS
from recevable.language.tree import (
    ABSENT,
    AMOUNT_NAME,
    AND,
    ANSWER,
    DEDUCTION,
    FIELD,
    LITERAL,
    NOT,
    OR,
    PARAMETER,
    PRESENT,
    VARIABLE,
    Expr,
)
from recevable.language.types import Kind
from recevable.language.unparse import unparse
from recevable.pack.model import Check, Context, Definition, Outcome, Parameter

Known = frozenset[str]
_NOTHING: Final[Known] = frozenset()
_ORDERED: Final = frozenset({"<", "<=", ">", ">="})
# The smallest step between two values; the other types (rates, numbers, durations) have none that people agree on.
_UNITS: Final[Mapping[Kind, Any]] = {Kind.INTEGER: 1, Kind.AMOUNT: Decimal("0.01"), Kind.DATE: 1, Kind.INSTANT: 1}


class Edge(Struct, frozen=True):
    """A comparison with an order; both sides of the value where its truth changes are to be shown.

    `test` is the node as written (`entre` has two edges), `left op right` what this edge compares; `within` are the
    functions of a list around it, the outermost first: each element is compared.
    """

    test: Expr
    left: Expr
    op: str
    right: Expr
    within: tuple[Expr, ...] = ()

    @property
    def text(self) -> str:
        """What is compared, as a rule writes it; for elements, of which list."""
        loops = ", ".join(f"{loop.value} dans {unparse(loop.args[0])}" for loop in self.within)
        return f"{unparse(self.left)} {self.op} {unparse(self.right)}" + (f", pour {loops}" if loops else "")

    @property
    def unit(self) -> Any:
        """One second, one day, one cent or one: the step between two values; None when there is no such step."""
        kinds = {self.left.type.kind, self.right.type.kind}
        kind = Kind.AMOUNT if Kind.AMOUNT in kinds else self.left.type.kind
        return None if Kind.NUMBER in kinds and kind is Kind.INTEGER else _UNITS.get(kind)

    def is_at(self, left: Any, right: Any) -> bool:
        """Whether both values are equal."""
        return bool(left == right)

    def is_beside(self, left: Any, right: Any) -> bool:
        """Whether the values are the nearest at which the comparison is not what it is at equality."""
        if not (left > right if self.op in ("<=", ">") else left < right):
            return False
        if self.unit is None:
            return True
        gap = abs(left - right)
        steps = gap.days if self.left.type.kind is Kind.DATE else getattr(gap, "total_seconds", lambda: gap)()
        return bool(steps == self.unit)


def edges(expr: Expr, within: tuple[Expr, ...] = ()) -> Iterator[Edge]:
    """The comparisons of a tree that have an order, those of the elements of a list included."""
    row = OPERATIONS.get(expr.op)
    inside = (*within, expr) if row is not None and row.over_list else within
    for arg in expr.args:
        yield from edges(arg, inside)
    if expr.op in _ORDERED:
        yield Edge(expr, expr.args[0], expr.op, expr.args[1], within)
    elif expr.op == "entre":
        value, low, high = expr.args
        yield Edge(expr, value, ">=", low, within)
        yield Edge(expr, value, "<=", high, within)


class Reach:
    """What can come of the checks and definitions of one context."""

    def __init__(self, context: Context, parameters: Mapping[str, Parameter]) -> None:
        self.definitions = {definition.name: definition for definition in context.definitions}
        self.parameters = parameters
        self._unknown: dict[str, bool] = {}

    def outcomes(self, check: Check) -> set[Outcome]:
        """Every outcome that a check can have."""
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
                # only one truth value goes on to the next test: what it tells is known there
                known |= self.present_when(step.test, True) if step.true is None else _NOTHING
                known |= self.present_when(step.test, False) if step.false is None else _NOTHING
        return found | {check.final}

    def may_be_unknown(self, expr: Expr, known: Known = _NOTHING) -> bool:
        """Whether a tree may be unknown when the data of `known` are in the dossier."""
        if expr.op == FIELD:
            return not any(path == expr.value or path.startswith(f"{expr.value}.") for path in known)
        if expr.op == PARAMETER:
            return any(value.value is None for value in self.parameters[expr.value].values)
        if expr.op in (DEDUCTION, AMOUNT_NAME):
            return self._definition(expr.value)
        if expr.op in (ANSWER, VARIABLE):
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
        if expr.op == "/" and self._may_be_zero(expr.args[1]):
            return True
        return any(self.may_be_unknown(arg, known) for arg in expr.args)

    def _may_be_zero(self, expr: Expr) -> bool:
        if expr.op == LITERAL:
            return bool(expr.value == 0)
        if expr.op == PARAMETER:
            return any(value.value == 0 for value in self.parameters[expr.value].values)
        return True

    def present_when(self, expr: Expr, value: bool) -> Known:
        """The data that are certainly in the dossier when a tree is true, or when it is false."""
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
