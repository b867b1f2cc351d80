"""REG-JAMAIS: a rule that can never apply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.pack.model import WHEN

CODE: Final = "REG-JAMAIS"
SEVERITY: Final = Severity.ERROR


def check(view: View) -> Iterator[Fault]:
    """Report them; a rule cancelled by an unconditional exception is reported by the check on exceptions."""
    analysis = view.analysis
    for rule in view.pack.rules.values():
        exceptions = analysis.compiled.exceptions.get(rule.id, ())
        if rule.id in analysis.inert:
            if any(not exception.conditional for exception in exceptions):
                continue
            place = analysis.part(rule, WHEN).place() if rule.when is not None else rule.span
            message = f"la règle `{rule.id}` ne peut jamais s'appliquer"
            help = "Ces conditions ne peuvent pas être vraies ensemble : corrigez `quand`."
            if exceptions:
                names = ", ".join(f"`{exception.id}`" for exception in exceptions)
                help = f"`quand` ne laisse rien une fois ôtées ses exceptions ({names}) : corrigez l'un ou l'autre."
            yield Fault(place, message, help, rule.id)
        elif rule.claim is not None:
            when = analysis.applies(analysis.compiled.read_in(rule)[0], rule)
            established = analysis.part(rule, rule.claim.established)
            given = () if when is None else ((when, True),)
            if analysis.logic.impossible((established.expr, True), *given):
                message = f"le cas de `{rule.id}` ne peut jamais être établi"
                help = "Ces conditions ne peuvent pas être vraies ensemble, ni avec `quand` : corrigez-les."
                yield Fault(established.place(), message, help, rule.id)
