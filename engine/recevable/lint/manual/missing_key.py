"""Clé qui manque

## Ce que c'est

Une règle, une cause, un paramètre ou une exigence n'a pas l'une des clés obligatoires.

## Pourquoi

Chaque règle cite sa source et dit pourquoi elle échoue : c'est ce qui permet de défendre la décision devant un juge.

## Mauvais

```yaml
id: AID-MAJEUR
demandes: [aide]
condition: demandeur.majeur = vrai
```

## Bon

```yaml
id: AID-MAJEUR
titre: Demandeur majeur
demandes: [aide]
condition: demandeur.majeur = vrai
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-CLE-MANQUANTE"
SEVERITY: Final = Severity.ERROR
