"""Exemple qui n'a pas de clés

## Ce que c'est

Un élément de `exemples` n'est pas un bloc `{avec: …, resultat: …}`.

## Pourquoi

Un exemple dit deux choses, ce que contient le dossier et ce que la règle doit répondre : sans les deux il n'éprouve
rien.

## Mauvais

```yaml
exemples: [satisfait]
```

## Bon

```yaml
exemples:
  - {avec: {demandeur.majeur: true}, resultat: satisfait}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "EXE-FORME"
SEVERITY: Final = Severity.ERROR
