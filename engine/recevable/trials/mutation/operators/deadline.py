"""A deadline, one second (or one day) later and earlier, for one rule alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.language.calendar import Duration
from recevable.language.tree import LITERAL, Expr
from recevable.language.types import DURATION, Kind
from recevable.language.unparse import unparse
from recevable.pack.kinds import kind_of
from recevable.pack.model import Rule
from recevable.trials.mutation.model import Change, View

NAME: Final = "echeance"
TITLE: Final = "Échéance d'un délai ± 1 seconde ou ± 1 jour"
NOTICED_BY: Final = "un exemple à l'échéance exacte, et un à la seconde qui suit"
_STEPS: Final = {Kind.INSTANT: Duration(seconds=1), Kind.DATE: Duration(days=1)}


def changes(view: View) -> Iterator[Change]:
    """The last instant allowed, moved by the smallest step of its type."""
    latest = kind_of(view.subject).latest if isinstance(view.subject, Rule) else ""
    for site in view.sites:
        step = _STEPS.get(site.expr.type.kind)
        if site.key != latest or step is None:
            continue
        for op in ("+", "-"):
            moved = Expr(op, (site.expr, Expr(LITERAL, (), DURATION, step)), site.expr.type)
            text = unparse(moved)
            new = site.put(replace(site.scalar, text=text))
            yield Change(site.key, site.scalar.span, unparse(site.expr), text, new, text)
