"""Liste attendue

## Ce que c'est

Un texte ou un bloc de clés là où une liste est attendue : il manque le tiret devant l'élément.

## Pourquoi

Une liste d'un seul élément s'écrit comme une liste, pour que l'on puisse en ajouter un second.

## Mauvais

```yaml
valeurs: {a_partir_du: "2024-01-01", valeur: "800.00", source: art. 2}
```

## Bon

```yaml
valeurs:
  - {a_partir_du: "2024-01-01", valeur: "800.00", source: art. 2}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-LISTE"
SEVERITY: Final = Severity.ERROR
