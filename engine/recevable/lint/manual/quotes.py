"""Nombre décimal sans guillemets

## Ce que c'est

La valeur d'un montant, d'un taux ou d'un nombre n'est pas entre guillemets.

## Pourquoi

Beaucoup de logiciels lisent `0.10` en base deux et le changent un peu ; entre guillemets, il reste exact jusqu'au
centime.

## Mauvais

```yaml
valeur: 800.00
```

## Bon

```yaml
valeur: "800.00"
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-GUILLEMETS"
SEVERITY: Final = Severity.ERROR
