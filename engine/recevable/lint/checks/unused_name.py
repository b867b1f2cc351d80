"""REG-INUTILE: a number or a deduction that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import AMOUNT_NAME, DEDUCTION
from recevable.language.types import Kind
from recevable.lint.model import Fault, View
from recevable.pack.compiled import defined_name
from recevable.pack.kinds.amount import Amount
from recevable.pack.kinds.deduction import Deduction

CODE: Final = "REG-INUTILE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """An amount of money that nothing reads is still shown with the decision; it is not useless."""
    for rule in view.pack.rules.values():
        name = defined_name(rule)
        op = DEDUCTION if isinstance(rule.body, Deduction) else AMOUNT_NAME
        shown = isinstance(rule.body, Amount) and rule.body.type.kind is Kind.AMOUNT
        if name and not shown and (op, name) not in view.reading.used:
            help = "Employez-le dans une règle ou dans un message, ou supprimez celle-ci."
            yield Fault(rule.body.name.span, f"rien n'emploie `{name}`, que calcule `{rule.id}`", help, rule.id)
