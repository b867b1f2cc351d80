"""A compiled pack: its contexts, compiled on first use or all at once by `verify`.

A verified pack can be pickled and read back without its compiler (`prepared.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from recevable.dossier.facts import Extractor
from recevable.language.diagnostics import DiagnosticError
from recevable.language.tree import Expr
from recevable.language.types import Type, lookup
from recevable.pack.index import Index
from recevable.pack.model import RECOVERY, Context, Pack, Rule, Template
from recevable.pack.nodes import Scalar

if TYPE_CHECKING:
    from recevable.pack.compiler import Compiler


class CompiledPack(Index):
    """A pack and its contexts.  Contexts are compiled on first use; `verify` compiles everything."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(pack)
        self._contexts: dict[str, Context] = {}
        self._compilers: dict[str, Compiler] = {}
        self._templates: dict[tuple[str, str, str], Template] = {}
        self._expressions: dict[str, Expr] = {}
        # extracts the fields of all contexts from a dossier; set only in a pack to be pickled
        self.extractor: Extractor | None = None

    def context(self, name: str) -> Context:
        """The context of a request; raises DiagnosticError when its rules are invalid."""
        if name not in self._contexts:
            compiler = self._compiler(name)
            context = compiler.context()
            if compiler.diagnostics:
                raise DiagnosticError(compiler.diagnostics)
            self._contexts[name] = context
        return self._contexts[name]

    def decides(self, label: str) -> bool:
        """Whether `label` names what can be decided: a request, `recouvrement`, or one element, `embauche:3`.

        Whether a dossier holds an element of that key is another question.
        """
        name, colon, key = label.partition(":")
        request = self.pack.manifest.requests.get(name)
        return name in self.context_names and (not colon or bool(key and request is not None and request.each))

    def fields(self, name: str) -> dict[str, Type]:
        """The fields that a context reads, with their types, including the date of its request."""
        context = self.context(name)
        found = dict(context.fields)
        if context.request is not None:
            reception = lookup(self.pack.facts, context.request.reception)
            assert reception is not None
            found.setdefault(context.request.reception, reception)
        return found

    def contexts_of(self, rule: Rule) -> tuple[str, ...]:
        """The contexts that compile a rule: its requests, else the contexts that use the name it defines, else all."""
        return rule.requests or self._uses.get(rule.defines, self.context_names)

    def evaluated_in(self, rule: Rule) -> tuple[str, ...]:
        """The contexts that evaluate a rule: its requests, and those that use the name it defines."""
        return tuple(dict.fromkeys((*rule.requests, *(self._uses.get(rule.defines, ())))))

    def read_in(self, rule: Rule) -> tuple[str, ...]:
        """The contexts in which to compile the texts of a rule: its requests, or any single one without requests.

        Several requests may give a text several meanings: `demande.` is a different field in each.
        """
        return rule.requests or self.contexts_of(rule)[:1]

    @cached_property
    def _uses(self) -> dict[str, tuple[str, ...]]:
        """The contexts that compute each deduction and number."""
        found: dict[str, tuple[str, ...]] = {}
        for name in self.context_names:
            for definition in self.context(name).definitions:
                found[definition.name] = (*found.get(definition.name, ()), name)
        return found

    def template(self, context: str, rule: Rule, cause: str) -> Template:
        """The message of a cause (or the question, when `cause` is empty), typed in a context."""
        key = (context, rule.id, cause)
        if key not in self._templates:
            compiler = self._compiler(context)
            template = compiler.template(rule.texts()[cause], rule)
            if compiler.diagnostics:
                raise DiagnosticError(compiler.diagnostics)
            self._templates[key] = template
        return self._templates[key]

    def claimed(self, rule: Rule) -> Expr:
        """The amount that a rule claims back, typed in the recovery context."""
        if rule.id not in self._expressions:
            assert rule.claim is not None
            self._expressions[rule.id] = self.expression(RECOVERY, rule.expressions[rule.claim.amount])
        return self._expressions[rule.id]

    def expression(self, context: str, text: Scalar, rule: Rule | None = None, *, written: bool = False) -> Expr:
        """An expression of a rule, typed in a context; `rule` is needed for one about each element of a list.

        `written`: as it is written, with the names given to elements and without those set aside.
        """
        compiler = self._compiler(context).within(rule)
        expr = compiler.expression(text, written=written)
        if compiler.diagnostics:
            raise DiagnosticError(compiler.diagnostics)
        return expr

    def applicability(self, context: str, rule: Rule, *, dated: bool = True) -> Expr | None:
        """The condition under which a rule applies, minus its exceptions; None: always.

        `dated`: with the days on which the rule is in force.
        """
        return self._compiler(context).applicability(rule, dated=dated)

    def verify(self) -> None:
        """Compile everything; raises DiagnosticError with all faults, without duplicates."""
        from recevable.pack.compiler import verify

        self._contexts, self._templates, self._expressions = verify(self)

    def variant(self, pack: Pack, touched: Collection[str]) -> CompiledPack:
        """A copy with other rules or parameters (same messages); only the contexts `touched` are compiled again."""
        found = CompiledPack(pack)
        found._contexts = {name: self.context(name) for name in self.context_names if name not in touched}
        found._templates = {key: template for key, template in self._templates.items() if key[1] in pack.rules}
        found.facts_layout = self.facts_layout
        return found

    def _compiler(self, name: str) -> Compiler:
        # a pack that was already prepared needs no compiler
        from recevable.pack.compiler import Compiler

        if name not in self._compilers:
            self._compilers[name] = Compiler(self, name)
        return self._compilers[name]

    def without_sources(self) -> CompiledPack:
        """A fully compiled copy, without the data used only by diagnostics, examples and compilation."""
        # imported late: a pack that was already prepared is not copied
        from recevable.pack.shared import Shared

        shared = Shared()
        found = CompiledPack(shared.copy(replace(self.pack, files={})))
        found._contexts = {name: shared.copy(self.context(name)) for name in self.context_names}
        found._templates, found._expressions = shared.copy(self._templates), shared.copy(self._expressions)
        found.facts_layout, found.answers = self.facts_layout, shared.copy(self.answers)
        found.names = shared.copy(self.names)
        fields = {path: type_ for name in self.context_names for path, type_ in self.fields(name).items()}
        found.extractor = Extractor(shared.copy(fields), self.facts_layout)
        return found
