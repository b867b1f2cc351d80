"""A number written in a rule, a little more and a little less: one for a count, one hundredth for all the rest."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from recevable.language.tree import LITERAL, Expr
from recevable.language.types import NUMERIC, Kind
from recevable.trials.mutation.model import Change, View
from recevable.trials.mutation.sites import rewritten

NAME: Final = "nombre"
TITLE: Final = "Nombre écrit ± 1 ou ± 0,01"
NOTICED_BY: Final = "un exemple exactement à ce nombre, et un juste à côté"
_HUNDREDTH: Final = Decimal("0.01")


def changes(view: View) -> Iterator[Change]:
    """Each numeric literal, up and down."""
    return rewritten(view, lambda expr: _variants(expr, expr.type.kind))


def _variants(expr: Expr, wanted: Kind) -> Iterator[tuple[Expr, Expr]]:
    if expr.op == LITERAL and expr.type.kind in NUMERIC:
        step = 1 if expr.type.kind is Kind.INTEGER and wanted in (Kind.INTEGER, Kind.DURATION) else _HUNDREDTH
        for value in (expr.value + step, expr.value - step):
            yield expr, replace(expr, value=value)
        return
    kinds = {arg.type.kind for arg in expr.args}
    # `montant > 0`: the number has the unit of its neighbour
    finer = next((k for k in (Kind.AMOUNT, Kind.RATE, Kind.NUMBER) if k in kinds), Kind.INTEGER)
    for arg in expr.args:
        yield from _variants(arg, finer)
