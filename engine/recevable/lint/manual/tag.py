"""Texte qui commence par un point d'exclamation

## Ce que c'est

Une étiquette YAML : un mot qui commence par `!`.

## Pourquoi

Elle change la nature de la valeur qui suit. On l'écrit presque toujours en pensant à la négation d'autres langages :
ici, la négation s'écrit `non`.

## Mauvais

```yaml
condition: !est_association
```

## Bon

```yaml
condition: non est_association
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-ETIQUETTE"
SEVERITY: Final = Severity.ERROR
