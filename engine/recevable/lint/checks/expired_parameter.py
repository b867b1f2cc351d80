"""Paramètre échu

## Ce que c'est

Le paramètre finit (`jusqu_au`) avant aujourd'hui, alors que des règles l'emploient.

## Pourquoi

Après cette date il n'a plus de valeur : les décisions qui en dépendent sont refusées. Un paramètre qui vaut encore
se prolonge ; une règle qui ne sert plus se retire.

## Mauvais

```yaml
plafond:
  valeurs: [{a_partir_du: "2020-01-01", valeur: "800.00", source: "Arrêté, art. 2"}]
  jusqu_au: "2021-12-31"
```

## Bon

```yaml
plafond:
  valeurs: [{a_partir_du: "2020-01-01", valeur: "800.00", source: "Arrêté, art. 2"}]
  jusqu_au: ouvert
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.decision.wording import day
from recevable.language.diagnostics import Severity
from recevable.language.tree import PARAMETER
from recevable.lint.model import Fault, View
from recevable.lint.reading import key_place

CODE: Final = "PAR-ECHU"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """On the day of the check."""
    for parameter in view.pack.parameters.values():
        if parameter.until is None or parameter.until >= view.today:
            continue
        if (PARAMETER, parameter.name) in view.reading.used:
            last = day(parameter.until)
            message = f"`{parameter.name}` n'a plus de valeur après le {last}, et des règles l'emploient"
            help = "Écrivez `jusqu_au: ouvert`, ou la nouvelle date de fin ; sinon retirez les règles qui l'emploient."
            yield Fault(key_place(parameter, "jusqu_au"), message, help, parameter.name)
