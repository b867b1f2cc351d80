"""PAR-REFERENCE: a parameter with several values that does not say at which date it is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View

CODE: Final = "PAR-REFERENCE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report parameters whose second value makes the date matter, unless every reading says its own."""
    current = {name for context in view.compiled.context_names for name in view.compiled.context(context).parameters}
    for parameter in view.pack.parameters.values():
        if len(parameter.values) > 1 and not parameter.stated and parameter.name in current:
            message = f"`{parameter.name}` a {len(parameter.values)} valeurs et ne dit pas à quelle date il se lit"
            help = "Écrivez `reference: reception`, `decision`, `texte` ou une date du dossier, selon le texte."
            yield Fault(parameter.span, message, help, parameter.name)
