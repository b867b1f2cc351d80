"""Checks on the amount that an accepted request pays: not negative, whole cents, not above its maximum.

An amount of the rules that fails one of them is a fault of the rules, and the dossier gets no decision.  A sum that a
person fixes, in an acceptance that departs from the rules, is bounded by the same maximum.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from recevable.decision.model import AmountLine, Maximum, RequestDecision
from recevable.decision.wording import amount
from recevable.inference.definitions import Contradiction

_CENT: Final = Decimal("0.01")


class UnpayableAmount(Contradiction):
    """An accepted request would pay an invalid amount: `name` is the amount, `rules` the rule that gives it."""


class NegativePayment(UnpayableAmount):
    """The amount is negative."""


class FractionOfCent(UnpayableAmount):
    """The amount is not a whole number of cents."""


class AboveMaximum(UnpayableAmount):
    """The amount exceeds the declared maximum, or that maximum is unknown (None)."""

    def __init__(self, name: str, rule: str, value: Decimal, limit: str, maximum: Decimal | None) -> None:
        """`value` and `maximum` are in euros; `limit` is the name of the maximum."""
        super().__init__(name, (rule,), (value,))
        self.limit, self.maximum = limit, maximum

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, *self.rules, *self.values, self.limit, self.maximum)


def confirm(proposed: AmountLine, maximum: Maximum | None) -> None:
    """Check the amount against what bounds it, if anything does; raises UnpayableAmount."""
    value = proposed.value
    if value < 0:
        raise NegativePayment(proposed.name, (proposed.rule,), (value,))
    if value % _CENT:
        raise FractionOfCent(proposed.name, (proposed.rule,), (value,))
    if maximum is not None and (maximum.value is None or value > maximum.value):
        raise AboveMaximum(proposed.name, proposed.rule, value, maximum.name, maximum.value)


def sum_fault(request: RequestDecision, value: Decimal) -> str:
    """Why a person who accepts a request against the rules may not fix a sum, in euros: a sentence, empty if they may.

    A maximum that is not known allows no sum.
    """
    proposed, maximum = request.proposed, request.maximum
    if proposed is None:
        return "Cette demande ne donne lieu à aucune somme : il n'y en a pas à fixer."
    if not value.is_finite() or value <= 0 or _has_fraction(value):
        return "La somme fixée est un nombre entier de centimes, plus que zéro."
    if maximum is None:
        return ""
    if maximum.value is None:
        return f"« {maximum.title} », maximum de cette somme, n'est pas connu : aucune somme ne peut être fixée."
    if value > maximum.value:
        return f"La somme fixée dépasse « {maximum.title} » : {amount(maximum.value)} au plus."
    return ""


def _has_fraction(value: Decimal) -> bool:
    """Whether a finite sum in euros has a fraction of a cent, by its digits: the remainder of a large one overflows."""
    _, digits, exponent = value.as_tuple()
    return isinstance(exponent, int) and exponent < -2 and any(digits[exponent + 2 :])
