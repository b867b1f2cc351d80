"""Fichier qui n'est pas en UTF-8

## Ce que c'est

Le fichier a été enregistré dans un ancien encodage (Latin-1, Windows-1252) : ses accents ne se lisent pas.

## Pourquoi

Les messages que lit le demandeur seraient illisibles, et un texte accentué ne serait égal à aucun autre.

## Mauvais

```yaml
# dans un fichier enregistré en « Windows-1252 »
titre: Demande reçue à temps
```

## Bon

```yaml
# le même, enregistré en « UTF-8 »
titre: Demande reçue à temps
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-ENCODAGE"
SEVERITY: Final = Severity.ERROR
