"""Appréciation sans choix

## Ce que c'est

Une appréciation ne propose qu'une réponse.

## Pourquoi

S'il n'y a qu'une réponse possible, il n'y a rien à apprécier.

## Mauvais

```yaml
reponses:
  justifie: {resultat: satisfait}
```

## Bon

```yaml
reponses:
  justifie: {resultat: satisfait}
  injustifie: {consequence: rejeter, message: "Le retard n'est pas justifié."}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-REPONSES"
SEVERITY: Final = Severity.ERROR
