"""Fichier trop imbriqué

## Ce que c'est

Des dizaines de crochets, d'accolades ou de tirets ouverts les uns dans les autres.

## Pourquoi

Aucune règle n'en demande autant : c'est la trace d'un copier-coller ou d'un fichier qui n'est pas un fichier de
règles.

## Mauvais

```yaml
exigences: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[REQ-1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
```

## Bon

```yaml
exigences: [REQ-1]
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-PROFONDEUR"
SEVERITY: Final = Severity.ERROR
