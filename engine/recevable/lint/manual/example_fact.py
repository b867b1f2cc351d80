"""Valeur d'un exemple de la mauvaise nature

## Ce que c'est

Un exemple donne à un champ une valeur que le schéma du dossier refuserait : un texte pour un booléen, un montant sans
guillemets.

## Pourquoi

Un vrai dossier ne contiendra jamais cette valeur : l'exemple éprouverait un cas impossible.

## Mauvais

```yaml
- {avec: {demandeur.majeur: "oui"}, resultat: satisfait}
```

## Bon

```yaml
- {avec: {demandeur.majeur: true}, resultat: satisfait}
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "EXE-FAIT"
SEVERITY: Final = Severity.ERROR
