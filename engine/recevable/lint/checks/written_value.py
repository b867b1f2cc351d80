"""EXP-VALEUR: a value of the legal text written in a rule instead of a parameter."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import LITERAL, Expr, nodes
from recevable.language.types import Kind
from recevable.lint.model import Fault, View

CODE: Final = "EXP-VALEUR"
SEVERITY: Final = Severity.NOTE
_DATES: Final = frozenset({Kind.DATE, Kind.INSTANT})
_MONEY: Final = frozenset({Kind.AMOUNT, Kind.RATE})
_ARITHMETIC: Final = frozenset({"*", "/"})


def check(view: View) -> Iterator[Fault]:
    """Report literals; a literal number takes the type of the other operand."""
    for part in view.analysis.everything():
        whole = [part.expr] if part.expr.op == LITERAL and part.expr.type.kind in _DATES else []
        within = [arg for node in nodes(part.expr) for arg in node.args if arg.op == LITERAL and _belongs(arg, node)]
        for found in [*whole, *within]:
            message = f"`{part.text.text[found.start : found.end]}` est écrit dans la règle `{part.rule.id}`"
            help = "Faites-en un paramètre, avec son titre, sa source et sa date d'effet."
            yield Fault(part.place(found), message, help, part.rule.id)


def _belongs(arg: Expr, node: Expr) -> bool:
    """Whether a literal is a value of the legal text."""
    if arg.type.kind in _DATES:
        return True
    if not arg.type.literal or arg.value in (0, 1):
        return False
    if node.op in _ARITHMETIC and Decimal(arg.value) == Decimal(arg.value).to_integral_value():
        return False
    return any(other.type.kind in _MONEY for other in node.args if other is not arg)
