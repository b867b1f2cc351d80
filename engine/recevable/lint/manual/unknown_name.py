"""Nom inconnu dans une expression

## Ce que c'est

Une expression ou un message emploie un nom qui n'est ni un champ du dossier, ni un paramètre, un montant, une
déduction, une appréciation ou une fonction. Quand le même nom manque à plusieurs endroits, un seul constat les cite
tous : c'est en général la définition qui a été renommée.

## Pourquoi

Une règle qui lit un champ inexistant ne pourrait jamais rien dire.

## Mauvais

```yaml
condition: demandeur.majeure = vrai
```

## Bon

```yaml
condition: demandeur.majeur = vrai
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "EXP-NOM"
SEVERITY: Final = Severity.ERROR
