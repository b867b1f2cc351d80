"""Plusieurs documents dans un fichier

## Ce que c'est

Une ligne `---` ou `...` au milieu ou à la fin du fichier : YAML y voit la fin d'un document et le début d'un autre.

## Pourquoi

Les règles qui suivent ne seraient pas lues, sans que rien ne le montre.

## Mauvais

```yaml
regles: []
---
regles: []
```

## Bon

```yaml
regles: []
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-DOCUMENTS"
SEVERITY: Final = Severity.ERROR
