"""EXP-MELANGE: `et` and `ou` in one expression, without parentheses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import AND, OR, nodes
from recevable.lint.model import Fault, View

CODE: Final = "EXP-MELANGE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report a conjunction that a disjunction takes as written, where a reader may group otherwise."""
    for part in view.analysis.everything():
        text = part.text.text
        for node in nodes(part.expr):
            for arg in node.args if node.op == OR else ():
                enclosed = text[: arg.start].rstrip().endswith("(") and text[arg.end :].lstrip().startswith(")")
                if arg.op == AND and not enclosed and arg.end > arg.start:
                    message = "`et` et `ou` se suivent sans parenthèses : `et` est calculé d'abord"
                    help = f"Écrivez `({text[arg.start : arg.end]})`, ou mettez entre parenthèses ce qui va ensemble."
                    yield Fault(part.place(arg), message, help, part.rule.id)
