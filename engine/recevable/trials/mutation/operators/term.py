"""One term of an `et`, of an `ou` or of a list of values taken out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.language.tree import AND, OR, Expr, nodes
from recevable.language.unparse import unparse
from recevable.trials.mutation.model import DROPPED, Change, View
from recevable.trials.mutation.sites import replaced

NAME: Final = "terme-retire"
TITLE: Final = "Terme d'un `et`, d'un `ou` ou d'une liste retiré"
NOTICED_BY: Final = "un exemple où ce seul terme change la réponse"


def changes(view: View) -> Iterator[Change]:
    """Each term of each connective, each value of each `dans`."""
    for site in view.sites:
        for node, term, shorter in _variants(site.expr):
            text = unparse(replaced(site.expr, node, shorter))
            span = site.scalar.place(term.start, term.end - term.start)
            yield Change(site.key, span, unparse(term), DROPPED, site.put(replace(site.scalar, text=text)), text)


def _variants(expr: Expr) -> Iterator[tuple[Expr, Expr, Expr]]:
    for node in nodes(expr):
        if node.op in (AND, OR):
            for rank, term in enumerate(node.args):
                rest = (*node.args[:rank], *node.args[rank + 1 :])
                yield node, term, rest[0] if len(rest) == 1 else replace(node, args=rest)
        elif node.op == "dans" and len(node.args) > 2:
            for rank, term in enumerate(node.args[1:], start=1):
                yield node, term, replace(node, args=(*node.args[:rank], *node.args[rank + 1 :]))
