"""Dossier connu sans sa décision attendue

## Ce que c'est

Un dossier connu n'a pas, à côté de lui, le fichier de sa décision attendue, ou l'inverse. `recevable test` le dit.

## Pourquoi

Un dossier sans décision attendue n'essaie rien.

## Mauvais

```yaml
dossiers: [demande.json]
```

## Bon

```yaml
dossiers: [demande.json, demande.attendu.yaml]
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "ATT-DOSSIER"
SEVERITY: Final = Severity.ERROR
