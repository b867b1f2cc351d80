"""A rule that forgets one of its requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.pack.model import Rule
from recevable.trials.mutation.model import DROPPED, Change, View

NAME: Final = "demande-retiree"
TITLE: Final = "Demande retirée d'une règle"
NOTICED_BY: Final = "un exemple ou un scénario sur cette demande"


def changes(view: View) -> Iterator[Change]:
    """Each request of a rule that has several."""
    rule = view.subject
    if not isinstance(rule, Rule) or len(rule.requests) < 2:
        return
    for rank, name in enumerate(rule.requests):
        kept = tuple(other for other in rule.requests if other != name)
        yield Change("demandes", view.place("demandes", rank), name, DROPPED, replace(rule, requests=kept))
