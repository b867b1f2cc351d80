"""Clé répétée

## Ce que c'est

La même clé figure deux fois dans un bloc. Souvent, il manque le tiret qui commence l'élément suivant d'une liste.

## Pourquoi

Une seule des deux valeurs compterait, et rien ne dit laquelle est la bonne.

## Mauvais

```yaml
titre: Demande reçue à temps
titre: Demande reçue avant la fin du dépôt
```

## Bon

```yaml
titre: Demande reçue avant la fin du dépôt
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-DOUBLON"
SEVERITY: Final = Severity.ERROR
