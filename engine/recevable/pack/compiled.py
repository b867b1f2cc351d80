"""A compiled pack: what its contexts are made of, compiled when first asked for or verified as a whole.

It is what travels: a pack that was verified once can be kept and read back (`prepared.py`) without its compiler.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from recevable.language.diagnostics import DiagnosticError
from recevable.language.tree import Expr
from recevable.pack.index import Index
from recevable.pack.model import RECOVERY, Context, Pack, Rule, Template
from recevable.pack.nodes import Scalar

if TYPE_CHECKING:
    from recevable.pack.compiler import Compiler


class CompiledPack(Index):
    """A pack and its contexts.  Contexts are compiled when first asked for; `verify` compiles everything."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(pack)
        self._contexts: dict[str, Context] = {}
        self._compilers: dict[str, Compiler] = {}
        self._templates: dict[tuple[str, str, str], Template] = {}
        self._expressions: dict[str, Expr] = {}

    def context(self, name: str) -> Context:
        """The context of a request; raises DiagnosticError when its rules are wrong."""
        if name not in self._contexts:
            compiler = self._compiler(name)
            context = compiler.context()
            if compiler.diagnostics:
                raise DiagnosticError(compiler.diagnostics)
            self._contexts[name] = context
        return self._contexts[name]

    def contexts_of(self, rule: Rule) -> tuple[str, ...]:
        """Where a rule is compiled: its requests; without any, the contexts that use what it defines, else all."""
        return rule.requests or self._uses.get(rule.defines, self.context_names)

    def read_in(self, rule: Rule) -> tuple[str, ...]:
        """The contexts in which to read the texts of a rule: without requests it means the same in all, one is enough.

        A rule of several requests may mean several things: `demande.` is not the same field in each.
        """
        return rule.requests or self.contexts_of(rule)[:1]

    @cached_property
    def _uses(self) -> dict[str, tuple[str, ...]]:
        """For each deduction and number, the contexts that compute it."""
        found: dict[str, tuple[str, ...]] = {}
        for name in self.context_names:
            for definition in self.context(name).definitions:
                found[definition.name] = (*found.get(definition.name, ()), name)
        return found

    def template(self, context: str, rule: Rule, cause: str) -> Template:
        """The message of a cause (or the question, under the empty name), typed in a context."""
        key = (context, rule.id, cause)
        if key not in self._templates:
            compiler = self._compiler(context)
            template = compiler.template(rule.texts()[cause])
            if compiler.diagnostics:
                raise DiagnosticError(compiler.diagnostics)
            self._templates[key] = template
        return self._templates[key]

    def stake(self, rule: Rule) -> Expr:
        """The amount that a rule claims back, typed in the context of recovery."""
        if rule.id not in self._expressions:
            assert rule.claim is not None
            self._expressions[rule.id] = self.expression(RECOVERY, rule.expressions[rule.claim.amount])
        return self._expressions[rule.id]

    def expression(self, context: str, text: Scalar) -> Expr:
        """An expression of a rule, typed in a context."""
        compiler = self._compiler(context)
        expr = compiler.expression(text)
        if compiler.diagnostics:
            raise DiagnosticError(compiler.diagnostics)
        return expr

    def applicability(self, context: str, rule: Rule) -> Expr | None:
        """When a rule applies, its exceptions taken off; None: always."""
        return self._compiler(context).applicability(rule)

    def verify(self) -> None:
        """Compile everything; raises DiagnosticError with all that is wrong, each fault once."""
        from recevable.pack.compiler import verify

        self._contexts, self._templates, self._expressions = verify(self)

    def variant(self, pack: Pack, touched: Collection[str]) -> CompiledPack:
        """The same with some rules or parameters changed, messages apart; only contexts `touched` compile again."""
        found = CompiledPack(pack)
        found._contexts = {name: self.context(name) for name in self.context_names if name not in touched}
        found._templates = {key: template for key, template in self._templates.items() if key[1] in pack.rules}
        found.facts_layout = self.facts_layout
        return found

    def _compiler(self, name: str) -> Compiler:
        # a pack that was prepared before needs no compiler at all
        from recevable.pack.compiler import Compiler

        if name not in self._compilers:
            self._compilers[name] = Compiler(self, name)
        return self._compilers[name]

    def __getstate__(self) -> dict[str, Any]:
        """Without what only diagnostics and compilation need: the compilers, the sources, the names found again."""
        state = {**self.__dict__, "_compilers": {}, "pack": replace(self.pack, files={})}
        for name in ("definers", "exceptions", "field_titles"):
            state.pop(name, None)
        return state
