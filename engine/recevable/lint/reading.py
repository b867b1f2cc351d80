"""A pack as the checks read it: every expression of every rule, typed, with its place in the files.

The compiler keeps what decides; a check also needs to point at what a person wrote.  It knows nothing of any check.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property, partial

from msgspec import Struct

from recevable.language.diagnostics import Span
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, NOT, PARAMETER, PRESENT, Expr, references
from recevable.language.types import BOOLEAN
from recevable.lint.limits import whole_numbers
from recevable.lint.logic import Logic
from recevable.pack.compiled import CompiledPack, defined_name
from recevable.pack.kinds import expressions
from recevable.pack.kinds.condition import Condition
from recevable.pack.kinds.deadline import Deadline
from recevable.pack.kinds.deduction import Deduction
from recevable.pack.kinds.piece import Piece
from recevable.pack.kinds.undue import Undue
from recevable.pack.model import Parameter, Rule
from recevable.pack.nodes import Mapping, Node, Scalar

WHEN = "quand"


class Part(Struct, frozen=True):
    """An expression of a rule: the key that holds it, the cause that it belongs to (if any), its text and its tree."""

    rule: Rule
    key: str
    cause: str
    text: Scalar
    expr: Expr

    def place(self, node: Expr | None = None) -> Span:
        """The place of a node of the tree; of the whole expression without one."""
        found = node or self.expr
        return self.text.place(found.start, found.end - found.start)


class Failure(Struct, frozen=True):
    """A way a rule fails: `test` is true or false (`fails_when`) while every one of `given` is true."""

    rule: Rule
    cause: str
    test: Expr
    fails_when: bool
    given: tuple[Expr, ...]
    text: Scalar


class Reading:
    """What is derived from a compiled pack, each part of it once and when first asked for."""

    def __init__(self, compiled: CompiledPack) -> None:
        self.compiled = compiled
        self.pack = compiled.pack
        self._parts: dict[str, tuple[Part, ...]] = {}
        self._applies: dict[tuple[str, str], Expr | None] = {}

    @cached_property
    def logic(self) -> Logic:
        """What can be known of an expression without any dossier."""
        bounds = cache(partial(whole_numbers, self.pack.schema))
        return Logic(self.pack.manifest.zone, self.pack.parameters, self.deductions, bounds)

    @cached_property
    def deductions(self) -> dict[str, Expr]:
        """What each deduction stands for."""
        found = {}
        for rule in self.pack.rules.values():
            if isinstance(rule.body, Deduction):
                found[defined_name(rule)] = self.part(rule, "vaut").expr
        return found

    def contexts(self, rule: Rule) -> tuple[str, ...]:
        """The contexts that a rule is compiled in; for a rule without requests, the first one that uses it."""
        return rule.requests or self.compiled.contexts_of(rule)[:1]

    def parts(self, rule: Rule) -> tuple[Part, ...]:
        """Every expression of a rule, messages apart, typed in its first context."""
        if rule.id not in self._parts:
            context = self.contexts(rule)[0]
            self._parts[rule.id] = tuple(
                Part(rule, key, cause, text, self.compiled.expression(context, text))
                for key, cause, text in _texts(rule)
            )
        return self._parts[rule.id]

    def part(self, rule: Rule, key: str) -> Part:
        """The expression of a key of a rule."""
        return next(part for part in self.parts(rule) if part.key == key)

    def everything(self) -> Iterator[Part]:
        """Every expression of the pack, messages apart."""
        for rule in self.pack.rules.values():
            yield from self.parts(rule)

    def spoken(self, rule: Rule) -> Iterator[tuple[str, Expr]]:
        """Every placeholder of the messages of a rule, with its cause."""
        for cause in rule.texts():
            for expr in self.compiled.template(self.contexts(rule)[0], rule, cause).exprs:
                yield cause, expr

    def applies(self, context: str, rule: Rule) -> Expr | None:
        """When a rule applies in a context, its exceptions taken off; None: always."""
        key = (context, rule.id)
        if key not in self._applies:
            if rule.id in self.compiled.exceptions:
                self._applies[key] = self.compiled.applicability(context, rule)
            else:
                self._applies[key] = self.compiled.expression(context, rule.when) if rule.when else None
        return self._applies[key]

    @cached_property
    def inert(self) -> frozenset[str]:
        """The rules that apply in none of their contexts, whatever the dossier."""
        return frozenset(
            rule.id
            for rule in self.pack.rules.values()
            if rule.requests
            and all(
                (when := self.applies(context, rule)) is not None and self.logic.impossible((when, True))
                for context in self.contexts(rule)
            )
        )

    def failures(self, rule: Rule) -> Iterator[Failure]:
        """The ways in which a rule can fail that depend on a written test, in its first context."""
        when = self.applies(self.contexts(rule)[0], rule)
        given = () if when is None else (when,)
        if isinstance(rule.body, Condition):
            part = self.part(rule, "condition")
            yield Failure(rule, "faux", part.expr, False, given, part.text)
        elif isinstance(rule.body, Deadline):
            received, latest = self.part(rule, "recu"), self.part(rule, "au_plus_tard")
            yield Failure(rule, "depasse", Expr("<=", (received.expr, latest.expr), BOOLEAN), False, given, latest.text)
        elif isinstance(rule.body, Piece):
            there = presence(self.part(rule, "piece").expr)
            yield Failure(rule, "absente", there, False, given, self.part(rule, "piece").text)
            for part in self.parts(rule):
                if part.key == "si":
                    yield Failure(rule, part.cause, part.expr, True, (*given, there), part.text)
        elif isinstance(rule.body, Undue):
            established = self.part(rule, "indu")
            before: tuple[Expr, ...] = (*given, established.expr)
            for part in self.parts(rule):
                if part.key == "si":
                    yield Failure(rule, part.cause, part.expr, True, before, part.text)
                    before = (*before, Expr(NOT, (part.expr,), BOOLEAN))

    @cached_property
    def used(self) -> frozenset[tuple[str, str]]:
        """Every parameter, number and deduction that something reads, as (operation, name)."""
        found: set[tuple[str, str]] = set()
        for rule in self.pack.rules.values():
            for expr in (*(part.expr for part in self.parts(rule)), *(expr for _, expr in self.spoken(rule))):
                for op in (PARAMETER, AMOUNT_NAME, DEDUCTION):
                    found.update((op, name) for name in references(expr, op))
        manifest = self.pack.manifest
        found.update((AMOUNT_NAME, request.amount) for request in manifest.requests.values() if request.amount)
        words = [word for request in manifest.requests.values() for word in (request.maximum, request.settled)]
        limits = [word.text for word in words if word is not None]
        found.update((op, name) for name in limits for op in (AMOUNT_NAME, PARAMETER, DEDUCTION))
        if manifest.proof is not None:
            names = manifest.proof.parameters
            found.update((PARAMETER, name.text) for name in names)
        return frozenset(found)


def presence(field: Expr) -> Expr:
    """That a field is in the dossier."""
    return Expr(PRESENT, (), BOOLEAN, field.value, field.start, field.end)


def key_place(owner: Rule | Parameter, key: str) -> Span:
    """Where a key stands in a rule or a parameter; the place of its identifier when it has no such key."""
    found = owner.node.keys.get(key) if owner.node else None
    return found.span if found else owner.span


def value_at(owner: Rule | Parameter, key: str) -> Node | None:
    """What is written under a key of a rule or a parameter."""
    return owner.node.entries.get(key) if owner.node else None


def scalar_in(node: Node | None, key: str) -> Scalar | None:
    """The text under a key of a mapping, if it is one."""
    found = node.entries.get(key) if isinstance(node, Mapping) else None
    return found if isinstance(found, Scalar) else None


def _texts(rule: Rule) -> Iterator[tuple[str, str, Scalar]]:
    """Key, cause and text of every expression of a rule."""
    if rule.when is not None:
        yield WHEN, "", rule.when
    for key, _, text in expressions(rule):
        yield key, "", text
    for cause in rule.causes:
        if cause.when is not None:
            yield "si", cause.name, cause.when
