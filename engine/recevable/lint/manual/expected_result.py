"""Résultat ou cause que la règle ne donne jamais

## Ce que c'est

Ce qui est attendu d'une règle est un résultat ou une cause qu'elle ne peut pas donner. `recevable test` le dit, qui
lit les scénarios ; `recevable lint` ne les lit pas.

## Pourquoi

Une cause mal nommée ne peut pas être celle de la décision.

## Mauvais

```yaml
aide: {verdict: rejeter, regles: ["BASE-DELAI:depassee"]}
```

## Bon

```yaml
aide: {verdict: rejeter, regles: ["BASE-DELAI:depasse"]}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "ATT-RESULTAT"
SEVERITY: Final = Severity.ERROR
