"""DAT-DELAI: a deadline whose date of reception reads nothing of the dossier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import FIELD, HISTORY, PARAMETER, REFERENCES, Expr, nodes
from recevable.lint.model import Fault, View

CODE: Final = "DAT-DELAI"
SEVERITY: Final = Severity.ERROR
_RECEIVED: Final = "recu"
_LATEST: Final = "au_plus_tard"


def check(view: View) -> Iterator[Fault]:
    """Report a reception made of parameters and constants: it is the same for every dossier."""
    for rule in view.pack.rules.values():
        parts = {part.key.split(".")[-1]: part for part in view.analysis.parts(rule) if not part.cause}
        received, latest = parts.get(_RECEIVED), parts.get(_LATEST)
        if received is None or latest is None or _read(received.expr) - {PARAMETER, HISTORY}:
            continue
        help = f"Donnez à `{_RECEIVED}` le champ du dossier qui porte la date."
        if FIELD in _read(latest.expr):
            help = f"Échangez `{_RECEIVED}` et `{_LATEST}`."
        message = f"`{_RECEIVED}` ne lit rien du dossier : la règle répondrait la même chose à tous"
        yield Fault(received.place(), message, help, rule.id)


def _read(expr: Expr) -> set[str]:
    return {node.op for node in nodes(expr) if node.op in REFERENCES}
