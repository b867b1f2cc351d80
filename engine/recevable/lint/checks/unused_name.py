"""REG-INUTILE: a number or a deduction that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.types import Kind
from recevable.lint.model import Fault, View

CODE: Final = "REG-INUTILE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report them, except amounts of money, which the decision always shows."""
    for rule in view.pack.rules.values():
        defined = rule.defined
        if defined is None or defined.type.kind is Kind.AMOUNT:
            continue
        if (defined.op, rule.defines) not in view.analysis.used:
            help = "Employez-le dans une règle ou dans un message, ou supprimez celle-ci."
            yield Fault(defined.name.span, f"rien n'emploie `{rule.defines}`, que calcule `{rule.id}`", help, rule.id)
