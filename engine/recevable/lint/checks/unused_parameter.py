"""Paramètre inutilisé

## Ce que c'est

Aucune règle, aucun message et aucune clé du programme ne lit ce paramètre.

## Pourquoi

Qui le modifie croit changer quelque chose. Le plus souvent, la règle qui devait l'employer porte la valeur en toutes
lettres ou en emploie un autre.

## Mauvais

```yaml
parametres:
  plafond: {titre: Plafond, type: montant, …}
# et dans la règle :
condition: facture.prix <= 800.00
```

## Bon

```yaml
parametres:
  plafond: {titre: Plafond, type: montant, …}
# et dans la règle :
condition: facture.prix <= plafond
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import PARAMETER
from recevable.lint.model import Fault, View

CODE: Final = "PAR-INUTILE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Messages and the manifest count as uses."""
    for parameter in view.pack.parameters.values():
        if (PARAMETER, parameter.name) not in view.reading.used:
            help = "Employez-le dans une règle, ou supprimez-le."
            yield Fault(parameter.span, f"rien n'emploie le paramètre `{parameter.name}`", help, parameter.name)
