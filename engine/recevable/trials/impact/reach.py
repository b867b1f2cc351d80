"""What a result depends on: the rules and parameters of a pack that can reach a finding or an amount."""

from __future__ import annotations

from collections.abc import Iterable

from recevable.language.tree import AMOUNT_NAME, ANSWER, DEDUCTION, FIELD, PARAMETER, Expr, references
from recevable.pack.compiled import CompiledPack, defined_name
from recevable.pack.kinds.amount import Amount
from recevable.pack.kinds.undue import Undue
from recevable.pack.model import RECOVERY, Context, Definition
from recevable.trials.impact.changes import PROGRAMME
from recevable.trials.impact.model import Origin, OriginKind

Origins = frozenset[Origin]


class Reach:
    """The origins of everything that one pack computes."""

    def __init__(self, compiled: CompiledPack) -> None:
        self.compiled = compiled
        self.rules = compiled.pack.rules
        self._definitions = {
            name: {definition.name: definition for definition in compiled.context(name).definitions}
            for name in compiled.context_names
        }
        self._known: dict[tuple[str, str], Origins] = {}

    def of_rule(self, context: str, rule: str) -> Origins:
        """What the findings of a rule depend on; only the manifest when this pack has no such rule there."""
        key = (context, rule)
        if key not in self._known:
            self._known[key] = self._rule(context, rule)
        return self._known[key]

    def of_number(self, context: str, name: str) -> Origins:
        """What a named number depends on."""
        if context not in self._definitions:
            return frozenset({PROGRAMME})
        found: set[Origin] = {PROGRAMME}
        self._follow(context, name, found, set())
        return frozenset(found)

    def _rule(self, context: str, rule: str) -> Origins:
        found: set[Origin] = {PROGRAMME}
        written = self.rules.get(rule)
        if written is None or context not in self._definitions:
            return frozenset({PROGRAMME, Origin(OriginKind.RULE, rule)})
        self._own(rule, found)
        compiled: Context = self.compiled.context(context)
        seen: set[str] = set()
        exprs = [step.test for check in compiled.checks if check.rule == rule for step in check.steps]
        if isinstance(written.body, Undue) and context == RECOVERY:
            exprs.append(self.compiled.stake(written))
        self._read(context, exprs, found, seen)
        if isinstance(written.body, Amount):
            self._follow(context, defined_name(written), found, seen)
        return frozenset(found)

    def _own(self, rule: str, found: set[Origin]) -> None:
        """A rule, and its exceptions: their conditions are part of its own."""
        found.add(Origin(OriginKind.RULE, rule))
        for other in self.rules.values():
            if other.exception_to is not None and other.exception_to.text == rule:
                found.add(Origin(OriginKind.RULE, other.id))

    def _read(self, context: str, exprs: Iterable[Expr], found: set[Origin], seen: set[str]) -> None:
        for expr in exprs:
            found.update(Origin(OriginKind.PARAMETER, name) for name in references(expr, PARAMETER))
            found.update(Origin(OriginKind.RULE, name) for name in references(expr, ANSWER))
            found.update(Origin(OriginKind.FIELD, path) for path in references(expr, FIELD))
            for name in references(expr, AMOUNT_NAME, DEDUCTION):
                self._follow(context, name, found, seen)

    def _follow(self, context: str, name: str, found: set[Origin], seen: set[str]) -> None:
        definition: Definition | None = self._definitions[context].get(name)
        if definition is None or name in seen:
            return
        seen.add(name)
        if definition.deduction is not None:
            self._own(self.compiled.owners[name].id, found)
            self._read(context, [definition.deduction], found, seen)
        for amount in definition.amounts:
            self._own(amount.rule.id, found)
            found.update(Origin(OriginKind.RULE, rule) for rule in amount.subject_to)
            self._read(context, [amount.value] + ([amount.when] if amount.when is not None else []), found, seen)
