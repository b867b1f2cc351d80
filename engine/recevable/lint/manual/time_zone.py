"""Fuseau horaire inconnu

## Ce que c'est

`fuseau` ne nomme aucun fuseau horaire.

## Pourquoi

Une heure limite dépend du fuseau : à minuit à Paris, il est encore la veille à la Martinique.

## Mauvais

```yaml
fuseau: Paris
```

## Bon

```yaml
fuseau: Europe/Paris
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-FUSEAU"
SEVERITY: Final = Severity.ERROR
