"""REG-EXIGENCES: a rule without a requirement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View

CODE: Final = "REG-EXIGENCES"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report them; a pack without an inventory is reported elsewhere."""
    for rule in view.pack.rules.values() if view.inventory is not None else ():
        if not rule.requirements:
            message = f"la règle `{rule.id}` ne cite aucune exigence"
            help = "Ajoutez `exigences: [...]` avec les identifiants de `exigences.yaml` qu'elle met en œuvre."
            yield Fault(rule.span, message, help, rule.id)
