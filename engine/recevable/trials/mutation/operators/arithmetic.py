"""An operation of a calculation read as its opposite: `min` and `max`, `+` and `-`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.language.tree import Expr, nodes
from recevable.trials.mutation.model import Change, View
from recevable.trials.mutation.sites import rewritten

NAME: Final = "calcul"
TITLE: Final = "`min` ↔ `max`, `+` ↔ `-`"
NOTICED_BY: Final = "un exemple chiffré où les deux opérations ne donnent pas le même résultat"
_OPPOSITES: Final = {"min": "max", "max": "min", "+": "-", "-": "+"}


def changes(view: View) -> Iterator[Change]:
    """Each operation, turned into the other."""
    return rewritten(view, _variants)


def _variants(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    for node in nodes(expr):
        if node.op in _OPPOSITES:
            yield node, replace(node, op=_OPPOSITES[node.op])
