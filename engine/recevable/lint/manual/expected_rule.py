"""Règle inconnue dans ce qui est attendu

## Ce que c'est

Ce qui est attendu cite une règle que le paquet n'a pas. `recevable test` le dit, qui lit les scénarios ; `recevable
lint` ne les lit pas.

## Pourquoi

Une règle mal nommée n'est jamais jouée : l'essai réussirait pour une mauvaise raison.

## Mauvais

```yaml
aide: {verdict: rejeter, regles: [BASE-DELAIS]}
```

## Bon

```yaml
aide: {verdict: rejeter, regles: [BASE-DELAI]}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "ATT-REGLE"
SEVERITY: Final = Severity.ERROR
