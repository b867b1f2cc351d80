"""Chaîne de calculs trop longue

## Ce que c'est

Un nom se calcule à partir d'un autre, qui se calcule à partir d'un autre, et ainsi plus de cent fois.

## Pourquoi

Personne ne peut suivre un tel calcul, ni l'expliquer dans une décision.

## Mauvais

```yaml
- {deduction: etape_101, vaut: etape_100 ou demandeur.majeur}
```

## Bon

```yaml
- {deduction: etape_2, vaut: etape_1 ou demandeur.majeur}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-CHAINE"
SEVERITY: Final = Severity.ERROR
