"""Guillemet seul ou typographique

## Ce que c'est

Un texte qui finit par un guillemet sans en avoir devant, ou des guillemets typographiques là où YAML attend des
droits.

## Pourquoi

Le guillemet ferait partie du texte, et se verrait dans le message que lit le demandeur.

## Mauvais

```yaml
message: Une association n'a pas droit à l'aide."
```

## Bon

```yaml
message: "Une association n'a pas droit à l'aide."
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-GUILLEMET"
SEVERITY: Final = Severity.ERROR
