"""Exception sans condition

## Ce que c'est

La règle est l'exception d'une autre (`exception_a`) et n'a pas de `quand`.

## Pourquoi

Une exception écarte la règle dans les cas de son `quand` ; sans `quand`, elle l'écarte toujours, et la règle ne joue
plus jamais.

## Mauvais

```yaml
- id: RETARD-EXCUSE
  exception_a: DELAI
  appreciation: "Le retard est-il excusable ?"
```

## Bon

```yaml
- id: RETARD-EXCUSE
  exception_a: DELAI
  quand: demande.motif_du_retard est present
  appreciation: "Le retard est-il excusable ?"
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.lint.reading import key_place

CODE: Final = "REG-EXCEPTION"
SEVERITY: Final = Severity.ERROR


def check(view: View) -> Iterator[Fault]:
    """Whatever the requests that the two share."""
    for rule in view.pack.rules.values():
        if rule.exception_to is not None and rule.when is None:
            message = f"l'exception `{rule.id}` écarte toujours la règle `{rule.exception_to.text}`"
            help = "Ajoutez `quand: …`, les cas de l'exception ; si c'est voulu, supprimez l'autre règle."
            yield Fault(key_place(rule, "exception_a"), message, help, rule.id)
