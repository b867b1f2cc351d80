"""Fichier vide

## Ce que c'est

Un fichier qui ne contient rien, ou seulement des commentaires.

## Pourquoi

Des règles qui ne sont plus là passeraient pour des règles satisfaites.

## Mauvais

```yaml
# Les règles de l'aide
```

## Bon

```yaml
# Les règles de l'aide
regles:
  - id: AID-MAJEUR
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-VIDE"
SEVERITY: Final = Severity.ERROR
