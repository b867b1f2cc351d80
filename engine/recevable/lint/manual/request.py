"""Demande inconnue

## Ce que c'est

Une règle porte sur une demande que `programme.yaml` ne déclare pas, la cite deux fois ou n'en cite aucune ; ou une
demande propose un montant qu'aucune règle ne calcule.

## Pourquoi

La règle ne s'appliquerait à rien, et personne ne s'en apercevrait.

## Mauvais

```yaml
demandes: [aides]
```

## Bon

```yaml
demandes: [aide]
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-DEMANDE"
SEVERITY: Final = Severity.ERROR
