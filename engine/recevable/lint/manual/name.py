"""Nom qui ne peut pas servir

## Ce que c'est

Le nom d'un paramètre, d'un montant, d'une déduction, d'une demande ou d'une réponse contient un accent ou une espace,
ou il est déjà pris par autre chose.

## Pourquoi

Les expressions emploient ce nom : il doit s'y lire d'une seule façon.

## Mauvais

```yaml
deduction: est prioritaire
```

## Bon

```yaml
deduction: est_prioritaire
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-NOM"
SEVERITY: Final = Severity.ERROR
