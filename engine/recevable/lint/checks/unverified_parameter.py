"""PAR-VERIFIE: a parameter not verified recently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.calendar import END_OF_MONTH, Duration, shift
from recevable.language.diagnostics import Severity
from recevable.language.unparse import literal
from recevable.lint.analysis import key_place
from recevable.lint.model import Fault, View

CODE: Final = "PAR-VERIFIE"
SEVERITY: Final = Severity.WARNING
DEFAULT: Final = Duration(months=12)


def check(view: View) -> Iterator[Fault]:
    """Report them; a verification dated in the future does not count."""
    manifest = view.pack.manifest
    for parameter in view.pack.parameters.values():
        help = (
            'Relisez la valeur dans le texte, puis écrivez le jour où vous l\'avez fait : `verifie_le: "AAAA-MM-JJ"`.'
        )
        if parameter.verified is None:
            message = f"rien ne dit quand `{parameter.name}` a été comparé au texte"
            yield Fault(parameter.span, message, help, parameter.name)
            continue
        place = key_place(parameter, "verifie_le")
        kept = manifest.verification or DEFAULT
        if parameter.verified > view.today:
            message = f"`{parameter.name}` ne peut pas avoir été vérifié le {parameter.verified}, qui est à venir"
            yield Fault(place, message, help, parameter.name)
        elif shift(parameter.verified, kept, END_OF_MONTH, manifest.zone) < view.today:
            message = f"`{parameter.name}` n'a pas été comparé au texte depuis plus de {literal(kept)}"
            yield Fault(place, message, help, parameter.name)
