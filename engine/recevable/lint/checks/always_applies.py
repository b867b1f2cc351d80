"""Condition d'application toujours vraie

## Ce que c'est

Le `quand` de la règle n'est faux pour aucun dossier : il énumère toutes les valeurs d'une liste, ou oppose une
condition et son contraire.

## Pourquoi

Un `quand` annonce que la règle ne vaut pas pour tous. S'il est toujours vrai, ou bien il manque un cas, ou bien il
est à retirer. Il a en outre un effet qu'on n'attend pas : si la donnée manque, la règle répond « manquant ».

## Mauvais

```yaml
quand: demandeur.profil = "particulier" ou demandeur.profil != "particulier"
```

## Bon

```yaml
quand: demandeur.profil = "particulier"
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.lint.reading import WHEN

CODE: Final = "REG-TOUJOURS"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """The rule's own condition, whatever its exceptions."""
    for rule in view.pack.rules.values():
        if rule.when is None or rule.id in view.reading.inert:
            continue
        part = view.reading.part(rule, WHEN)
        if view.reading.logic.impossible((part.expr, False)):
            message = f"le `quand` de `{rule.id}` n'est jamais faux"
            yield Fault(part.place(), message, "Supprimez `quand`, ou corrigez-le s'il manque un cas.", rule.id)
