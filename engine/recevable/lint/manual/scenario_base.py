"""Dossier de départ inconnu ou inutile

## Ce que c'est

Un scénario part d'un dossier qui n'existe pas ou ne peut pas être lu, ou aucun scénario ne part d'un dossier de
`scenarios/dossiers/`. `recevable test` le dit, qui lit les scénarios ; `recevable lint` ne les lit pas.

## Pourquoi

Sans dossier de départ, le scénario n'est pas joué ; un dossier dont rien ne part n'essaie rien.

## Mauvais

```yaml
base: demmande
```

## Bon

```yaml
base: demande
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "SCE-BASE"
SEVERITY: Final = Severity.ERROR
