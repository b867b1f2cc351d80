"""Champ du programme qui ne convient pas

## Ce que c'est

`programme.yaml` nomme un champ du dossier, ou un paramètre, qui n'existe pas ou qui n'est pas de la nature attendue :
le profil est pris dans une liste de valeurs, la réception est un instant, la racine d'une demande est un bloc.

## Pourquoi

Toutes les règles s'appuient sur ces champs : se tromper de date de réception changerait chaque délai.

## Mauvais

```yaml
profil: demandeur.profl
```

## Bon

```yaml
profil: demandeur.profil
```
"""

from __future__ import annotations

from typing import Final

from recevable.language.diagnostics import Severity

CODE: Final = "PAQ-CHAMP"
SEVERITY: Final = Severity.ERROR
