"""Montant attendu inconnu ou mal écrit

## Ce que c'est

Ce qui est attendu nomme un montant qu'aucune règle ne calcule, ou le donne sous une forme qui n'est pas celle d'un
montant. `recevable test` le dit, qui lit les scénarios ; `recevable lint` ne les lit pas.

## Pourquoi

Ce montant ne serait comparé à rien.

## Mauvais

```yaml
montants: {aide_acordee: "500.00"}
```

## Bon

```yaml
montants: {aide_accordee: "500.00"}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "ATT-MONTANT"
SEVERITY: Final = Severity.ERROR
