"""REG-DOUBLE: two rules with the same meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.logic import normal
from recevable.lint.model import Fault, View
from recevable.pack.model import WHEN, Rule

CODE: Final = "REG-DOUBLE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report duplicates; numbers may coincide and questions differ by their words, so neither counts."""
    first: dict[object, Rule] = {}
    for rule in view.pack.rules.values():
        if rule.question is not None or (rule.defined is not None and not rule.defined.truth):
            continue
        does = (
            rule.kind,
            # the order of a conjunction, or a double negation, makes no difference
            tuple((part.key, part.cause, normal(part.expr)) for part in view.analysis.parts(rule) if part.key != WHEN),
            tuple((cause.name, cause.consequence, cause.result) for cause in rule.causes),
        )
        twins = []
        for name in rule.requests or ("",):
            when = view.analysis.applies(name, rule) if name else None
            twins.append(first.setdefault((name, does, None if when is None else normal(when)), rule))
        other = next((twin for twin in twins if twin is not rule), None)
        if other is not None:
            message = f"la règle `{rule.id}` fait la même chose que `{other.id}` ({other.span})"
            yield Fault(rule.span, message, "Gardez-en une seule.", rule.id)
