"""Calcul de mois ambigu

## Ce que c'est

Un décalage (`decale`) ajoute à la fois des mois et des jours, ou décale une date déjà décalée de mois.

## Pourquoi

Un mois n'a pas de longueur fixe. « Un mois et quinze jours » ne donne pas le même jour selon que l'on commence par le
mois ou par les jours ; et le 31 janvier décalé d'un mois, deux fois, n'est pas le 31 janvier décalé de deux mois. La
règle choisit, sans que le texte l'ait dit.

## Mauvais

```yaml
au_plus_tard: fin_de_jour(decale(decale(achat.le, 1 mois, "fin_de_mois"), 1 mois, "fin_de_mois"))
```

## Bon

```yaml
au_plus_tard: fin_de_jour(decale(achat.le, 2 mois, "fin_de_mois"))
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.calendar import Duration
from recevable.language.diagnostics import Severity
from recevable.language.tree import LITERAL, PARAMETER, Expr, nodes
from recevable.language.types import Kind
from recevable.lint.model import Fault, View

CODE: Final = "DAT-MOIS"
SEVERITY: Final = Severity.WARNING
_SHIFT: Final = "decale"
_MONTHS: Final = "mois"


def check(view: View) -> Iterator[Fault]:
    """Months added with `+` are refused by the types: only `decale` is left to look at."""
    for part in view.reading.everything():
        for node in nodes(part.expr):
            if node.op != _SHIFT or _MONTHS not in _units(node.args[1], view):
                continue
            if len(_units(node.args[1], view)) > 1:
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
    return node.op == _SHIFT and _MONTHS in _units(node.args[1], view)


def _units(duration: Expr, view: View) -> set[str]:
    """What a duration counts: months, days, or both."""
    if duration.op == LITERAL and isinstance(duration.value, Duration):
        value = duration.value
        return {unit for unit, count in ((_MONTHS, value.months), ("jours", value.days or value.seconds)) if count}
    if duration.op == PARAMETER:
        known = [value.value for value in view.pack.parameters[str(duration.value)].values if value.value is not None]
        return {_MONTHS if value.months else "jours" for value in known[:1]}
    found = [_units(arg, view) for arg in duration.args if arg.type.kind is Kind.DURATION]
    return set().union(*found) if found else {"jours"}
