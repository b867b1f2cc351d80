"""Cause ou étape nommée deux fois

## Ce que c'est

Deux défauts d'une pièce, ou deux étapes d'un indu, portent le même nom ; ou un défaut porte le nom d'une clé
(`absente`, `perimee`).

## Pourquoi

Le nom dit dans la décision par quoi la règle a échoué : deux sens pour un nom, et la décision ne se lit plus.

## Mauvais

```yaml
si_invalide:
  - {cause: absente, si: aide.facture.prix est absent, consequence: completer, message: "Le prix manque."}
```

## Bon

```yaml
si_invalide:
  - {cause: sans_prix, si: aide.facture.prix est absent, consequence: completer, message: "Le prix manque."}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-CAUSE"
SEVERITY: Final = Severity.ERROR
