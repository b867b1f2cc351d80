"""Paramètre non vérifié depuis longtemps

## Ce que c'est

Le paramètre n'a pas de date de vérification (`verifie_le`), ou elle est plus ancienne que la durée fixée par le
programme (`verification: {parametres: "18 mois"}` dans `programme.yaml` ; 12 mois si rien n'est dit).

## Pourquoi

Un barème vieillit sans que le fichier bouge : le texte est modifié, et le montant reste. Relire la valeur dans le
texte, puis noter le jour où on l'a fait, est le seul moyen de le voir.

## Mauvais

```yaml
plafond:
  titre: Plafond de l'aide
  verifie_le: "2019-02-01"
```

## Bon

```yaml
plafond:
  titre: Plafond de l'aide
  verifie_le: "2026-11-25"
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.calendar import END_OF_MONTH, Duration, shift
from recevable.language.diagnostics import Severity
from recevable.language.unparse import literal
from recevable.lint.model import Fault, View
from recevable.lint.reading import key_place

CODE: Final = "PAR-VERIFIE"
SEVERITY: Final = Severity.WARNING
DEFAULT: Final = Duration(months=12)


def check(view: View) -> Iterator[Fault]:
    """A verification of the future is no verification either."""
    manifest = view.pack.manifest
    for parameter in view.pack.parameters.values():
        help = (
            'Relisez la valeur dans le texte, puis écrivez le jour où vous l\'avez fait : `verifie_le: "AAAA-MM-JJ"`.'
        )
        if parameter.verified is None:
            message = f"rien ne dit quand `{parameter.name}` a été comparé au texte"
            yield Fault(parameter.span, message, help, parameter.name)
            continue
        place = key_place(parameter, "verifie_le")
        kept = manifest.verification or DEFAULT
        if parameter.verified > view.today:
            message = f"`{parameter.name}` ne peut pas avoir été vérifié le {parameter.verified}, qui est à venir"
            yield Fault(place, message, help, parameter.name)
        elif shift(parameter.verified, kept, END_OF_MONTH, manifest.zone) < view.today:
            message = f"`{parameter.name}` n'a pas été comparé au texte depuis plus de {literal(kept)}"
            yield Fault(place, message, help, parameter.name)
