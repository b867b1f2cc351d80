"""A comparison that became its neighbour: `<` read as `<=`, `=` as `!=`, a bound of `entre` left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.language.tree import AND, Expr, nodes
from recevable.trials.mutation.model import Change, View
from recevable.trials.mutation.sites import rewritten

NAME: Final = "comparaison"
TITLE: Final = "Comparaison voisine (`<`, `<=`, `>`, `>=`, `=`, `!=`)"
NOTICED_BY: Final = "un exemple à l'égalité, et un de chaque côté"
# Its neighbour on the line, then its opposite.
_NEIGHBOURS: Final = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "=": ("!=",),
    "!=": ("=",),
}


def changes(view: View) -> Iterator[Change]:
    """Each comparison, by each of its neighbours."""
    return rewritten(view, _variants)


def _variants(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    for node in nodes(expr):
        for op in _NEIGHBOURS.get(node.op, ()):
            yield node, replace(node, op=op)
        if node.op == "entre":
            value, low, high = node.args
            for above, below in ((">", "<="), (">=", "<")):
                bounds = (Expr(above, (value, low), node.type), Expr(below, (value, high), node.type))
                yield node, Expr(AND, bounds, node.type, None, node.start, node.end)
