"""A rule taken out, with the examples written in it: only scenarios and dossiers can notice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.pack.model import Rule
from recevable.trials.mutation.model import DROPPED, Change, View

NAME: Final = "regle-retiree"
TITLE: Final = "Règle retirée, avec ses exemples"
NOTICED_BY: Final = "un scénario dont cette règle décide"


def changes(view: View) -> Iterator[Change]:
    """The rule, unless it is all that gives a truth value: see `deduction-figee`."""
    rule = view.subject
    if isinstance(rule, Rule) and not (rule.defined is not None and rule.defined.truth):
        yield Change("regle", rule.span, rule.id, DROPPED, None)
