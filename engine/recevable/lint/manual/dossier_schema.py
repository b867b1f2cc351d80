"""Schéma des dossiers qui ne peut pas servir

## Ce que c'est

Le fichier que `schema` désigne n'existe pas, n'est pas du JSON, contient deux fois une clé, emploie un mot-clé que JSON
Schema n'a pas, ou décrit un champ dont le type n'existe pas dans les règles.

## Pourquoi

Le schéma dit quels champs un dossier peut avoir : sans lui, aucune expression ne peut être vérifiée. Un mot-clé mal
écrit serait ignoré, et ce qu'il interdit passerait.

## Mauvais

```yaml
schema: dossiers.schema.json
```

## Bon

```yaml
schema: dossier.schema.json
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-SCHEMA"
SEVERITY: Final = Severity.ERROR
