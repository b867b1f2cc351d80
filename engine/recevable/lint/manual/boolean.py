"""Oui ou non mal écrit

## Ce que c'est

Une clé qui attend `true` ou `false` reçoit un autre mot : `oui`, `non`, `vrai`, ou le mot entre guillemets.

## Pourquoi

D'autres logiciels devinent ce que `non` veut dire, et se trompent : ici rien n'est deviné.

## Mauvais

```yaml
defaut_maison: non
```

## Bon

```yaml
defaut_maison: false
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-BOOLEEN"
SEVERITY: Final = Severity.ERROR
