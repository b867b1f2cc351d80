"""Demande inconnue dans ce qui est attendu

## Ce que c'est

Un scénario, ou la décision attendue d'un dossier, dit le verdict d'une demande que le programme n'a pas. `recevable
test` le dit, qui lit les scénarios ; `recevable lint` ne les lit pas.

## Pourquoi

Ce verdict ne serait comparé à rien.

## Mauvais

```yaml
attendu:
  aides: {verdict: accepter}
```

## Bon

```yaml
attendu:
  aide: {verdict: accepter}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "ATT-DEMANDE"
SEVERITY: Final = Severity.ERROR
