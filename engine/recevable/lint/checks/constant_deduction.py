"""REG-DEDUCTION-FIXE: a deduction that always has the same value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View

CODE: Final = "REG-DEDUCTION-FIXE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report each deduction that is never true, or never false."""
    for rule in view.pack.rules.values():
        if rule.defined is None or not rule.defined.truth:
            continue
        part = view.analysis.part(rule, rule.defined.key)
        for truth, word in ((True, "vraie"), (False, "fausse")):
            if view.analysis.logic.impossible((part.expr, truth)):
                message = f"la déduction `{rule.defines}` n'est jamais {word}"
                help = f"Corrigez `{rule.defined.key}` : ses conditions se contredisent ou se complètent entièrement."
                yield Fault(part.place(), message, help, rule.id)
                break
