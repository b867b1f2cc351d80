"""Compute every value of a context with the reference evaluator, in the same order as the generated code.

`network.py` computes the same values with the other engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from msgspec import Struct

from recevable.inference.definitions import Contradiction, Definitions, numbers
from recevable.inference.network import Network
from recevable.language.evaluate import Evaluators, Slots
from recevable.language.tree import AMOUNT_NAME, DEDUCTION
from recevable.pack.model import Context


class Computed(Struct, frozen=True):
    """The values of a context on a dossier.

    Atoms that deductions read, deductions, numbers, other atoms, and values used only in messages and recoveries.
    """

    early: tuple[bool | None, ...]
    deduced: tuple[bool | None, ...]
    numbers: tuple[Any, ...]
    late: tuple[bool | None, ...]
    shown: tuple[Any, ...]


class Values:
    """Computes by closures the values that the network and its generated code also compute."""

    def __init__(self, context: Context, network: Network, built: Evaluators) -> None:
        layout = context.layout
        self.context, self._network = context, network
        self._definitions = Definitions(context, built)
        self._early = [built.of(expr) for expr in network.early]
        self._late = [built.of(expr) for expr in network.late]
        self._shown = [built.of(expr) for _, expr in context.shown]
        self._deduced = [layout.slot(DEDUCTION, name) for name in network.deduced]
        self._numbers = [layout.slot(AMOUNT_NAME, definition.name) for definition in numbers(context)]

    def by_closures(self, slots: Slots) -> Computed | Contradiction:
        """Fill the slots of deductions and numbers and return all values, or the Contradiction met."""
        early = tuple([evaluate(slots) for evaluate in self._early])
        self._definitions.compute_deductions(slots)
        try:
            self._definitions.compute_amounts(slots)
        except Contradiction as contradiction:
            return contradiction
        return Computed(
            early,
            tuple([slots[slot] for slot in self._deduced]),
            tuple([slots[slot] for slot in self._numbers]),
            tuple([evaluate(slots) for evaluate in self._late]),
            tuple([evaluate(slots) for evaluate in self._shown]),
        )

    def late(self, rest: list[Any]) -> list[bool | None]:
        """The truth values among the results of `network.late_program`."""
        return rest[len(self._numbers) : len(self._numbers) + len(self._late)]

    def gather(self, early: tuple[bool | None, ...], deduced: tuple[bool | None, ...], rest: list[Any]) -> Computed:
        """The values of the other engine, from the results of `network.late_program`."""
        numbers, late = len(self._numbers), len(self._numbers) + len(self._late)
        return Computed(early, deduced, tuple(rest[:numbers]), tuple(rest[numbers:late]), tuple(rest[late:]))

    def pairs(self, computed: Computed, expected: Computed) -> Iterator[tuple[str, Any, Any]]:
        """Both answers for each value, with the rule or deduction that it belongs to."""
        names = chain(
            self._network.early_owners,
            self._network.deduced,
            (definition.amounts[0].rule.id for definition in numbers(self.context)),
            self._network.late_owners,
            (rule for rule, _ in self.context.shown),
        )
        parts = (
            (computed.early, expected.early),
            (computed.deduced, expected.deduced),
            (computed.numbers, expected.numbers),
            (computed.late, expected.late),
            (computed.shown, expected.shown),
        )
        flat = chain.from_iterable(zip(*part, strict=True) for part in parts)
        return ((name, got, wanted) for name, (got, wanted) in zip(names, flat, strict=True))
