"""Bloc de clés attendu

## Ce que c'est

Un texte ou une liste là où des clés sont attendues : `si_faux: rejeter`, ou un élément de liste sans clé.

## Pourquoi

La conséquence, le message et la réparation ont chacun leur clé : un mot seul ne dit pas lequel il est.

## Mauvais

```yaml
si_faux: rejeter
```

## Bon

```yaml
si_faux: {consequence: rejeter, message: "Le demandeur est mineur."}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-BLOC"
SEVERITY: Final = Severity.ERROR
