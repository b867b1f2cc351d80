"""What a result depends on: the rules and parameters of a pack that can reach a finding or an amount."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from recevable.language.tree import ANSWER, FIELD, PARAMETER, Expr
from recevable.pack.compiled import CompiledPack
from recevable.pack.graph import Graph
from recevable.pack.model import RECOVERY, Definition
from recevable.trials.impact.changes import PROGRAMME
from recevable.trials.impact.model import Origin, OriginKind

Origins = frozenset[Origin]
_KINDS: Final = {PARAMETER: OriginKind.PARAMETER, ANSWER: OriginKind.RULE, FIELD: OriginKind.FIELD}


class Reach:
    """The origins of everything that one pack computes."""

    def __init__(self, compiled: CompiledPack) -> None:
        self.compiled = compiled
        self.rules = compiled.pack.rules
        self._graphs = {name: Graph(compiled.context(name).definitions) for name in compiled.context_names}
        self._known: dict[tuple[str, str], Origins] = {}

    def of_rule(self, context: str, rule: str) -> Origins:
        """What the findings of a rule depend on; only the manifest when this pack has no such rule there."""
        key = (context, rule)
        if key not in self._known:
            self._known[key] = self._rule(context, rule)
        return self._known[key]

    def of_number(self, context: str, name: str) -> Origins:
        """What a named number depends on."""
        graph = self._graphs.get(context)
        found: set[Origin] = {PROGRAMME}
        if graph is not None and name in graph.definitions:
            self._name(graph, graph.definitions[name], found)
        return frozenset(found)

    def _rule(self, context: str, rule: str) -> Origins:
        found: set[Origin] = {PROGRAMME}
        written, graph = self.rules.get(rule), self._graphs.get(context)
        if written is None or graph is None:
            return frozenset({PROGRAMME, Origin(OriginKind.RULE, rule)})
        self._own(rule, found)
        checks = self.compiled.context(context).checks
        exprs = [step.test for check in checks if check.rule == rule for step in check.steps]
        if written.claim is not None and context == RECOVERY:
            exprs.append(self.compiled.stake(written))
        self._read(graph, exprs, found)
        if written.defines in graph.definitions:
            self._name(graph, graph.definitions[written.defines], found)
        return frozenset(found)

    def _own(self, rule: str, found: set[Origin]) -> None:
        """A rule, and its exceptions: their conditions are part of its own."""
        found.add(Origin(OriginKind.RULE, rule))
        found.update(Origin(OriginKind.RULE, other.id) for other in self.compiled.exceptions.get(rule, ()))

    def _read(self, graph: Graph, exprs: Iterable[Expr], found: set[Origin]) -> None:
        for op, name in graph.follow(*exprs):
            definition = graph.definition(op, name)
            if op in _KINDS:
                found.add(Origin(_KINDS[op], name))
            elif definition is not None:
                self._givers(definition, found)

    def _name(self, graph: Graph, definition: Definition, found: set[Origin]) -> None:
        self._givers(definition, found)
        self._read(graph, definition.exprs, found)

    def _givers(self, definition: Definition, found: set[Origin]) -> None:
        """The rules that give a name, and the questions that taint it."""
        if definition.deduction is not None:
            self._own(self.compiled.owners[definition.name].id, found)
        for amount in definition.amounts:
            self._own(amount.rule.id, found)
            found.update(Origin(OriginKind.RULE, rule) for rule in amount.subject_to)
