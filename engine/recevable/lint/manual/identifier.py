"""Identifiant mal formé

## Ce que c'est

L'identifiant d'une règle, d'une exigence ou d'un piège ne se compose pas de majuscules sans accent, de chiffres et de
tirets.

## Pourquoi

Il est cité dans les décisions, les tests et les courriels : il doit se recopier sans se tromper.

## Mauvais

```yaml
id: aid_majeur
```

## Bon

```yaml
id: AID-MAJEUR
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-IDENTIFIANT"
SEVERITY: Final = Severity.ERROR
