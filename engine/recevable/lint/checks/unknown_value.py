"""PAR-INCONNU: a parameter whose value is unknown today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.analysis import scalar_in, value_at
from recevable.lint.model import Fault, View
from recevable.pack.nodes import Sequence

CODE: Final = "PAR-INCONNU"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report them as of the day of the check."""
    for parameter in view.pack.parameters.values():
        current = parameter.at(view.today)
        if current is None or current.value is not None:
            continue
        values = value_at(parameter, "valeurs")
        rank = parameter.values.index(current)
        written = scalar_in(values.items[rank], "valeur") if isinstance(values, Sequence) else None
        message = f"la valeur de `{parameter.name}` en vigueur depuis le {current.start} est inconnue"
        help = "Écrivez la valeur du texte en vigueur."
        yield Fault(written.span if written else parameter.span, message, help, parameter.name)
