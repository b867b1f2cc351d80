"""The result of a rule as an expression, made of the tests of its checks: what another rule reads as `resultat("ID")`.

It is known when the rule is `satisfait`, `non_satisfait` or `sans_objet`.  A rule that lacks a datum or an answer gives
nothing to who reads it, even where every way to complete it would lead to the same comparison: what is missing never
makes another rule pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from recevable.language.tree import FIELD, LITERAL, NOT, OR, PRESENT, RESULT, Expr, references
from recevable.language.types import BOOLEAN, RESULT_TYPE, RESULTS, Type
from recevable.pack.model import Check, Outcome, Result

_TRUE: Final = Expr(LITERAL, (), BOOLEAN, True)
_FALSE: Final = Expr(LITERAL, (), BOOLEAN, False)


def result_of(checks: Sequence[Check], type_of: Callable[[str], Type]) -> Expr:
    """The result of a rule: failed as soon as one of its checks is, else satisfied as soon as one is.

    `type_of` gives the type of a field: where a check only asks whether a datum is there, its absence gives no result.
    """
    found = [_chain(check, 0, type_of) for check in checks]
    if len(found) == 1:
        return found[0]
    failed, satisfied = (
        Expr(OR, tuple(_holds(one, wanted) for one in found), BOOLEAN) for wanted in (Result.FAILED, Result.SATISFIED)
    )
    otherwise = _choose(satisfied, _leaf(Result.SATISFIED), _leaf(Result.NOT_APPLICABLE))
    return _choose(failed, _leaf(Result.FAILED), otherwise)


def with_results(expr: Expr, result: Callable[[Expr], Expr]) -> Expr:
    """The expression, with how the result of each rule that it reads is computed."""
    if expr.op == RESULT:
        return replace(expr, args=(result(expr),))
    if not references(expr, RESULT):
        return expr
    return replace(expr, args=tuple(with_results(arg, result) for arg in expr.args))


def _chain(check: Check, rank: int, type_of: Callable[[str], Type]) -> Expr:
    step = check.steps[rank]
    after = _chain(check, rank + 1, type_of) if rank + 1 < len(check.steps) else _outcome(check.final)
    yes, no = (after if outcome is None else _outcome(outcome) for outcome in (step.true, step.false))
    if yes is None or no is None:
        # the answers to a question are tested one by one: when it has none of the others, it has the last
        found = yes or no
        assert found is not None, check
        return found
    if step.test.op == PRESENT and isinstance(step.test.value, str):
        field = Expr(FIELD, (), type_of(step.test.value), step.test.value)
        # what equals itself is unknown when it is not there
        no = _choose(Expr("=", (field, field), BOOLEAN), no, no)
    return _choose(step.test, yes, no)


def _outcome(outcome: Outcome) -> Expr | None:
    """The result of an outcome; None when it is a gap, which only an unknown test reaches."""
    return _leaf(outcome.result) if outcome.result.value in RESULTS else None


def _leaf(result: Result) -> Expr:
    return Expr(LITERAL, (), RESULT_TYPE, result.value)


def _holds(result: Expr, wanted: Result) -> Expr:
    """Whether a result is the one wanted."""
    if result.op == LITERAL:
        return _TRUE if result.value == wanted else _FALSE
    test, yes, no = result.args
    if yes is no:
        return test
    return _choose(test, _holds(yes, wanted), _holds(no, wanted))


def _choose(test: Expr, yes: Expr, no: Expr) -> Expr:
    """`si test alors yes sinon no`, unknown when the test is, which `et` and `ou` would not be."""
    if yes is _TRUE and no is _FALSE:
        return test
    if yes is _FALSE and no is _TRUE:
        return Expr(NOT, (test,), BOOLEAN)
    return Expr("si", (test, yes, no), yes.type)
