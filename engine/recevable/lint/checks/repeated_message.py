"""Message de deux règles

## Ce que c'est

Deux règles disent exactement la même chose quand elles échouent.

## Pourquoi

Le demandeur qui lit deux fois la même phrase ne sait pas qu'il y a deux choses à corriger, et l'agent ne sait pas
laquelle des deux règles a parlé.

## Mauvais

```yaml
- id: PIE-RIB
  si_absente: {consequence: completer, message: "Une pièce manque."}
- id: PIE-FACTURE
  si_absente: {consequence: completer, message: "Une pièce manque."}
```

## Bon

```yaml
- id: PIE-RIB
  si_absente: {consequence: completer, message: "Le RIB manque."}
- id: PIE-FACTURE
  si_absente: {consequence: completer, message: "La facture manque."}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View

CODE: Final = "REG-MESSAGE-REPETE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Within one request; the second of two is the one that is shown."""
    first: dict[tuple[str, str], str] = {}
    for rule in view.pack.rules.values():
        for cause in rule.causes:
            words = " ".join(cause.message.text.split())
            other = next((first[name, words] for name in rule.requests if (name, words) in first), rule.id)
            for name in rule.requests:
                first.setdefault((name, words), rule.id)
            if other != rule.id:
                message = f"ce message est aussi celui de la règle `{other}`"
                yield Fault(cause.message.span, message, "Dites dans chacun ce qui lui est propre.", rule.id)
