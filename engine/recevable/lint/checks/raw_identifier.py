"""EXP-IDENTIFIANT: a SIRET, a SIREN, an IBAN or a BIC compared character by character."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import FIELD, VARIABLE, nodes
from recevable.lint.model import Fault, View

CODE: Final = "EXP-IDENTIFIANT"
SEVERITY: Final = Severity.WARNING
# For each format, the functions that normalize an identifier, and its display name.
_COMPACT: Final = {
    "siret": ("siret_compact", "un SIRET s'écrit"),
    "siren": ("siret_compact", "un SIREN s'écrit"),
    "iban": ("iban_compact", "un IBAN s'écrit"),
    "bic": ("bic_complet", "un BIC s'écrit"),
}


def check(view: View) -> Iterator[Fault]:
    """Report fields compared as written; a function around the field normalizes it."""
    for part in view.analysis.everything():
        for node in nodes(part.expr):
            for arg in node.args if node.op in ("=", "!=", "dans") else ():
                if arg.op in (FIELD, VARIABLE) and arg.type.format in _COMPACT:
                    function, is_written = _COMPACT[arg.type.format]
                    message = f"{is_written} de plusieurs façons, et cette comparaison les distingue"
                    help = f"Écrivez `{function}(…)` des deux côtés."
                    yield Fault(part.place(arg), message, help, part.rule.id)
