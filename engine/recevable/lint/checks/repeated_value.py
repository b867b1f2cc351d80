"""Valeur identique à la précédente

## Ce que c'est

Un paramètre change de date sans changer de valeur.

## Pourquoi

Une nouvelle ligne annonce un changement. Si la valeur est la même, ou bien l'une des deux est mal recopiée, ou bien
la ligne est de trop.

## Mauvais

```yaml
valeurs:
  - {a_partir_du: "2024-01-01", valeur: "800.00", source: "Arrêté, art. 2"}
  - {a_partir_du: "2025-01-01", valeur: "800.00", source: "Arrêté modificatif, art. 1"}
```

## Bon

```yaml
valeurs:
  - {a_partir_du: "2024-01-01", valeur: "800.00", source: "Arrêté, art. 2"}
  - {a_partir_du: "2025-01-01", valeur: "850.00", source: "Arrêté modificatif, art. 1"}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.lint.reading import scalar_in, value_at
from recevable.pack.nodes import Sequence

CODE: Final = "PAR-REPETE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Two unknown values in a row say no more than one."""
    for parameter in view.pack.parameters.values():
        values = value_at(parameter, "valeurs")
        for rank, (before, after) in enumerate(pairwise(parameter.values), start=1):
            if before.value == after.value:
                written = scalar_in(values.items[rank], "valeur") if isinstance(values, Sequence) else None
                message = f"la valeur de `{parameter.name}` au {after.start} est celle d'avant"
                help = "Corrigez-la, ou supprimez la ligne."
                yield Fault(written.span if written else parameter.span, message, help, parameter.name)
