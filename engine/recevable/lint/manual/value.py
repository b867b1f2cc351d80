"""Valeur qui n'est pas permise

## Ce que c'est

Un mot hors de la liste des valeurs d'une clé, un nombre, une date, une heure ou une durée mal écrite, un taux qui
n'est pas entre 0 et 1.

## Pourquoi

Un mot que personne ne connaît n'aurait pas d'effet, et un nombre mal lu changerait ce qui est payé.

## Mauvais

```yaml
consequence: rejetter
```

## Bon

```yaml
consequence: rejeter
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-VALEUR"
SEVERITY: Final = Severity.ERROR
