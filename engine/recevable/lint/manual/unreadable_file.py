"""Fichier que le système ne donne pas à lire

## Ce que c'est

Un fichier attendu n'existe pas, est protégé, ou est un répertoire.

## Pourquoi

Un paquet dont une partie n'est pas lue déciderait sans elle.

## Mauvais

```yaml
# rules/aide-demenagement/ ne contient pas parametres.yaml
programme: aide-demenagement
```

## Bon

```yaml
# rules/aide-demenagement/ contient programme.yaml, parametres.yaml et regles/
programme: aide-demenagement
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "YAML-LECTURE"
SEVERITY: Final = Severity.ERROR
