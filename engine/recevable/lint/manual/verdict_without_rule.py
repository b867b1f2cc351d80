"""Verdict attendu sans dire par quelle règle

## Ce que c'est

Un scénario attend `completer` ou `rejeter` sans citer les règles d'où vient ce verdict. `recevable test` le dit, qui
lit les scénarios ; `recevable lint` ne les lit pas.

## Pourquoi

Le dossier pourrait être rejeté par une autre règle, et l'essai réussir pour une mauvaise raison.

## Mauvais

```yaml
aide: {verdict: rejeter}
```

## Bon

```yaml
aide: {verdict: rejeter, regles: [BASE-DELAI]}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "SCE-REGLES"
SEVERITY: Final = Severity.ERROR
