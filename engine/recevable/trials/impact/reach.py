"""The dependencies of a result: the rules and parameters of a pack that can affect a finding or an amount."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recevable.language.tree import ANSWER, FIELD, PARAMETER
from recevable.pack.compiled import CompiledPack
from recevable.pack.graph import Graph, Read
from recevable.pack.model import RECOVERY
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
        """What the findings of a rule depend on; only the manifest when the pack has no such rule in the context."""
        key = (context, rule)
        if key not in self._known:
            self._known[key] = self._rule(context, rule)
        return self._known[key]

    def of_number(self, context: str, name: str) -> Origins:
        """What a named number depends on."""
        graph = self._graphs.get(context)
        if graph is None or name not in graph.definitions:
            return frozenset({PROGRAMME})
        return frozenset(self._origins(graph, graph.of(name)))

    def _rule(self, context: str, rule: str) -> Origins:
        written, graph = self.rules.get(rule), self._graphs.get(context)
        if written is None or graph is None:
            return frozenset({PROGRAMME, Origin(OriginKind.RULE, rule)})
        checks = self.compiled.context(context).checks
        exprs = [step.test for check in checks if check.rule == rule for step in check.steps]
        if written.claim is not None and context == RECOVERY:
            exprs.append(self.compiled.claimed(written))
        given = graph.of(written.defines) if written.defines in graph.definitions else {}
        return frozenset(self._origins(graph, graph.follow(*exprs) | given) | self._own(rule))

    def _own(self, rule: str) -> set[Origin]:
        """A rule and its exceptions, whose conditions limit it."""
        exceptions = (other.id for other in self.compiled.exceptions.get(rule, ()))
        return {Origin(OriginKind.RULE, name) for name in (rule, *exceptions)}

    def _origins(self, graph: Graph, read: Mapping[Read, None]) -> set[Origin]:
        """The origins of what is read; for a name, also the rules that define it and the questions that affect it."""
        found = {PROGRAMME, *(Origin(OriginKind.RULE, question) for question in graph.subject_to(read))}
        for op, name in read:
            definition = graph.definition(op, name)
            if op in _KINDS:
                found.add(Origin(_KINDS[op], name))
            for rule in definition.rules if definition is not None else ():
                found |= self._own(rule.id)
        return found
