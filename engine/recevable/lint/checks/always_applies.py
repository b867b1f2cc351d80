"""REG-TOUJOURS: a `quand` that is always true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.pack.model import WHEN

CODE: Final = "REG-TOUJOURS"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report each rule whose own condition is always true; exceptions are ignored."""
    for rule in view.pack.rules.values():
        if rule.when is None or rule.id in view.analysis.inert:
            continue
        part = view.analysis.part(rule, WHEN)
        if view.analysis.logic.impossible((part.expr, False)):
            message = f"le `quand` de `{rule.id}` n'est jamais faux"
            yield Fault(part.place(), message, "Supprimez `quand`, ou corrigez-le s'il manque un cas.", rule.id)
