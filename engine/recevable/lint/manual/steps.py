"""Étapes d'un indu sans fin

## Ce que c'est

La dernière étape d'un indu porte un `si`, ou l'indu n'a aucune étape.

## Pourquoi

La dernière étape vaut quand aucune autre ne convient : avec une condition, un cas pourrait n'être à aucune étape.

## Mauvais

```yaml
etapes:
  - {etape: ordre, si: controle.constate_le est present, message: "Ordonner le reversement."}
```

## Bon

```yaml
etapes:
  - {etape: constat, si: controle.constate_le est absent, message: "À constater."}
  - {etape: ordre, message: "Ordonner le reversement."}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-ETAPES"
SEVERITY: Final = Severity.ERROR
