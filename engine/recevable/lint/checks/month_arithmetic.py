"""DAT-MOIS: a number of months added where the end of a month is ambiguous."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from recevable.language.calendar import Duration
from recevable.language.diagnostics import Severity
from recevable.language.tree import HISTORY, LITERAL, PARAMETER, Expr, nodes
from recevable.language.types import Kind
from recevable.lint.model import Fault, View

CODE: Final = "DAT-MOIS"
SEVERITY: Final = Severity.WARNING
_SHIFT: Final = "decale"
_MONTHS: Final = "mois"
_DAYS: Final = "jours"


def check(view: View) -> Iterator[Fault]:
    """Report ambiguous `decale` calls; types already reject months added with `+`."""
    for part in view.analysis.everything():
        for node in nodes(part.expr):
            if not _shifts_months(node, view):
                continue
            if any(len(units) > 1 for units in _units(node.args[1], view)):
                message = (
                    "ce décalage mêle des mois et des jours : l'ordre dans lequel on les ajoute change le résultat"
                )
                help = (
                    "Ajoutez les jours à part : `decale(date, 1 mois, …) + 15 jours`, dans l'ordre que le texte fixe."
                )
                yield Fault(part.place(node.args[1]), message, help, part.rule.id)
            elif any(_shifts_months(inner, view) for inner in nodes(node.args[0])):
                message = "cette date est décalée de mois deux fois : ce n'est pas le décalage de leur somme"
                help = "Décalez une seule fois, de la durée totale."
                yield Fault(part.place(node), message, help, part.rule.id)


def _shifts_months(node: Expr, view: View) -> bool:
    return node.op == _SHIFT and any(_MONTHS in units for units in _units(node.args[1], view))


def _units(duration: Expr, view: View) -> set[frozenset[str]]:
    """The units that a duration may have (months, days, or both); for a parameter, per value."""
    if duration.op == LITERAL and isinstance(duration.value, Duration):
        return {_counted(duration.value)}
    if duration.op in (PARAMETER, HISTORY):
        values = [value.value for value in view.pack.parameters[str(duration.value)].values]
        return {_counted(value) for value in values if value is not None}
    found = [_units(arg, view) for arg in duration.args if arg.type.kind is Kind.DURATION]
    return {frozenset[str]().union(*units) for units in product(*found)}


def _counted(value: Duration) -> frozenset[str]:
    return frozenset(unit for unit, many in ((_MONTHS, value.months), (_DAYS, value.days or value.seconds)) if many)
