"""Champ inconnu dans les changements d'un scénario

## Ce que c'est

Un scénario change un champ que le dossier n'a pas, un élément absent d'une liste, ou répond à une question qu'aucune
règle ne pose. `recevable test` le dit, qui lit les scénarios ; `recevable lint` ne les lit pas.

## Pourquoi

Aucune règle ne lirait ce changement : le scénario essaierait le dossier de départ.

## Mauvais

```yaml
changements: {aide.recu_le: "2030-01-01T00:00:00"}
```

## Bon

```yaml
changements: {aide.recue_le: "2030-01-01T00:00:00"}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "SCE-CHAMP"
SEVERITY: Final = Severity.ERROR
