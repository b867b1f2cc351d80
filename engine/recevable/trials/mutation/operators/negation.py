"""A condition read the wrong way round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.language.tree import ABSENT, NOT, PRESENT, Expr, nodes
from recevable.language.types import BOOLEAN, Kind
from recevable.trials.mutation.model import Change, View
from recevable.trials.mutation.sites import rewritten

NAME: Final = "negation"
TITLE: Final = "Condition niée"
NOTICED_BY: Final = "un exemple qui la remplit, ou un qui ne la remplit pas"
_OPPOSITES: Final = {PRESENT: ABSENT, ABSENT: PRESENT, "=": "!=", "!=": "="}


def changes(view: View) -> Iterator[Change]:
    """Each whole condition, and that of each `si … alors`."""
    return rewritten(view, _variants)


def _variants(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    for node in nodes(expr):
        if node.op == "si":
            yield node.args[0], _negated(node.args[0])
    if expr.type.kind is Kind.BOOLEAN:
        yield expr, _negated(expr)


def _negated(expr: Expr) -> Expr:
    if expr.op == NOT:
        return expr.args[0]
    if expr.op in _OPPOSITES:
        return replace(expr, op=_OPPOSITES[expr.op])
    return Expr(NOT, (expr,), BOOLEAN, None, expr.start, expr.end)
