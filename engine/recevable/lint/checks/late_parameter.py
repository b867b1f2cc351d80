"""Paramètre sans valeur au début du programme

## Ce que c'est

La première valeur du paramètre commence après l'entrée en vigueur de la première version du programme.

## Pourquoi

Entre les deux, le paramètre n'a pas de valeur : toute décision qui en dépend est refusée. S'il n'existait vraiment
pas encore, `valeur: inconnue` le dit ; sinon c'est une date mal recopiée.

## Mauvais

```yaml
versions: [{version: "1", a_partir_du: "2023-01-01", source: Arrêté}]
# et le paramètre :
valeurs: [{a_partir_du: "2023-10-01", valeur: "800.00", source: "Arrêté, art. 2"}]
```

## Bon

```yaml
versions: [{version: "1", a_partir_du: "2023-01-01", source: Arrêté}]
# et le paramètre :
valeurs: [{a_partir_du: "2023-01-01", valeur: "800.00", source: "Arrêté, art. 2"}]
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.lint.reading import scalar_in, value_at
from recevable.pack.nodes import Sequence

CODE: Final = "PAR-TROU"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Against the first version of the text."""
    versions = view.pack.manifest.versions
    for parameter in view.pack.parameters.values() if versions else ():
        start = parameter.values[0].start
        if start > versions[0].start:
            values = value_at(parameter, "valeurs")
            written = scalar_in(values.items[0], "a_partir_du") if isinstance(values, Sequence) else None
            message = (
                f"`{parameter.name}` n'a pas de valeur du {versions[0].start} au {start}, où le programme commence"
            )
            help = f'Faites-la commencer le "{versions[0].start}", ou ajoutez une valeur avant elle.'
            yield Fault(written.span if written else parameter.span, message, help, parameter.name)
