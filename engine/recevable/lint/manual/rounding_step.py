"""Pas d'arrondi qui n'en est pas un

## Ce que c'est

Le `pas` d'un `arrondi` n'est pas un nombre positif écrit entre guillemets.

## Pourquoi

Sans guillemets, un nombre pourrait être lu avec une erreur de calcul ; nul ou négatif, il n'arrondit à rien.

## Mauvais

```yaml
arrondi: {pas: "0,01", sens: demi_superieur}
```

## Bon

```yaml
arrondi: {pas: "0.01", sens: demi_superieur}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-ARRONDI"
SEVERITY: Final = Severity.ERROR
