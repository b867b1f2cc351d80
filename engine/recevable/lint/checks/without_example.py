"""REG-EXEMPLES: a rule without an example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View

CODE: Final = "REG-EXEMPLES"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report rules without an example."""
    for rule in view.pack.rules.values():
        if not rule.examples:
            help = "Ajoutez `exemples:` avec un cas par issue : `- {avec: {…}, resultat: satisfait}`."
            yield Fault(rule.span, f"la règle `{rule.id}` n'a aucun exemple", help, rule.id)
