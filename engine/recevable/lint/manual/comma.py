"""Virgule qui coupe un nombre ou un texte

## Ce que c'est

Entre accolades ou entre crochets, la virgule sépare deux éléments : `6666,67` en fait deux, et une phrase est coupée
en deux.

## Pourquoi

La fin du nombre ou de la phrase serait perdue.

## Mauvais

```yaml
{a_partir_du: "2024-01-01", valeur: 800,50, source: Règlement, article 2}
```

## Bon

```yaml
{a_partir_du: "2024-01-01", valeur: "800.50", source: "Règlement, article 2"}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-VIRGULE"
SEVERITY: Final = Severity.ERROR
