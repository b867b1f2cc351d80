"""Piège ou donnée portés par une règle inconnue

## Ce que c'est

Un piège de `pieges.yaml`, ou une donnée de `retraits.yaml`, cite une règle que le paquet ne contient pas, ou qui ne
concerne pas la demande.

## Pourquoi

La lecture du texte qui a été choisie doit se retrouver dans une règle, sinon elle n'est qu'une note ; et une exception
ne vaut que pour les règles qu'elle nomme.

## Mauvais

```yaml
regles: [BASE-PRI]
```

## Bon

```yaml
regles: [BASE-PRIX]
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "TRA-REGLE"
SEVERITY: Final = Severity.ERROR
