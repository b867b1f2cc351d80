"""Fichier que rien ne lit

## Ce que c'est

Un fichier du paquet qui n'est ni `programme.yaml`, ni `parametres.yaml`, ni une règle de `regles/`, ni un autre
fichier prévu ; souvent `.yml` au lieu de `.yaml`.

## Pourquoi

Les règles qu'il contient ne seraient jamais appliquées.

## Mauvais

```yaml
# regles/eligibilite.yml
regles: []
```

## Bon

```yaml
# regles/eligibilite.yaml
regles: []
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-FICHIER"
SEVERITY: Final = Severity.ERROR
