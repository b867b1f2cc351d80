"""DAT-HORS-PROGRAMME: a date outside the years of the programme."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from recevable.language.calendar import day_of
from recevable.language.diagnostics import Severity, Span
from recevable.language.tree import LITERAL, nodes
from recevable.lint.analysis import scalar_in, value_at
from recevable.lint.model import Fault, View
from recevable.pack.nodes import Sequence

CODE: Final = "DAT-HORS-PROGRAMME"
SEVERITY: Final = Severity.WARNING
_YEARS: Final = 30


def check(view: View) -> Iterator[Fault]:
    """Report dates and instants, in parameters and in expressions."""
    if not view.pack.manifest.versions:
        return
    for parameter in view.pack.parameters.values():
        values = value_at(parameter, "valeurs")
        for rank, value in enumerate(parameter.values):
            written = scalar_in(values.items[rank], "valeur") if isinstance(values, Sequence) else None
            yield from _misplaced(view, value.value, written.span if written else parameter.span, parameter.name)
    for part in view.analysis.everything():
        for node in nodes(part.expr):
            if node.op == LITERAL:
                yield from _misplaced(view, node.value, part.place(node), part.rule.id)


def _misplaced(view: View, value: Any, place: Span, subject: str) -> Iterator[Fault]:
    if not isinstance(value, date):
        return
    versions = view.pack.manifest.versions
    day = day_of(value, view.pack.manifest.zone) if isinstance(value, datetime) else value
    if day < versions[0].start:
        message = f"le {day} est avant l'entrée en vigueur du programme, le {versions[0].start}"
        yield Fault(place, message, "Vérifiez l'année ; si la date est voulue, tolérez-la avec son motif.", subject)
    elif day.year > versions[-1].start.year + _YEARS:
        message = f"le {day} est plus de {_YEARS} ans après la dernière version du programme"
        yield Fault(place, message, "Vérifiez l'année ; si la date est voulue, tolérez-la avec son motif.", subject)
