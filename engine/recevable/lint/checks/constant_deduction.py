"""REG-DEDUCTION-FIXE: a deduction that always has the same value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.pack.compiled import defined_name
from recevable.pack.kinds.deduction import Deduction

CODE: Final = "REG-DEDUCTION-FIXE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """True for no dossier, or false for none."""
    for rule in view.pack.rules.values():
        if not isinstance(rule.body, Deduction):
            continue
        part = view.reading.part(rule, "vaut")
        for truth, word in ((True, "vraie"), (False, "fausse")):
            if view.reading.logic.impossible((part.expr, truth)):
                message = f"la déduction `{defined_name(rule)}` n'est jamais {word}"
                help = "Corrigez `vaut` : ses conditions se contredisent ou se complètent entièrement."
                yield Fault(part.place(), message, help, rule.id)
                break
