"""Inventaire des exigences absent

## Ce que c'est

Le paquet n'a pas de fichier `exigences.yaml`.

## Pourquoi

Sans l'inventaire du texte, rien ne dit ce que les règles laissent de côté.

## Mauvais

```yaml
# rules/aide-demenagement/ ne contient pas exigences.yaml
programme: aide-demenagement
```

## Bon

```yaml
# rules/aide-demenagement/exigences.yaml
exigences:
  - id: REQ-1
    section: "Règlement, art. 1"
    resume: Le demandeur joint la facture.
    traitement: regle
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "TRA-INVENTAIRE"
SEVERITY: Final = Severity.ERROR
