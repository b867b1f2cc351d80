"""PAR-ECHU: a parameter whose last value has expired, or expires soon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.decision.wording import day
from recevable.language.diagnostics import Severity
from recevable.language.tree import PARAMETER
from recevable.language.types import HOLIDAYS
from recevable.lint.analysis import key_place
from recevable.lint.model import Fault, View

CODE: Final = "PAR-ECHU"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report them as of the day of the check."""
    for parameter in view.pack.parameters.values():
        if parameter.until is None or parameter.until >= view.today:
            continue
        if (PARAMETER, parameter.name) in view.analysis.used:
            last = day(parameter.until)
            message = f"`{parameter.name}` n'a plus de valeur après le {last}, et des règles l'emploient"
            end = "les années qui suivent" if parameter.type.format == HOLIDAYS else "`jusqu_au: ouvert`"
            help = f"Écrivez {end}, ou la nouvelle date de fin ; sinon retirez les règles qui l'emploient."
            yield Fault(key_place(parameter, "jusqu_au"), message, help, parameter.name)
