"""PAR-TITRE: a parameter without a title."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.analysis import value_at
from recevable.lint.model import Fault, View

CODE: Final = "PAR-TITRE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report parameters without a written title: the reader uses the name as a default."""
    for parameter in view.pack.parameters.values():
        if value_at(parameter, "titre") is None:
            help = "Ajoutez `titre: …`, en quelques mots."
            yield Fault(parameter.span, f"le paramètre `{parameter.name}` n'a pas de titre", help, parameter.name)
