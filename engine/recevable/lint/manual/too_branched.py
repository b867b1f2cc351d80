"""Règle trop ramifiée pour le moteur

## Ce que c'est

Une règle croise tant de déductions que le réseau de règles ne peut pas en tenir toutes les combinaisons, ou une
déduction en lit une autre autrement qu'avec `et`, `ou` et `non`.

## Pourquoi

Les deux moteurs doivent pouvoir la calculer. Une expression de cette taille ne se relit pas non plus : des déductions
nommées la rendent claire.

## Mauvais

```yaml
deduction: est_prioritaire
vaut: est_association = (aide.enfants >= 3)
```

## Bon

```yaml
deduction: est_prioritaire
vaut: est_association et aide.enfants >= 3
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-RAMIFIE"
SEVERITY: Final = Severity.ERROR
