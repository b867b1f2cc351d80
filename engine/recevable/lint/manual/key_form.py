"""Clé mal formée

## Ce que c'est

Une clé qui n'est pas un mot simple, ou une clé entre accolades sans `:` ni valeur.

## Pourquoi

Ce qui suit ne se rattache à rien : c'est presque toujours un crochet oublié, ou un texte qui commence par `{` et qui
n'est pas entre guillemets.

## Mauvais

```yaml
message: {plafond}
```

## Bon

```yaml
message: "{plafond}"
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-CLE"
SEVERITY: Final = Severity.ERROR
