"""A pack as lint checks see it: every expression of every rule, typed, with its place in the files.

The compiler keeps only what decides; a check also needs the place of what was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property, partial

from msgspec import Struct

from recevable.language.diagnostics import Span
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, NOT, PARAMETER, Expr
from recevable.language.types import BOOLEAN
from recevable.lint.limits import whole_numbers
from recevable.lint.logic import Logic
from recevable.pack.compiled import CompiledPack
from recevable.pack.graph import Graph
from recevable.pack.kinds import written
from recevable.pack.model import Check, Definition, Outcome, Parameter, Result, Rule, Written
from recevable.pack.nodes import Mapping, Node, Scalar
from recevable.pack.readers import Readers


class Part(Struct, frozen=True):
    """A typed expression of a rule: its key, its cause (if any), its text and its tree."""

    rule: Rule
    key: str
    cause: str
    text: Scalar
    expr: Expr

    def place(self, node: Expr | None = None) -> Span:
        """The place of a node of the tree, or of the whole expression."""
        found = node or self.expr
        return self.text.place(found.start, found.end - found.start)


class Ending(Struct, frozen=True):
    """One way a rule answers: `test` has the value `truth` while every expression in `given` is true.

    `written` are the expressions of the test, empty if it is not written anywhere; diagnostics point at the last one.
    """

    rule: Rule
    outcome: Outcome
    test: Expr
    truth: bool
    given: tuple[Expr, ...]
    written: tuple[Written, ...]

    @property
    def cause(self) -> str:
        """The cause of the failure, or the recovery step."""
        return self.outcome.cause

    @property
    def fails(self) -> bool:
        """Whether the rule fails; recovery steps are not failures, since the first that fits is taken."""
        return self.outcome.result is Result.FAILED

    @property
    def span(self) -> Span:
        """The place of its test."""
        return self.written[-1].text.span


class Analysis:
    """Data derived from a compiled pack, each computed on first use and cached."""

    def __init__(self, compiled: CompiledPack) -> None:
        self.compiled = compiled
        self.pack = compiled.pack
        self.readers = Readers(compiled)
        self._checks: dict[str, dict[str, list[Check]]] = {}
        self._parts: dict[tuple[str, str], tuple[Part, ...]] = {}
        self._applies: dict[tuple[str, str], Expr | None] = {}

    @cached_property
    def logic(self) -> Logic:
        """The reasoner on expressions without any dossier."""
        bounds = cache(partial(whole_numbers, self.pack.schema))
        return Logic(self.pack.manifest.zone, self.pack.parameters, self.deductions, bounds)

    @cached_property
    def deductions(self) -> dict[str, Expr]:
        """The expression of each deduction."""
        found = {}
        for rule in self.pack.rules.values():
            if rule.defined is not None and rule.defined.truth:
                found[rule.defines] = self.part(rule, rule.defined.key).expr
        return found

    @cached_property
    def graph(self) -> Graph:
        """The graph of the deductions."""
        return Graph(Definition(name, deduction=expr) for name, expr in self.deductions.items())

    def parts(self, rule: Rule) -> tuple[Part, ...]:
        """Every expression of a rule, except messages, typed in its first context."""
        return self.parts_in(self.compiled.read_in(rule)[0], rule)

    def parts_in(self, context: str, rule: Rule) -> tuple[Part, ...]:
        """Every expression of a rule, except messages, typed in a context."""
        key = (context, rule.id)
        if key not in self._parts:
            typed = partial(self.compiled.expression, context, rule=rule, written=True)
            self._parts[key] = tuple(Part(rule, one.key, one.cause, one.text, typed(one.text)) for one in written(rule))
        return self._parts[key]

    def part(self, rule: Rule, key: str) -> Part:
        """The expression under a key of a rule."""
        return next(part for part in self.parts(rule) if part.key == key)

    def everything(self) -> Iterator[Part]:
        """Every expression of the pack, except messages."""
        for rule in self.pack.rules.values():
            yield from self.parts(rule)

    def spoken(self, rule: Rule) -> Iterator[tuple[str, Expr]]:
        """Every placeholder in the messages of a rule, with its cause."""
        for cause in rule.texts():
            for expr in self.compiled.template(self.compiled.read_in(rule)[0], rule, cause).exprs:
                yield cause, expr

    def applies(self, context: str, rule: Rule) -> Expr | None:
        """The condition under which a rule applies in a context, minus its exceptions; None: always."""
        key = (context, rule.id)
        if key not in self._applies:
            if rule.in_force is not None or rule.id in self.compiled.exceptions:
                self._applies[key] = self.compiled.applicability(context, rule)
            else:
                self._applies[key] = self.compiled.expression(context, rule.when, rule) if rule.when else None
        return self._applies[key]

    @cached_property
    def inert(self) -> frozenset[str]:
        """The rules that apply in none of their contexts, for any dossier."""
        return frozenset(
            rule.id
            for rule in self.pack.rules.values()
            if rule.requests
            and all(
                (when := self.applies(context, rule)) is not None and self.logic.impossible((when, True))
                for context in self.compiled.read_in(rule)
            )
        )

    def checks(self, rule: Rule) -> list[Check]:
        """The checks of a rule, in its first context."""
        context = self.compiled.read_in(rule)[0]
        if context not in self._checks:
            found: dict[str, list[Check]] = {}
            for check in self.compiled.context(context).checks:
                found.setdefault(check.rule, []).append(check)
            self._checks[context] = found
        return self._checks[context].get(rule.id, [])

    def endings(self, rule: Rule) -> Iterator[Ending]:
        """The ways in which a rule answers, in its first context, once it applies."""
        opened = self.applies(self.compiled.read_in(rule)[0], rule) is not None
        for check in self.checks(rule):
            given: tuple[Expr, ...] = ()
            for rank, step in enumerate(check.steps):
                for truth, outcome in ((True, step.true), (False, step.false)):
                    if outcome is not None and not (opened and rank == 0):
                        yield Ending(rule, outcome, step.test, truth, given, step.written)
                passes = step.test if step.true is None else Expr(NOT, (step.test,), BOOLEAN)
                given = (*given, passes)

    def failures(self, rule: Rule) -> Iterator[Ending]:
        """The written tests by which a rule fails or reaches a recovery step, in its first context."""
        return (end for end in self.endings(rule) if end.cause and end.written)

    @cached_property
    def used(self) -> frozenset[tuple[str, str]]:
        """Everything that is read, as (operation, path or name)."""
        found = set(self.readers.of)
        manifest = self.pack.manifest
        found.update((AMOUNT_NAME, request.amount) for request in manifest.requests.values() if request.amount)
        words = [word for request in manifest.requests.values() for word in (request.maximum, request.settled)]
        limits = [word.text for word in words if word is not None]
        found.update((op, name) for name in limits for op in (AMOUNT_NAME, PARAMETER, DEDUCTION))
        if manifest.proof is not None:
            names = manifest.proof.parameters
            found.update((PARAMETER, name.text) for name in names)
        silences = [request.silence for request in manifest.requests.values() if request.silence is not None]
        found.update((PARAMETER, silence.delay.text) for silence in silences)
        found.update((PARAMETER, name.text) for names in manifest.delays.named.values() for name in names)
        if manifest.delays.holidays is not None:
            found.add((PARAMETER, manifest.delays.holidays.text))
        if manifest.recovery_threshold is not None:
            found.add((PARAMETER, manifest.recovery_threshold.text))
        return frozenset(found)


def key_place(owner: Rule | Parameter, key: str) -> Span:
    """The place of a key in a rule or a parameter, or of its identifier when the key is absent."""
    found = owner.node.keys.get(key) if owner.node else None
    return found.span if found else owner.span


def value_at(owner: Rule | Parameter, key: str) -> Node | None:
    """The node under a key of a rule or a parameter, or None."""
    return owner.node.entries.get(key) if owner.node else None


def scalar_in(node: Node | None, key: str) -> Scalar | None:
    """The text under a key of a mapping; None when it is not a text."""
    found = node.entries.get(key) if isinstance(node, Mapping) else None
    return found if isinstance(found, Scalar) else None
