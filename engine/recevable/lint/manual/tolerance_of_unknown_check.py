"""Tolérance d'un contrôle inconnu

## Ce que c'est

Une tolérance nomme un contrôle qui n'existe pas.

## Pourquoi

Une faute de frappe dans un code ne doit ni faire taire un constat, ni laisser croire qu'il est toléré.

## Mauvais

```yaml
tolerances:
  - controle: PAR-VERIFIEE
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

CODE: Final = "TOL-CONTROLE"
SEVERITY: Final = Severity.ERROR
