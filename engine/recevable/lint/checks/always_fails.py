"""REG-ECHEC-CERTAIN: a rule that fails on every dossier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View

CODE: Final = "REG-ECHEC-CERTAIN"
SEVERITY: Final = Severity.ERROR


def check(view: View) -> Iterator[Fault]:
    """Report each rule that always fails; recovery steps are not failures, since the first that fits is taken."""
    logic = view.analysis.logic
    for rule in view.pack.rules.values():
        if rule.id in view.analysis.inert:
            continue
        for failure in view.analysis.failures(rule):
            given = [(expr, True) for expr in failure.given]
            certain = logic.impossible((failure.test, not failure.truth), *given)
            if failure.fails and certain and not logic.impossible((failure.test, failure.truth), *given):
                message = f"la cause `{failure.cause}` de `{rule.id}` survient chaque fois que la règle s'applique"
                help = "Corrigez la condition ou `quand` : ils se contredisent."
                yield Fault(failure.span, message, help, f"{rule.id}:{failure.cause}")
