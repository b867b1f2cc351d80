"""Paquet, fichier ou programme sans contenu

## Ce que c'est

Le paquet n'a aucune règle, un fichier de règles a une liste vide, ou le programme ne déclare aucune demande.

## Pourquoi

Un contrôle qui ne contrôle rien ne doit jamais passer pour un contrôle réussi.

## Mauvais

```yaml
regles: []
```

## Bon

```yaml
regles:
  - id: AID-MAJEUR
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-VIDE"
SEVERITY: Final = Severity.ERROR
