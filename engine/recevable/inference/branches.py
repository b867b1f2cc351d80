"""Turn a check into the mutually exclusive branches of a ternary decision tree.

Each test is a boolean formula over *variables*: atoms (comparisons, evaluated by the language) and deductions (chained
by the network).  Walking the chain and branching on one variable at a time gives branches that are exclusive and
exhaustive: exactly one is true for any facts.  A branch is a conjunction of equalities, the only pattern that
durable_rules has to match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final, TypeVar

from msgspec import Struct

from recevable.language.tree import ABSENT, AND, DEDUCTION, LITERAL, NOT, OR, PRESENT, Expr, references
from recevable.pack.model import Check, Outcome

FALSE: Final = 0
TRUE: Final = 1
UNKNOWN: Final = 2
VALUES: Final = (FALSE, TRUE, UNKNOWN)

MAX_BRANCHES: Final = 40
# Above these limits, parts without deductions are merged into fewer atoms: durable_rules takes time per branch.
FINE_BRANCHES: Final = 8
# Cache: a pack is first verified, then built context by context, with the same branches.
REMEMBERED: Final = 4096

_T = TypeVar("_T")


class Atom(Struct, frozen=True, cache_hash=True):
    """A variable computed by the language."""

    expr: Expr


class Deduced(Struct, frozen=True, cache_hash=True):
    """A variable deduced by the network."""

    name: str


class Constant(Struct, frozen=True):
    """A truth value written in the rule."""

    value: int


class Connective(Struct, frozen=True):
    """`et`, `ou` or `non` over formulas."""

    op: str
    parts: tuple[Formula, ...]


Variable = Atom | Deduced
Formula = Variable | Constant | Connective
Assignment = dict[Variable, int]
Tests = tuple[tuple[Variable, int], ...]


class Branch(Struct, frozen=True):
    """A conjunction of variable values, and the outcome it gives."""

    tests: Tests
    outcome: Outcome


class TooManyBranches(Exception):
    """An expression that would need more than MAX_BRANCHES branches."""


def formula(expr: Expr, coarse: bool = False) -> Formula:
    """The boolean structure of an expression; `coarse` makes one atom of each part without deductions."""
    if expr.op == LITERAL:
        return Constant(TRUE if expr.value else FALSE)
    if expr.op == DEDUCTION:
        return Deduced(expr.value)
    if expr.op in (AND, OR, NOT) and not (coarse and not references(expr, DEDUCTION)):
        args = _merged(expr) if coarse else expr.args
        return Connective(expr.op, tuple(formula(arg, coarse) for arg in args))
    if expr.op in ("=", "!=") and expr.args[0].op == DEDUCTION and expr.args[1].op == LITERAL:
        inner = formula(expr.args[0], coarse)
        return inner if expr.args[1].value is (expr.op == "=") else Connective(NOT, (inner,))
    return Atom(expr)


def _merged(expr: Expr) -> tuple[Expr, ...]:
    """The operands, with those without deductions merged: their order is irrelevant in Kleene's logic."""
    plain = tuple(arg for arg in expr.args if not references(arg, DEDUCTION))
    if len(plain) < 2:
        return expr.args
    chained = (arg for arg in expr.args if arg not in plain)
    return (Expr(expr.op, plain, expr.type), *chained)


def evaluate(node: Formula, known: Mapping[Variable, int]) -> int | None:
    """The Kleene value of a formula; None while the known variables do not determine it."""
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, Atom | Deduced):
        return known.get(node)
    if node.op == NOT:
        value = evaluate(node.parts[0], known)
        return value if value in (None, UNKNOWN) else TRUE - value
    decisive = FALSE if node.op == AND else TRUE
    values = [evaluate(part, known) for part in node.parts]
    if decisive in values:
        return decisive
    if None in values:
        return None
    return UNKNOWN if UNKNOWN in values else TRUE - decisive


def _first_open(node: Formula, known: Mapping[Variable, int]) -> Variable:
    """An unknown variable of an undetermined formula."""
    if isinstance(node, Atom | Deduced):
        return node
    assert isinstance(node, Connective)
    return next(_first_open(part, known) for part in node.parts if evaluate(part, known) is None)


@lru_cache(maxsize=REMEMBERED)
def branches(check: Check) -> tuple[Branch, ...]:
    """Every branch of a check; raises TooManyBranches."""

    def walk(coarse: bool) -> Iterator[Branch]:
        return _walk(check, [formula(step.test, coarse) for step in check.steps], 0, {})

    return _few(walk)


@lru_cache(maxsize=REMEMBERED)
def deduction_branches(expr: Expr) -> tuple[tuple[Tests, int], ...]:
    """The branches of a deduction: (tests, truth value); raises TooManyBranches."""
    return _few(lambda coarse: _settle(formula(expr, coarse), {}))


def _few(walk: Callable[[bool], Iterator[_T]]) -> tuple[_T, ...]:
    """The branches of a walk, coarse when there are too many; raises TooManyBranches."""
    # a coarse atom may be unknown where its parts may not, so fine branches are sometimes fewer
    for coarse, most in ((False, FINE_BRANCHES), (True, MAX_BRANCHES), (False, MAX_BRANCHES)):
        found = tuple(islice(walk(coarse), most + 1))
        if len(found) <= most:
            return found
    raise TooManyBranches


def _settle(node: Formula, known: Assignment) -> Iterator[tuple[Tests, int]]:
    value = evaluate(node, known)
    if value is not None:
        yield tuple(known.items()), value
        return
    variable = _first_open(node, known)
    for choice in _values(variable):
        yield from _settle(node, {**known, variable: choice})


def _values(variable: Variable) -> tuple[int, ...]:
    """The possible values of a variable: a presence test is never unknown."""
    known = isinstance(variable, Atom) and variable.expr.op in (PRESENT, ABSENT)
    return (FALSE, TRUE) if known else VALUES


def _walk(check: Check, formulas: Sequence[Formula], rank: int, known: Assignment) -> Iterator[Branch]:
    if rank == len(formulas):
        yield Branch(tuple(known.items()), check.final)
        return
    for tests, value in _settle(formulas[rank], known):
        outcome = check.steps[rank].answer({FALSE: False, TRUE: True, UNKNOWN: None}[value])
        if outcome is not None:
            yield Branch(tests, outcome)
        else:
            yield from _walk(check, formulas, rank + 1, dict(tests))
