"""Déduction qui a toujours la même valeur

## Ce que c'est

L'expression d'une déduction n'est vraie pour aucun dossier, ou n'est fausse pour aucun.

## Pourquoi

Les règles qui l'emploient croient distinguer deux cas et n'en voient qu'un.

## Mauvais

```yaml
deduction: est_mineur
vaut: demandeur.age < 18 et demandeur.age > 60
```

## Bon

```yaml
deduction: est_mineur
vaut: demandeur.age < 18
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.pack.compiled import defined_name
from recevable.pack.kinds.deduction import Deduction

CODE: Final = "REG-DEDUCTION-FIXE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """True for no dossier, or false for none."""
    for rule in view.pack.rules.values():
        if not isinstance(rule.body, Deduction):
            continue
        part = view.reading.part(rule, "vaut")
        for truth, word in ((True, "vraie"), (False, "fausse")):
            if view.reading.logic.impossible((part.expr, truth)):
                message = f"la déduction `{defined_name(rule)}` n'est jamais {word}"
                help = "Corrigez `vaut` : ses conditions se contredisent ou se complètent entièrement."
                yield Fault(part.place(), message, help, rule.id)
                break
