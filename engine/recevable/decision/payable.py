"""What an accepted request proposes to pay: nothing negative, no fraction of a cent, nothing above its maximum.

Rules that propose anything else are wrong, and the dossier gets no decision.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from recevable.decision.model import AmountLine
from recevable.inference.definitions import Contradiction

_CENT: Final = Decimal("0.01")


class UnpayableAmount(Contradiction):
    """An accepted request would pay what may not be paid: `name` is what it proposes, one rule gives it."""


class NegativePayment(UnpayableAmount):
    """Less than nothing."""


class FractionOfCent(UnpayableAmount):
    """No whole number of cents."""


class AboveMaximum(UnpayableAmount):
    """More than the declared maximum, or a maximum that nobody knows (None)."""

    def __init__(self, name: str, rule: str, value: Decimal, limit: str, maximum: Decimal | None) -> None:
        """`limit` is the name of the `maximum`."""
        super().__init__(name, (rule,), (value,))
        self.limit, self.maximum = limit, maximum

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, *self.rules, *self.values, self.limit, self.maximum)


def confirm(proposed: AmountLine, limit: str, maximum: Decimal | None) -> None:
    """Raises UnpayableAmount; no `limit`: no maximum."""
    value = proposed.value
    if value < 0:
        raise NegativePayment(proposed.name, (proposed.rule,), (value,))
    if value % _CENT:
        raise FractionOfCent(proposed.name, (proposed.rule,), (value,))
    if limit and (maximum is None or value > maximum):
        raise AboveMaximum(proposed.name, proposed.rule, value, limit, maximum)
