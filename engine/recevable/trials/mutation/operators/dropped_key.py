"""A condition of application, an exception or a defect of a document taken out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.pack.model import Rule
from recevable.trials.mutation.model import DROPPED, Change, View
from recevable.trials.mutation.sites import with_cause

NAME: Final = "cle-retiree"
TITLE: Final = "`quand`, `exception_a` ou un défaut de pièce retiré"
NOTICED_BY: Final = "un exemple où la règle est sans objet, ou un qui montre ce défaut"


def changes(view: View) -> Iterator[Change]:
    """`quand`, `exception_a`, then each defect: a cause with a condition of its own, and a consequence."""
    rule = view.subject
    if not isinstance(rule, Rule):
        return
    if rule.when is not None:
        yield Change("quand", rule.when.span, rule.when.text, DROPPED, replace(rule, when=None))
    if rule.exception_to is not None:
        span, text = rule.exception_to.span, rule.exception_to.text
        yield Change("exception_a", span, text, DROPPED, replace(rule, exception_to=None))
    for cause in rule.causes:
        if cause.when is not None and cause.consequence is not None:
            span = view.place(*cause.path)
            yield Change(f"cause:{cause.name}", span, cause.name, DROPPED, with_cause(rule, cause, None))
