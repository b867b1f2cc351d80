"""Changement qui ne donne plus un dossier

## Ce que c'est

Après ses changements, le dossier d'un scénario n'a plus la forme que demande le schéma du programme. `recevable test`
le dit, qui lit les scénarios ; `recevable lint` ne les lit pas.

## Pourquoi

Un tel dossier serait refusé avant toute règle.

## Mauvais

```yaml
changements: {programme: absent}
```

## Bon

```yaml
changements: {aide.facture: absent}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "SCE-SCHEMA"
SEVERITY: Final = Severity.ERROR
