"""An answer of an appraisal with the effect of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.pack.kinds.appraisal import Appraisal
from recevable.pack.model import Outcome, Result, Rule
from recevable.trials.mutation.model import Change, View

NAME: Final = "reponse"
TITLE: Final = "Réponse d'une appréciation : autre effet"
NOTICED_BY: Final = "un exemple où cette réponse est consignée"


def changes(view: View) -> Iterator[Change]:
    """Each answer, with the first other effect that the rule knows."""
    rule = view.subject
    if not isinstance(rule, Rule) or not isinstance(rule.body, Appraisal):
        return
    for word, outcome in rule.body.answers.items():
        other = next((found for found in rule.body.answers.values() if found != outcome), None)
        if other is not None:
            answers = {**rule.body.answers, word: other}
            new = replace(rule, body=replace(rule.body, answers=answers))
            yield Change(f"reponse:{word}", view.place("reponses", word), _words(outcome), _words(other), new)


def _words(outcome: Outcome) -> str:
    return str(outcome.result) if outcome.result is Result.SATISFIED else outcome.cause
