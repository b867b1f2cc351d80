"""Règle ou appréciation inconnue

## Ce que c'est

`exception_a` ou `sous_reserve_de` cite un identifiant que ne porte aucune règle.

## Pourquoi

L'exception n'en serait pas une, et le montant ne serait plus sous réserve de rien.

## Mauvais

```yaml
exception_a: BASE-PRI
```

## Bon

```yaml
exception_a: BASE-PRIX
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-REGLE"
SEVERITY: Final = Severity.ERROR
