"""PAR-INUTILE: a parameter that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import PARAMETER
from recevable.lint.model import Fault, View
from recevable.pack import letters

CODE: Final = "PAR-INUTILE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report them; messages, the manifest and letters count as uses."""
    in_letters = letters.used(view.source)
    for parameter in view.pack.parameters.values():
        if (PARAMETER, parameter.name) not in view.analysis.used and parameter.name not in in_letters:
            help = "Employez-le dans une règle, ou supprimez-le."
            yield Fault(parameter.span, f"rien n'emploie le paramètre `{parameter.name}`", help, parameter.name)
