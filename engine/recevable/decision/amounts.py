"""The named numbers of a context as lines of the decision: value, rule, steps, and the appraisals that may change it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct

from recevable.decision.model import AmountLine
from recevable.decision.steps import StepMaker, step_maker
from recevable.decision.unknowns import Unknowns
from recevable.language.evaluate import Evaluator, Slots, build
from recevable.language.tree import AMOUNT_NAME, ANSWER, DEDUCTION, Expr, nodes
from recevable.pack.model import Context, Definition, Rule


class _Alternative(Struct, frozen=True):
    """One rule that may give a number, when it applies, and the steps of its calculation."""

    rule: Rule
    when: Evaluator | None
    steps: StepMaker


class _Reader(Struct, frozen=True):
    """Where a number is, the rules that may give it, and the appraisals it may depend on."""

    definition: Definition
    slot: int
    alternatives: tuple[_Alternative, ...]
    subject_to: tuple[str, ...]


class AmountReader:
    """Reads the numbers that one context shows."""

    def __init__(self, context: Context, unknowns: Unknowns) -> None:
        self.context, self.unknowns = context, unknowns
        by_name = {d.name: d for d in context.definitions}
        self._readers = [self._reader(by_name[name]) for name in context.shown_amounts if name in by_name]

    def lines(self, slots: Slots, still_open: Collection[str]) -> list[AmountLine]:
        """Every named number that the context shows."""
        return [self._amount_line(reader, slots, still_open) for reader in self._readers]

    def _amount_line(self, reader: _Reader, slots: Slots, still_open: Collection[str]) -> AmountLine:
        chosen = next(
            (a for a in reader.alternatives if a.when is None or a.when(slots) is True),
            reader.alternatives[0],
        )
        value, rule, explain = slots[reader.slot], chosen.rule, chosen.steps
        return AmountLine(
            reader.definition.name,
            rule.title,
            rule.body.type,
            value,
            rule.id,
            rule.source,
            tuple(a for a in reader.subject_to if a in still_open) if still_open else (),
            lambda: explain(slots),
            lambda: self.unknowns.of_definition(reader.definition, slots),
        )

    def subject_to(self, exprs: Iterable[Expr], seen: frozenset[str] = frozenset()) -> dict[str, None]:
        """The appraisals that taint expressions: declared by the numbers they read, or whose answers they read."""
        found: dict[str, None] = {}
        by_name = {d.name: d for d in self.context.definitions}
        for expr in exprs:
            for node in nodes(expr):
                if node.op == ANSWER:
                    found[node.value] = None
                elif node.op in (AMOUNT_NAME, DEDUCTION) and node.value in by_name and node.value not in seen:
                    found |= self._taint(by_name[node.value], seen)
        return found

    def _taint(self, definition: Definition, seen: frozenset[str] = frozenset()) -> dict[str, None]:
        own = {a: None for amount in definition.amounts for a in amount.subject_to}
        exprs = [e for amount in definition.amounts for e in (amount.value, amount.when) if e is not None]
        if definition.deduction is not None:
            exprs.append(definition.deduction)
        return own | self.subject_to(exprs, seen | {definition.name})

    def _reader(self, definition: Definition) -> _Reader:
        layout = self.context.layout
        slot = layout.slot(AMOUNT_NAME, definition.name)
        alternatives = []
        for amount in definition.amounts:
            when = build(amount.when, layout) if amount.when is not None else None
            steps = step_maker(amount.value, amount.rule.body.rounding, slot, layout)
            alternatives.append(_Alternative(amount.rule, when, steps))
        return _Reader(definition, slot, tuple(alternatives), tuple(self._taint(definition)))
