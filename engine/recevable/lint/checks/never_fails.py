"""REG-SANS-ECHEC: a cause that can never occur."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View

CODE: Final = "REG-SANS-ECHEC"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report them; rules that never apply are skipped."""
    logic = view.analysis.logic
    for rule in view.pack.rules.values():
        if rule.id in view.analysis.inert:
            continue
        for failure in view.analysis.failures(rule):
            given = [(expr, True) for expr in failure.given]
            # an `indu` that is never established is reported once
            if logic.impossible(*given) or not logic.impossible((failure.test, failure.truth), *given):
                continue
            message = f"la cause `{failure.cause}` de `{rule.id}` ne peut jamais survenir"
            help = "Corrigez la condition, ou supprimez ce qui ne peut pas arriver."
            yield Fault(failure.span, message, help, f"{rule.id}:{failure.cause}")
