"""Champ inconnu dans un exemple

## Ce que c'est

Un exemple donne une valeur à un champ que le dossier n'a pas.

## Pourquoi

La règle ne lirait pas cette valeur : l'exemple ne prouverait rien.

## Mauvais

```yaml
- {avec: {demandeur.majeure: true}, resultat: satisfait}
```

## Bon

```yaml
- {avec: {demandeur.majeur: true}, resultat: satisfait}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "EXE-CHAMP"
SEVERITY: Final = Severity.ERROR
