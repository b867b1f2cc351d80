"""Tolérance inutile

## Ce que c'est

Le contrôle n'a rien à redire à ce sujet : il n'y a rien à tolérer.

## Pourquoi

Le constat a été corrigé. Une tolérance qui reste excuserait d'avance la prochaine faute du même genre.

## Mauvais

```yaml
tolerances:
  - controle: PAR-TITRE
    sujet: plafond
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

CODE: Final = "TOL-INUTILE"
SEVERITY: Final = Severity.ERROR
