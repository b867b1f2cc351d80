"""PAR-MONTANT: a negative amount, or one finer than the cent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.types import AMOUNT
from recevable.lint.analysis import scalar_in, value_at
from recevable.lint.model import Fault, View
from recevable.pack.model import Parameter
from recevable.pack.nodes import Scalar, Sequence

CODE: Final = "PAR-MONTANT"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report every such value, past ones included: decisions at an earlier date use them."""
    for parameter in view.pack.parameters.values():
        if parameter.type != AMOUNT:
            continue
        values = value_at(parameter, "valeurs")
        written = [scalar_in(item, "valeur") for item in values.items] if isinstance(values, Sequence) else []
        for scalar, value in zip(written, parameter.values, strict=True):
            if scalar is not None and value.value is not None:
                yield from _odd(scalar, Decimal(value.value), parameter)


def _odd(scalar: Scalar, value: Decimal, parameter: Parameter) -> Iterator[Fault]:
    if value < 0:
        message = f"le montant de `{parameter.name}` est négatif"
        yield Fault(scalar.span, message, f'Écrivez `"{-value}"` ; la règle dit ce qui se retranche.', parameter.name)
        return
    whole, _, decimals = scalar.text.partition(".")
    if len(decimals) > 2:
        message = f"le montant de `{parameter.name}` a plus de deux décimales"
        thousands = f'Pour des milliers, écrivez `"{whole}{decimals}.00"` ; ' if len(decimals) == 3 else ""
        help = f"{thousands}pour un tarif plus fin que le centime, `type: nombre`."
        yield Fault(scalar.span, message, help[0].upper() + help[1:], parameter.name)
