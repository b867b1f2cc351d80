"""An appraisal that no longer taints an amount."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.pack.kinds.amount import Amount
from recevable.pack.model import Rule
from recevable.trials.mutation.model import DROPPED, Change, View

NAME: Final = "reserve-retiree"
TITLE: Final = "Réserve d'un montant retirée"
NOTICED_BY: Final = "un dossier où cette appréciation est ouverte, avec les montants donnés sous réserve"


def changes(view: View) -> Iterator[Change]:
    """Each appraisal of `sous_reserve_de`."""
    rule = view.subject
    if not isinstance(rule, Rule) or not isinstance(rule.body, Amount):
        return
    for word in rule.body.subject_to:
        kept = tuple(other for other in rule.body.subject_to if other is not word)
        yield Change(
            "sous_reserve_de", word.span, word.text, DROPPED, replace(rule, body=replace(rule.body, subject_to=kept))
        )
