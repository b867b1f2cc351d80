"""Ancre ou alias

## Ce que c'est

Un texte qui commence par `&` ou `*` : YAML y voit une ancre, qui nomme une valeur, ou un alias, qui la recopie.

## Pourquoi

Une valeur recopiée de loin ne se voit pas là où elle agit, et changer l'une changerait l'autre. Chaque règle dit tout
ce qu'elle fait à sa place.

## Mauvais

```yaml
titre: *titre_commun
```

## Bon

```yaml
titre: Demandeur majeur
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-ANCRE"
SEVERITY: Final = Severity.ERROR
