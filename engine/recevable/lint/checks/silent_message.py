"""Message sans la valeur comparée

## Ce que c'est

La règle compare une valeur du dossier à une limite, et le message de l'échec n'en montre aucune.

## Pourquoi

« Le prix dépasse le plafond » oblige le demandeur à deviner lequel et de combien. « Le prix de 850,00 € dépasse le
plafond de 800,00 € » se vérifie en un coup d'œil et se conteste sur pièces.

## Mauvais

```yaml
condition: facture.prix <= plafond
si_faux: {consequence: rejeter, message: "Le prix dépasse le plafond."}
```

## Bon

```yaml
condition: facture.prix <= plafond
si_faux: {consequence: rejeter, message: "Le prix de {facture.prix} dépasse le plafond de {plafond}."}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import FIELD, Expr
from recevable.language.types import Kind
from recevable.lint.model import Fault, View

CODE: Final = "REG-MESSAGE-MUET"
SEVERITY: Final = Severity.NOTE
_ORDER: Final = frozenset({"<", "<=", ">", ">=", "entre"})
_SHOWN: Final = frozenset({Kind.AMOUNT, Kind.RATE, Kind.DATE, Kind.INSTANT})


def check(view: View) -> Iterator[Fault]:
    """Only tests that are a comparison by themselves: of a longer one, the text may say what matters."""
    for rule in view.pack.rules.values():
        for failure in view.reading.failures(rule):
            compared = _compared(failure.test)
            message = rule.cause(failure.cause).message
            if compared is not None and "{" not in message.text:
                name = compared.value
                help = f"Ajoutez au message la valeur comparée : `{{{name}}}`."
                said = f"le message ne montre pas `{name}`, que la règle `{rule.id}` compare"
                yield Fault(message.span, said, help, f"{rule.id}:{failure.cause}")


def _compared(test: Expr) -> Expr | None:
    """The field that a comparison is about."""
    if test.op not in _ORDER:
        return None
    return next((arg for arg in test.args if arg.op == FIELD and arg.type.kind in _SHOWN), None)
