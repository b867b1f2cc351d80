"""Exigence ou piège que rien ne porte

## Ce que c'est

Une exigence est à vérifier par une règle, et aucune règle ne la cite ; ou un piège ne nomme aucune règle.

## Pourquoi

Une exigence du texte que rien ne vérifie est un motif de refus ou de paiement qui échappe au contrôle.

## Mauvais

```yaml
- id: REQ-9
  section: "Règlement, art. 9"
  resume: Le demandeur réside dans la commune.
  traitement: regle
```

## Bon

```yaml
- id: REQ-9
  section: "Règlement, art. 9"
  resume: Le demandeur réside dans la commune.
  traitement: humain
  motif: L'adresse est vérifiée par un agent.
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "TRA-COUVERTURE"
SEVERITY: Final = Severity.ERROR
