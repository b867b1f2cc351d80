"""`est present` read as `est absent`, and the reverse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.language.tree import ABSENT, PRESENT, Expr, nodes
from recevable.trials.mutation.model import Change, View
from recevable.trials.mutation.sites import rewritten

NAME: Final = "presence"
TITLE: Final = "`est present` ↔ `est absent`"
NOTICED_BY: Final = "un exemple où la donnée est là, et un où elle manque"
_OPPOSITES: Final = {PRESENT: ABSENT, ABSENT: PRESENT}


def changes(view: View) -> Iterator[Change]:
    """Each test of presence, turned into the other."""
    return rewritten(view, _variants)


def _variants(expr: Expr) -> Iterator[tuple[Expr, Expr]]:
    for node in nodes(expr):
        if node.op in _OPPOSITES:
            yield node, replace(node, op=_OPPOSITES[node.op])
