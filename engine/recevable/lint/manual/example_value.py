"""Valeur attendue qui ne convient pas

## Ce que c'est

Un exemple attend la `valeur` d'une règle qui n'en donne pas, ou une valeur qui n'est ni un nombre ni `true` ou
`false`.

## Pourquoi

Seuls les montants et les déductions ont une valeur ; les autres règles ont un résultat.

## Mauvais

```yaml
- {avec: {aide.enfants: 3}, valeur: oui}
```

## Bon

```yaml
- {avec: {aide.enfants: 3}, valeur: true}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "EXE-VALEUR"
SEVERITY: Final = Severity.ERROR
