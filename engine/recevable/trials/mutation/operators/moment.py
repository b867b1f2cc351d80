"""A date, an instant or a duration written in a rule, one day or one second later and earlier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.language.tree import LITERAL, Expr, nodes
from recevable.trials.mutation.model import Change, View
from recevable.trials.mutation.sites import rewritten
from recevable.trials.mutation.units import beside

NAME: Final = "moment"
TITLE: Final = "Date, instant ou durée écrits ± 1 jour ou ± 1 seconde"
NOTICED_BY: Final = "un exemple au dernier instant admis, et un à l'instant suivant"


def changes(view: View) -> Iterator[Change]:
    """Each literal of time, later and earlier."""
    return rewritten(view, _variants)


def _variants(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    for node in nodes(expr):
        if node.op == LITERAL:
            for value in beside(node.value):
                yield node, replace(node, value=value)
