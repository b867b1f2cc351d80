"""Tabulation

## Ce que c'est

Le caractère que produit la touche de tabulation. Il se voit comme des espaces, mais YAML l'interdit pour indenter.

## Pourquoi

Sa largeur change d'un éditeur à l'autre : ce qui semble aligné ne l'est pas.

## Mauvais

```yaml
␉titre: Demandeur majeur
```

## Bon

```yaml
  titre: Demandeur majeur
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-TABULATION"
SEVERITY: Final = Severity.ERROR
