"""Règle sans nature, ou qui en a plusieurs

## Ce que c'est

Une règle n'a aucune des clés qui disent ce qu'elle est (`piece`, `condition`, `delai`, `montant`, `deduction`,
`appreciation`, `indu`), ou elle en a deux.

## Pourquoi

La nature dit comment la règle se vérifie et comment elle peut échouer.

## Mauvais

```yaml
piece: aide.facture
condition: aide.facture.lisible = vrai
```

## Bon

```yaml
condition: aide.facture.lisible = vrai
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-NATURE"
SEVERITY: Final = Severity.ERROR
