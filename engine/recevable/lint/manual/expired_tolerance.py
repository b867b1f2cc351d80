"""Tolérance expirée

## Ce que c'est

Le dernier jour de la tolérance (`expire_le`) est passé ; le constat qu'elle excusait est de nouveau signalé.

## Pourquoi

Une tolérance est un délai que l'on se donne. Sans terme, elle devient la règle.

## Mauvais

```yaml
tolerances:
  - controle: PAR-VERIFIE
    sujet: plafond
    motif: Relecture prévue avec le prochain arrêté.
    expire_le: "2024-05-31"
```

## Bon

```yaml
tolerances:
  - controle: PAR-VERIFIE
    sujet: plafond
    motif: Relecture prévue avec le prochain arrêté.
    expire_le: "2027-05-31"
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "TOL-EXPIREE"
SEVERITY: Final = Severity.ERROR
