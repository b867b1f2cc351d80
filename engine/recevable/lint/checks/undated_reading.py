"""EXP-DATE-DU-FAIT: a parameter with several values is applied to a fact that has its own date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.operations import OPERATIONS
from recevable.language.tree import AND, NOT, OR, PARAMETER, VARIABLE, Expr, nodes, source_of
from recevable.language.types import Kind, Type
from recevable.lint.model import Fault, View

CODE: Final = "EXP-DATE-DU-FAIT"
SEVERITY: Final = Severity.WARNING
_DATED: Final = frozenset({Kind.DATE, Kind.INSTANT})
_CONNECTED: Final = frozenset({AND, OR, NOT, "si"})


def check(view: View) -> Iterator[Fault]:
    """Report them in the elements of lists: each has a date of its own, which the reception of the request is not."""
    several = {p.name for p in view.pack.parameters.values() if len(p.values) > 1 and p.type.kind not in _DATED}
    if not several:
        return
    for part in view.analysis.everything():
        for loop in nodes(part.expr):
            if loop.op not in OPERATIONS or not OPERATIONS[loop.op].over_list:
                continue
            days = _days(source_of(loop).type)
            for node in _joined(loop.args[1], str(loop.value)) if days else ():
                if node.value in several:
                    message = (
                        f"`{node.value}` a plusieurs valeurs, et chaque élément de la liste a sa date : "
                        f"{', '.join(f'`{loop.value}.{day}`' for day in days)}"
                    )
                    help = f"Écrivez `{node.value} au {loop.value}.{days[0]}`, ou la date que le texte fixe."
                    yield Fault(part.place(node), message, help, part.rule.id)


def _days(list_: Type) -> list[str]:
    fields = list_.item.fields if list_.item is not None else {}
    return [name for name, type_ in fields.items() if type_.kind in _DATED]


def _joined(body: Expr, variable: str) -> Iterator[Expr]:
    """The parameters, read without a date, that an operation joins with a part of the element."""
    if body.op in _CONNECTED:
        for arg in body.args:
            yield from _joined(arg, variable)
        return
    inside = list(nodes(body))
    if any(node.op == VARIABLE and node.value[0] == variable for node in inside):
        yield from (node for node in inside if node.op == PARAMETER)
