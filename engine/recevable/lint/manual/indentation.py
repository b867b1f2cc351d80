"""Clé dans le mauvais bloc

## Ce que c'est

Une clé est bien écrite, mais trop à gauche ou trop à droite : elle se trouve dans le bloc d'à côté.

## Pourquoi

L'indentation dit à quoi une clé se rapporte : `message` hors de `si_faux` n'est le message de rien.

## Mauvais

```yaml
si_faux:
  consequence: rejeter
message: "Le demandeur est mineur."
```

## Bon

```yaml
si_faux:
  consequence: rejeter
  message: "Le demandeur est mineur."
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-INDENTATION"
SEVERITY: Final = Severity.ERROR
