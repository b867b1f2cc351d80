"""Dates qui ne se suivent pas

## Ce que c'est

Les valeurs d'un paramètre, ou les versions du texte, ne vont pas de la plus ancienne à la plus récente ; ou un
paramètre finit avant sa dernière valeur ; ou il n'a aucune valeur.

## Pourquoi

Chaque valeur vaut jusqu'à la suivante : dans le désordre, on ne sait plus laquelle était en vigueur.

## Mauvais

```yaml
valeurs:
  - {a_partir_du: "2025-01-01", valeur: "850.00", source: art. 2}
  - {a_partir_du: "2024-01-01", valeur: "800.00", source: art. 2}
```

## Bon

```yaml
valeurs:
  - {a_partir_du: "2024-01-01", valeur: "800.00", source: art. 2}
  - {a_partir_du: "2025-01-01", valeur: "850.00", source: art. 2}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-DATES"
SEVERITY: Final = Severity.ERROR
