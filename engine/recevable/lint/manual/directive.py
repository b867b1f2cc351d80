"""Ligne qui commence par %

## Ce que c'est

Une ligne qui commence par `%` en première colonne : YAML y lit une directive, un réglage de sa propre syntaxe.

## Pourquoi

Un fichier de règles n'en a jamais besoin, et le reste du fichier serait lu autrement.

## Mauvais

```yaml
%YAML 1.2
```

## Bon

```yaml
# 20 % du prix
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-DIRECTIVE"
SEVERITY: Final = Severity.ERROR
