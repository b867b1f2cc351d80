"""Date mal écrite

## Ce que c'est

Une date qui n'a pas la forme année-mois-jour, ou qui n'existe pas au calendrier.

## Pourquoi

`03/08/2023` se lit le 3 août ou le 8 mars selon le pays : l'année d'abord, il n'y a plus de doute.

## Mauvais

```yaml
a_partir_du: 31/07/2023
```

## Bon

```yaml
a_partir_du: "2023-07-31"
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-DATE"
SEVERITY: Final = Severity.ERROR
