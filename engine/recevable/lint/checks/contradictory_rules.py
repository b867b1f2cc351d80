"""REG-CONTRAIRE: two rules that no dossier can satisfy together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import NOT, Expr
from recevable.language.types import BOOLEAN
from recevable.lint.logic import normal
from recevable.lint.model import Fault, View
from recevable.pack.model import Consequence, Rule

CODE: Final = "REG-CONTRAIRE"
SEVERITY: Final = Severity.ERROR


def check(view: View) -> Iterator[Fault]:
    """Report pairs of contrary rules; warnings and recovery steps are ignored, since they stop no request."""
    first: dict[object, Rule] = {}
    for rule in view.pack.rules.values():
        for failure in view.analysis.failures(rule):
            if not failure.fails or rule.cause(failure.cause).consequence is Consequence.SIGNAL:
                continue
            given = tuple(normal(expr) for expr in failure.given)
            failing, passing = normal(failure.test), normal(Expr(NOT, (failure.test,), BOOLEAN))
            if not failure.truth:
                failing, passing = passing, failing
            others = [first.get((name, given, passing)) for name in rule.requests]
            other = next((found for found in others if found is not None and found is not rule), None)
            for name in rule.requests:
                first.setdefault((name, given, failing), rule)
            if other is not None:
                message = f"`{rule.id}` échoue chaque fois que `{other.id}` est satisfaite ({other.span})"
                help = "Aucun dossier ne satisfait les deux : corrigez l'une des conditions, ou donnez-leur un `quand`."
                yield Fault(failure.span, message, help, rule.id)
