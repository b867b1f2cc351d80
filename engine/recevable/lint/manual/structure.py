"""Structure du fichier qui n'est pas comprise

## Ce que c'est

Une ligne mal indentée, un guillemet ou un crochet qui n'est pas fermé, un `:` sans espace, un texte qui contient `: `
sans être entre guillemets. Le message nomme l'erreur probable et dit quoi écrire.

## Pourquoi

YAML dit par la forme ce qui va avec quoi : une espace de trop, et une clé passe d'un bloc à l'autre.

## Mauvais

```yaml
titre: Aide : montant
```

## Bon

```yaml
titre: "Aide : montant"
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-SYNTAXE"
SEVERITY: Final = Severity.ERROR
