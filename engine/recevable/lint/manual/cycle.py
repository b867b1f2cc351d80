"""Définition ou exception circulaire

## Ce que c'est

Un montant ou une déduction se calcule à partir de lui-même, directement ou par d'autres ; ou deux règles sont chacune
l'exception de l'autre.

## Pourquoi

Il n'y a pas de valeur à trouver, ni de règle qui s'applique.

## Mauvais

```yaml
deduction: est_prioritaire
vaut: non est_prioritaire
```

## Bon

```yaml
deduction: est_prioritaire
vaut: aide.enfants >= 3
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-CYCLE"
SEVERITY: Final = Severity.ERROR
