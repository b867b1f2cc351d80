"""Expression mal écrite

## Ce que c'est

Une expression dont l'écriture n'est pas comprise : parenthèse ou guillemet qui n'est pas fermé, signe d'un autre
langage (`&&`, `==`), nombre à virgule, accolade seule dans un message.

## Pourquoi

Rien n'est deviné : une expression comprise de travers déciderait de travers.

## Mauvais

```yaml
condition: demandeur.majeur = vrai && aide.enfants > 0
```

## Bon

```yaml
condition: demandeur.majeur = vrai et aide.enfants > 0
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "EXP-SYNTAXE"
SEVERITY: Final = Severity.ERROR
