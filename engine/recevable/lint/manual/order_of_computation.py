"""Déduction qui dépend d'un montant

## Ce que c'est

L'expression d'une déduction emploie un montant que calcule une règle.

## Pourquoi

Les déductions se calculent d'abord, car les montants peuvent en dépendre.

## Mauvais

```yaml
deduction: est_elevee
vaut: aide_accordee > plafond
```

## Bon

```yaml
deduction: est_elevee
vaut: aide.facture.prix > plafond
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-ORDRE"
SEVERITY: Final = Severity.ERROR
