"""Valeurs de nature différente

## Ce que c'est

Une expression compare ou combine des valeurs qui ne vont pas ensemble (une date et un montant), ou n'est pas de la
nature attendue (une condition est vraie ou fausse).

## Pourquoi

Comparer une date à un montant n'a pas de réponse : mieux vaut l'apprendre ici que devant un dossier.

## Mauvais

```yaml
condition: demandeur.ne_le > plafond
```

## Bon

```yaml
condition: demandeur.ne_le > 2006-01-01
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "EXP-TYPE"
SEVERITY: Final = Severity.ERROR
