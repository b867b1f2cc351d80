"""EXP-TEXTE-IMPOSSIBLE: a text compared with a field that can never hold it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.operations import normalise
from recevable.language.tree import AT, PARAMETER, Expr, nodes
from recevable.language.types import Kind
from recevable.lint.analysis import Part
from recevable.lint.model import Fault, View

CODE: Final = "EXP-TEXTE-IMPOSSIBLE"
SEVERITY: Final = Severity.ERROR
_NORMAL: Final = "normalise"


def check(view: View) -> Iterator[Fault]:
    """Report impossible parameters and normalized texts; the compiler already rejects impossible literals."""
    for part in view.analysis.everything():
        for node in nodes(part.expr):
            if node.op in ("=", "!=", "dans") and node.args[0].type.kind is Kind.TEXT:
                yield from _compared(view, part, node)


def _compared(view: View, part: Part, node: Expr) -> Iterator[Fault]:
    closed = {value for arg in node.args for value in arg.type.values}
    normalised = any(arg.op == _NORMAL for arg in node.args)
    for arg in node.args:
        for text in sorted(view.analysis.logic.values(arg) or ()):
            if closed and arg.op in (PARAMETER, AT) and text not in closed:
                allowed = ", ".join(f"`{value}`" for value in sorted(closed))
                message = f"`{arg.value}` vaut `{text}`, qui n'est pas une valeur possible de ce champ"
                yield Fault(part.place(arg), message, f"Valeurs possibles : {allowed}.", part.rule.id)
            elif normalised and not arg.type.values and text != normalise(text):
                message = f"un texte normalisé n'est jamais égal à « {text} »"
                yield Fault(
                    part.place(arg),
                    message,
                    f'Écrivez `normalise(…)` des deux côtés, ou `"{normalise(text)}"`.',
                    part.rule.id,
                )
