"""Scénario qui ne change rien

## Ce que c'est

Un scénario n'a aucun changement, donne à un champ la valeur qu'il a déjà, ou retire un champ déjà absent. `recevable
test` le dit, qui lit les scénarios ; `recevable lint` ne les lit pas.

## Pourquoi

Le dossier de départ est déjà connu : le scénario croit essayer autre chose.

## Mauvais

```yaml
changements: {demandeur.profil: particulier} # le dossier le dit déjà
```

## Bon

```yaml
changements: {demandeur.profil: association}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "SCE-INCHANGE"
SEVERITY: Final = Severity.ERROR
