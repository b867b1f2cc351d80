"""The named numbers of a context as `AmountLine`s: value, rule, calculation steps, appraisals that may change them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, Final

from msgspec import Struct

from recevable.decision.alike import alike
from recevable.decision.model import AmountLine, Datum
from recevable.decision.steps import StepMaker, step_maker
from recevable.decision.unknowns import Unknowns
from recevable.language.evaluate import FOLDS, Evaluator, Slots, picker
from recevable.language.tree import ABSENT, AMOUNT_NAME, FIELD, HISTORY, PRESENT, REFERENCES, VARIABLE, Expr, nodes
from recevable.language.types import Type
from recevable.pack.model import Context, Definition, Rule

# The most lines that are remembered of each alternative.
_MOST: Final = 1024


class _Alternative(Struct, frozen=True):
    """One rule that may give a number: its condition, its identity (name, title, type, source) and its explanation.

    `reads` gives all that the steps read; None when that is more than slots.
    """

    when: Evaluator | None
    head: tuple[str, str, Type]
    tail: tuple[str, str]
    steps: StepMaker
    missing: Callable[[Slots], tuple[Datum, ...]]
    reads: Callable[[Slots], Sequence[Any]] | None = None
    known: dict[Any, AmountLine] = {}

    def line(self, value: Any, subject_to: tuple[str, ...], slots: Slots) -> AmountLine:
        """The `AmountLine` for `value`: with its calculation steps, or the missing data when `value` is None.

        The same object for the same values read, as long as it is remembered.
        """
        if value is None:
            return AmountLine(*self.head, value, *self.tail, subject_to, (), self.missing(slots))
        read = alike((value, *subject_to, *self.reads(slots))) if self.reads is not None else None
        known = None if read is None else self.known.get(read)
        if known is not None:
            return known
        found = AmountLine(*self.head, value, *self.tail, subject_to, self.steps(slots))
        if read is not None:
            if len(self.known) >= _MOST:
                self.known.clear()
            self.known[read] = found
        return found


class _Reader(Struct, frozen=True):
    """The slot of a number, the rules that may give it, and the appraisals it depends on."""

    slot: int
    alternatives: tuple[_Alternative, ...]
    subject_to: tuple[str, ...]


class AmountReader:
    """Builds the `AmountLine`s of one context."""

    def __init__(
        self, context: Context, unknowns: Unknowns, remembered: int, names: Sequence[str] | None = None
    ) -> None:
        """`remembered`: 0 to remember no line of an earlier dossier.

        `names` are those of the numbers to read, by default all that the context shows.
        """
        self.context, self.unknowns, self.graph = context, unknowns, unknowns.graph
        self._remembered = remembered
        known = self.graph.definitions
        wanted = context.shown_amounts if names is None else names
        self._readers = [self._reader(known[name]) for name in wanted if name in known]

    def lines(self, slots: Slots, still_open: Collection[str]) -> list[AmountLine]:
        """One line per named number that the context shows; `still_open` holds the ids of the unanswered appraisals."""
        lines = []
        for reader in self._readers:
            chosen = reader.alternatives[0]
            if chosen.when is not None:
                chosen = next((a for a in reader.alternatives if a.when is None or a.when(slots)), chosen)
            taint = tuple(a for a in reader.subject_to if a in still_open) if still_open else ()
            lines.append(chosen.line(slots[reader.slot], taint, slots))
        return lines

    def line(self, rule: Rule, expr: Expr, slots: Slots, still_open: Collection[str]) -> AmountLine:
        """The line of an amount without a name, such as the amount of a recovery case."""
        steps = step_maker(expr, self.unknowns.built)
        alternative = _Alternative(
            None,
            ("montant", rule.title, expr.type),
            (rule.id, rule.source),
            steps,
            partial(self.unknowns.of_expr, expr),
        )
        taint = tuple(a for a in self.graph.subject_to(self.graph.follow(expr)) if a in still_open)
        value = self.unknowns.evaluator(expr)(slots)
        return alternative.line(value, taint, slots)

    def _reader(self, definition: Definition) -> _Reader:
        layout = self.context.layout
        slot = layout.slot(AMOUNT_NAME, definition.name)
        alternatives = [
            _Alternative(
                self.unknowns.built.of(amount.when) if amount.when is not None else None,
                (definition.name, amount.rule.title, amount.type),
                (amount.rule.id, amount.rule.source),
                step_maker(amount.rounded, self.unknowns.built),
                partial(self.unknowns.of_definition, definition),
                self._reads(amount.rounded),
                {},
            )
            for amount in definition.amounts
        ]
        return _Reader(slot, tuple(alternatives), tuple(self.graph.subject_to(self.graph.of(definition.name))))

    def _reads(self, expr: Expr) -> Callable[[Slots], Sequence[Any]] | None:
        """A function that gives the values of all slots that an expression reads; None when they are not to be kept."""
        found = list(nodes(expr))
        # the elements of a list are read too, and are no values to compare
        if not self._remembered or any(node.op == VARIABLE or node.op in FOLDS for node in found):
            return None
        slots = self.context.layout.slots
        fields = [(FIELD, node.value) for node in found if node.op in (PRESENT, ABSENT)]
        # the values of a parameter over time are those of the programme
        named = [(node.op, node.value) for node in found if node.op in REFERENCES and node.op != HISTORY]
        return picker([slots[key] for key in dict.fromkeys([*fields, *named])])
