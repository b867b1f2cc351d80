"""Résultat inconnu dans un exemple

## Ce que c'est

Un exemple attend un résultat qui n'existe pas, ou une cause que la règle n'a pas.

## Pourquoi

L'exemple échouerait toujours, sans dire que c'est lui qui est mal écrit.

## Mauvais

```yaml
- {avec: {demandeur.majeur: false}, resultat: "non_satisfait:mineur"}
```

## Bon

```yaml
- {avec: {demandeur.majeur: false}, resultat: "non_satisfait:faux"}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "EXE-RESULTAT"
SEVERITY: Final = Severity.ERROR
