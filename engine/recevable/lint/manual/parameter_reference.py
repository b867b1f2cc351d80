"""Paramètre lu à la réception, là où il n'y en a pas

## Ce que c'est

Un paramètre qui se lit à la réception de la demande (c'est le cas sans `reference: decision`) sert au recouvrement,
directement ou par un montant ou une déduction que le recouvrement emploie. Le recouvrement porte sur tout le dossier :
aucune réception n'est la sienne.

## Pourquoi

Lu au jour de la décision, un plafond abaissé depuis réclamerait l'argent d'une demande qui l'avait respecté. Le moteur
ne choisit pas de date à la place de la règle.

## Mauvais

```yaml
plafond: {type: montant, valeurs: …}
```

## Bon

```yaml
plafond: {type: montant, reference: decision, valeurs: …}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-REFERENCE"
SEVERITY: Final = Severity.ERROR
