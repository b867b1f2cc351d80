"""Clé inconnue

## Ce que c'est

Une clé qui n'existe pas à cet endroit : faute de frappe, accent, majuscule, ou clé d'une autre nature de règle.

## Pourquoi

Une clé que rien ne lit n'a aucun effet : la règle semblerait dire ce qu'elle ne fait pas.

## Mauvais

```yaml
si_absente: {consequence: completer, message: "La facture n'est pas jointe.", réparation: Joindre la facture}
```

## Bon

```yaml
si_absente: {consequence: completer, message: "La facture n'est pas jointe.", reparation: Joindre la facture}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-CLE-INCONNUE"
SEVERITY: Final = Severity.ERROR
