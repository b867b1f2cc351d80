"""Clé sans effet sur une déduction

## Ce que c'est

Une déduction porte `quand`, `exception_a` ou `demandes`.

## Pourquoi

Une déduction est un nom pour une expression : elle vaut partout où une règle l'emploie, et toujours de la même façon.

## Mauvais

```yaml
deduction: est_prioritaire
vaut: aide.enfants >= 3
quand: demandeur.majeur = vrai
```

## Bon

```yaml
deduction: est_prioritaire
vaut: aide.enfants >= 3 et demandeur.majeur = vrai
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-DEDUCTION"
SEVERITY: Final = Severity.ERROR
