"""REG-EXCEPTION: an exception without a condition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.analysis import key_place
from recevable.lint.model import Fault, View

CODE: Final = "REG-EXCEPTION"
SEVERITY: Final = Severity.ERROR


def check(view: View) -> Iterator[Fault]:
    """Report them for all requests that both rules share."""
    for rule in view.pack.rules.values():
        if rule.exception_to is not None and not rule.conditional:
            message = f"l'exception `{rule.id}` écarte toujours la règle `{rule.exception_to.text}`"
            help = "Ajoutez `quand: …`, les cas de l'exception ; si c'est voulu, supprimez l'autre règle."
            yield Fault(key_place(rule, "exception_a"), message, help, rule.id)
