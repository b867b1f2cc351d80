"""Dossier qui n'est pas un paquet de règles

## Ce que c'est

Le dossier donné ne contient pas `programme.yaml`, le fichier par lequel un programme se déclare.

## Pourquoi

Sans lui, rien ne dit quelles règles s'appliquent : mieux vaut ne rien vérifier que vérifier le vide.

## Mauvais

```yaml
# rules/aide-demenagement/ ne contient que regles/
regles: []
```

## Bon

```yaml
# rules/aide-demenagement/programme.yaml
programme: aide-demenagement
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-ABSENT"
SEVERITY: Final = Severity.ERROR
