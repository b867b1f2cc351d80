"""Exigence inconnue ou citée deux fois

## Ce que c'est

Une règle cite une exigence que `exigences.yaml` ne contient pas, ou la cite deux fois. Quand plusieurs règles citent
la même, un seul constat les nomme toutes.

## Pourquoi

La matrice qui relie le texte aux règles serait fausse.

## Mauvais

```yaml
exigences: [REQ-40]
```

## Bon

```yaml
exigences: [REQ-4]
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "TRA-EXIGENCE"
SEVERITY: Final = Severity.ERROR
