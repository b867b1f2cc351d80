"""Scénario qui n'attend rien

## Ce que c'est

Sous `attendu`, un scénario ne dit ni verdict, ni résultat, ni montant. `recevable test` le dit, qui lit les scénarios
; `recevable lint` ne les lit pas.

## Pourquoi

Il réussirait toujours : il n'essaie rien.

## Mauvais

```yaml
base: demande
au: "2024-06-01"
changements: {aide.recue_le: "2030-01-01T00:00:00"}
attendu: {}
```

## Bon

```yaml
base: demande
au: "2024-06-01"
changements: {aide.recue_le: "2030-01-01T00:00:00"}
attendu:
  aide: {verdict: rejeter, regles: [BASE-DELAI]}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "SCE-ATTENDU"
SEVERITY: Final = Severity.ERROR
