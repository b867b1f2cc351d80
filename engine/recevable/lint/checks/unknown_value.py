"""Paramètre inconnu aujourd'hui

## Ce que c'est

La valeur du paramètre en vigueur aujourd'hui est `inconnue`.

## Pourquoi

Décider avec une valeur inconnue est refusé : aujourd'hui, aucune demande qui en dépend ne peut recevoir de réponse.

## Mauvais

```yaml
valeurs:
  - {a_partir_du: "2024-01-01", valeur: "800.00", source: "Arrêté, art. 2"}
  - {a_partir_du: "2025-01-01", valeur: inconnue, source: "Arrêté modificatif, art. 1"}
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
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.lint.reading import scalar_in, value_at
from recevable.pack.nodes import Sequence

CODE: Final = "PAR-INCONNU"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """On the day of the check."""
    for parameter in view.pack.parameters.values():
        current = parameter.at(view.today)
        if current is None or current.value is not None:
            continue
        values = value_at(parameter, "valeurs")
        rank = parameter.values.index(current)
        written = scalar_in(values.items[rank], "valeur") if isinstance(values, Sequence) else None
        message = f"la valeur de `{parameter.name}` en vigueur depuis le {current.start} est inconnue"
        help = "Écrivez la valeur du texte en vigueur."
        yield Fault(written.span if written else parameter.span, message, help, parameter.name)
