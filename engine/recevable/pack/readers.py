"""Dependencies: from a field, a parameter, a name, an answer or the result of a rule to the rules that read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from recevable.language.tree import RESULT, Expr, references
from recevable.pack.compiled import CompiledPack
from recevable.pack.graph import READ, Read, reads
from recevable.pack.kinds import written
from recevable.pack.model import Rule


class Readers:
    """The direct readers in a verified pack: which rules read what, messages included, not through names or results."""

    def __init__(self, compiled: CompiledPack) -> None:
        self.compiled = compiled

    def exprs(self, rule: Rule) -> Iterator[Expr]:
        """Every typed tree of a rule, in all the contexts where its texts are compiled."""
        for context in self.compiled.read_in(rule):
            for one in written(rule):
                yield self.compiled.expression(context, one.text, rule)
            for cause in rule.texts():
                yield from self.compiled.template(context, rule, cause).exprs

    @cached_property
    def by_rule(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """What each rule reads, by operation of `READ`, and the rules whose result it reads, in order of appearance."""
        found: dict[str, Mapping[str, tuple[str, ...]]] = {}
        for rule in self.compiled.pack.rules.values():
            names: dict[str, dict[str, None]] = {}
            for op, name in (read for expr in self.exprs(rule) for read in _direct(expr)):
                names.setdefault(op, {})[name] = None
            found[rule.id] = {op: tuple(names[op]) for op in (*READ, RESULT) if op in names}
        return found

    @cached_property
    def of(self) -> Mapping[Read, tuple[str, ...]]:
        """The rules that read each field, parameter, name or answer, in the order of the pack."""
        found: dict[Read, list[str]] = {}
        for rule, read in self.by_rule.items():
            for op, names in read.items():
                for name in names:
                    found.setdefault((op, name), []).append(rule)
        return {read: tuple(rules) for read, rules in found.items()}


def _direct(expr: Expr) -> Iterator[Read]:
    """What an expression reads: of a rule whose result it reads, its identifier only."""
    if expr.op == RESULT:
        yield RESULT, expr.value
    elif references(expr, RESULT):
        for arg in expr.args:
            yield from _direct(arg)
    else:
        yield from reads(expr)
