"""Montants concurrents

## Ce que c'est

Deux règles `montant` donnent un même nom et s'appliquent exactement dans les mêmes cas.

## Pourquoi

Un nom qui reçoit deux valeurs n'en a aucune : la décision est refusée pour tous les dossiers visés. Des montants qui
se relaient ont chacun leur `quand`.

## Mauvais

```yaml
- {id: MON-BASE, nom: aide_accordee, montant: forfait, …}
- {id: MON-MAJORE, nom: aide_accordee, montant: forfait + majoration, …}
```

## Bon

```yaml
- {id: MON-BASE, nom: aide_accordee, quand: non foyer_modeste, montant: forfait, …}
- {id: MON-MAJORE, nom: aide_accordee, quand: foyer_modeste, montant: forfait + majoration, …}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.logic import normal
from recevable.lint.model import Fault, View
from recevable.pack.compiled import defined_name
from recevable.pack.kinds.amount import Amount
from recevable.pack.model import Rule

CODE: Final = "MON-CONCURRENTS"
SEVERITY: Final = Severity.ERROR


def check(view: View) -> Iterator[Fault]:
    """Rules that no request separates: a name is computed by every rule that gives it, wherever it is used."""
    first: dict[object, Rule] = {}
    for rule in view.pack.rules.values():
        if not isinstance(rule.body, Amount) or rule.id in view.reading.inert:
            continue
        name = defined_name(rule)
        when = view.reading.applies(view.reading.contexts(rule)[0], rule)
        other = first.setdefault((name, None if when is None else normal(when)), rule)
        if other is rule:
            continue
        message = f"`{rule.id}` et `{other.id}` donnent `{name}` dans les mêmes cas"
        help = "Donnez à chacune un `quand` qui exclut l'autre, ou un autre nom."
        yield Fault(rule.span, message, help, rule.id)
