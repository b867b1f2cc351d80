"""PAR-TROU: a parameter without a value when the programme begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.analysis import scalar_in, value_at
from recevable.lint.model import Fault, View
from recevable.pack.nodes import Sequence

CODE: Final = "PAR-TROU"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report parameters that start after the first version of the text."""
    versions = view.pack.manifest.versions
    for parameter in view.pack.parameters.values() if versions else ():
        start = parameter.values[0].start
        if start > versions[0].start:
            values = value_at(parameter, "valeurs")
            written = scalar_in(values.items[0], "a_partir_du") if isinstance(values, Sequence) else None
            message = (
                f"`{parameter.name}` n'a pas de valeur du {versions[0].start} au {start}, où le programme commence"
            )
            help = f'Faites-la commencer le "{versions[0].start}", ou ajoutez une valeur avant elle.'
            yield Fault(written.span if written else parameter.span, message, help, parameter.name)
