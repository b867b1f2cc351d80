"""Identifiant employé deux fois

## Ce que c'est

Deux règles, deux exigences ou deux pièges portent le même identifiant.

## Pourquoi

L'identifiant est ce que la décision cite : il doit désigner une seule règle.

## Mauvais

```yaml
- id: AID-MAJEUR
- id: AID-MAJEUR
```

## Bon

```yaml
- id: AID-MAJEUR
- id: AID-RESIDENCE
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-DOUBLON"
SEVERITY: Final = Severity.ERROR
