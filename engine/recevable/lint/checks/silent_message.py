"""REG-MESSAGE-MUET: a message without the value that was compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import FIELD, Expr
from recevable.language.types import Kind
from recevable.lint.model import Fault, View

CODE: Final = "REG-MESSAGE-MUET"
SEVERITY: Final = Severity.NOTE
_ORDER: Final = frozenset({"<", "<=", ">", ">=", "entre"})
_SHOWN: Final = frozenset({Kind.AMOUNT, Kind.RATE, Kind.DATE, Kind.INSTANT})


def check(view: View) -> Iterator[Fault]:
    """Report tests that are a single comparison; in a longer test, the value may not be needed."""
    for rule in view.pack.rules.values():
        for failure in view.analysis.failures(rule):
            compared = _compared(failure.test)
            message = rule.cause(failure.cause).message
            if compared is not None and "{" not in message.text:
                name = compared.value
                help = f"Ajoutez au message la valeur comparée : `{{{name}}}`."
                diagnosis = f"le message ne montre pas `{name}`, que la règle `{rule.id}` compare"
                yield Fault(message.span, diagnosis, help, f"{rule.id}:{failure.cause}")


def _compared(test: Expr) -> Expr | None:
    """The field being compared, or None."""
    if test.op not in _ORDER:
        return None
    return next((arg for arg in test.args if arg.op == FIELD and arg.type.kind in _SHOWN), None)
