"""Checks on the amount that an accepted request pays: not negative, whole cents, not above its maximum.

An amount that fails one of them is a fault of the rules, and the dossier gets no decision.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from recevable.decision.model import AmountLine
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


def confirm(proposed: AmountLine, limit: str, maximum: Decimal | None) -> None:
    """Check the amount; raises UnpayableAmount.  An empty `limit` means no maximum."""
    value = proposed.value
    if value < 0:
        raise NegativePayment(proposed.name, (proposed.rule,), (value,))
    if value % _CENT:
        raise FractionOfCent(proposed.name, (proposed.rule,), (value,))
    if limit and (maximum is None or value > maximum):
        raise AboveMaximum(proposed.name, proposed.rule, value, limit, maximum)
