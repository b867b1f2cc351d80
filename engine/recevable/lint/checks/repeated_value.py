"""PAR-REPETE: a dated value equal to the one before."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.analysis import scalar_in, value_at
from recevable.lint.model import Fault, View
from recevable.pack.nodes import Sequence

CODE: Final = "PAR-REPETE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report them; two consecutive unknown values count as equal."""
    for parameter in view.pack.parameters.values():
        values = value_at(parameter, "valeurs")
        for rank, (before, after) in enumerate(pairwise(parameter.values), start=1):
            if before.value == after.value:
                written = scalar_in(values.items[rank], "valeur") if isinstance(values, Sequence) else None
                message = f"la valeur de `{parameter.name}` au {after.start} est celle d'avant"
                help = "Corrigez-la, ou supprimez la ligne."
                yield Fault(written.span if written else parameter.span, message, help, parameter.name)
