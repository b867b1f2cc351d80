"""Tolérance sur un sujet inconnu

## Ce que c'est

Une tolérance porte sur une règle, un paramètre ou une exigence que le paquet ne contient pas.

## Pourquoi

L'objet a été renommé ou supprimé : la tolérance n'excuse plus rien, et le constat est revenu sous un autre nom.

## Mauvais

```yaml
tolerances:
  - controle: PAR-VERIFIE
    sujet: plafonds
    motif: Relecture prévue avec le prochain arrêté.
    expire_le: "2027-05-31"
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

CODE: Final = "TOL-SUJET"
SEVERITY: Final = Severity.ERROR
