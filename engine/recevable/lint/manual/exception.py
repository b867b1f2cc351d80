"""Exception sans effet

## Ce que c'est

Une règle se dit l'exception d'une déduction, ou d'une règle qui ne porte sur aucune des mêmes demandes.

## Pourquoi

L'exception n'ôterait rien : la règle générale s'appliquerait toujours.

## Mauvais

```yaml
exception_a: BASE-ASSOCIATION
```

## Bon

```yaml
exception_a: BASE-PRIX
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-EXCEPTION"
SEVERITY: Final = Severity.ERROR
