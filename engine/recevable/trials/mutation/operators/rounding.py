"""Rounding in another direction, to a step ten times larger, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from recevable.language.operations import ROUNDINGS
from recevable.pack.kinds.amount import Amount, Rounding
from recevable.pack.model import Rule
from recevable.trials.mutation.model import DROPPED, Change, View

NAME: Final = "arrondi"
TITLE: Final = "Arrondi : autre sens, autre pas, ou aucun"
NOTICED_BY: Final = "un exemple dont le résultat exact tombe sur un demi-pas, et un entre deux pas"


def changes(view: View) -> Iterator[Change]:
    """Each other direction, the next step, none."""
    rule = view.subject
    if not isinstance(rule, Rule) or not isinstance(rule.body, Amount) or rule.body.rounding is None:
        return
    rounding = rule.body.rounding
    others = [Rounding(rounding.step, sense) for sense in ROUNDINGS if sense != rounding.direction]
    wider = Rounding(f"{Decimal(rounding.step) * 10:f}", rounding.direction)
    span = view.place("arrondi")
    for other in (*others, wider, None):
        new = replace(rule, body=replace(rule.body, rounding=other))
        yield Change("arrondi", span, _words(rounding), _words(other) if other else DROPPED, new)


def _words(rounding: Rounding) -> str:
    return f"{rounding.step} ({rounding.direction})"
