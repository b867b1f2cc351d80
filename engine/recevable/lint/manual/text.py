"""Texte attendu

## Ce que c'est

Une clé est vide, ou reçoit une liste ou un bloc là où un texte est attendu. Un texte qui commence par `{`, `[` ou `#`
se met entre guillemets.

## Pourquoi

Une clé vide ne dit rien, et `#` sans guillemets commence un commentaire.

## Mauvais

```yaml
message: #12 est refusé.
```

## Bon

```yaml
message: "#12 est refusé."
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-TEXTE"
SEVERITY: Final = Severity.ERROR
