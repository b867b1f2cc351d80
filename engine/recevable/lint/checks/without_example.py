"""Règle sans exemple

## Ce que c'est

La règle n'a pas d'exemple (`exemples`).

## Pourquoi

Un exemple dit en clair ce que la règle doit répondre, et il est rejoué à chaque changement. Sans lui, une faute de
frappe dans un seuil ou un `et` mis pour un `ou` ne se voit qu'à la première décision contestée.

## Mauvais

```yaml
- id: ELI-MAJEUR
  condition: demandeur.majeur = vrai
  si_faux: {consequence: rejeter, message: "Le demandeur est mineur."}
```

## Bon

```yaml
- id: ELI-MAJEUR
  condition: demandeur.majeur = vrai
  si_faux: {consequence: rejeter, message: "Le demandeur est mineur."}
  exemples:
    - {avec: {demandeur.majeur: true}, resultat: satisfait}
    - {avec: {demandeur.majeur: false}, resultat: "non_satisfait:faux"}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View

CODE: Final = "REG-EXEMPLES"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Every rule has at least one example."""
    for rule in view.pack.rules.values():
        if not rule.examples:
            help = "Ajoutez `exemples:` avec un cas par issue : `- {avec: {…}, resultat: satisfait}`."
            yield Fault(rule.span, f"la règle `{rule.id}` n'a aucun exemple", help, rule.id)
