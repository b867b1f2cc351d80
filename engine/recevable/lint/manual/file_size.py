"""Fichier trop gros

## Ce que c'est

Un fichier de plusieurs mégaoctets.

## Pourquoi

Un fichier de règles en compte quelques dizaines de kilo-octets : celui-ci n'en est pas un, ou serait impossible à
relire.

## Mauvais

```yaml
# regles/tout.yaml, 5 Mo
regles: []
```

## Bon

```yaml
# regles/eligibilite.yaml, regles/montants.yaml, regles/pieces.yaml
regles: []
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-TAILLE"
SEVERITY: Final = Severity.ERROR
