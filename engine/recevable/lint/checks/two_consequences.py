"""REG-CONSEQUENCES: one fault with two consequences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import NOT, Expr
from recevable.language.types import BOOLEAN
from recevable.lint.logic import normal
from recevable.lint.model import Fault, View
from recevable.pack.model import Consequence

CODE: Final = "REG-CONSEQUENCES"
SEVERITY: Final = Severity.ERROR


def check(view: View) -> Iterator[Fault]:
    """Report them; rules equal in everything, consequences included, are duplicates."""
    first: dict[object, tuple[str, str, Consequence | None]] = {}
    for rule in view.pack.rules.values():
        for failure in filter(lambda failure: failure.fails, view.analysis.failures(rule)):
            cause = rule.cause(failure.cause)
            failing = failure.test if failure.truth else Expr(NOT, (failure.test,), BOOLEAN)
            given = frozenset(normal(expr) for expr in failure.given)
            reported = False
            for name in rule.requests:
                mine = (rule.id, cause.name, cause.consequence)
                other = first.setdefault((name, given, normal(failing)), mine)
                if other == mine or reported or (other[2] is cause.consequence and other[0] != rule.id):
                    continue
                reported = True
                message = f"`{cause.name}` survient dans les mêmes cas que `{other[1]}` de `{other[0]}`"
                if other[2] is not cause.consequence:
                    message += f", qui entraîne `{other[2]}` et non `{cause.consequence}`"
                yield Fault(failure.span, message, "Gardez-en une seule.", f"{rule.id}:{cause.name}")
