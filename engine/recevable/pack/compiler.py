"""Compile rules as written into contexts ready to run: one per kind of request, and one for recovery.

All static checks happen here: names, types, exceptions, dependency order.  A pack that compiles cannot raise a type
error, an unknown name or a circular definition later.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import count
from typing import Final, TypeVar

from msgspec.structs import replace

from recevable.language.check import MOST_NODES, Scope, check, compile_text, levels, size
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span, in_order, position
from recevable.language.evaluate import Layout
from recevable.language.operations import OPERATIONS, counts
from recevable.language.syntax import KEYWORDS, MAX_LEVELS, ExpressionError, Syntax, parse
from recevable.language.tree import (
    AMOUNT_NAME,
    AND,
    ANSWER,
    DECIDED,
    DEDUCTION,
    FIELD,
    HISTORY,
    LITERAL,
    NOT,
    OR,
    PARAMETER,
    PRESENT,
    REFERENCES,
    REQUEST,
    RESULT,
    TODAY,
    VARIABLE,
    Expr,
    nodes,
    references,
)
from recevable.language.types import BOOLEAN, NUMERIC, Kind, Type, lookup, unify, walk
from recevable.pack.decided import MEMBERS
from recevable.pack.expressions import expression_fault
from recevable.pack.hints import did_you_mean
from recevable.pack.in_force import TEXT, NoReception, day_on, text_day, within
from recevable.pack.index import Index
from recevable.pack.kinds import kind_of
from recevable.pack.kinds.base import condition_of
from recevable.pack.loops import NEVER, ElementRewriter, excluded, of_each
from recevable.pack.model import (
    MISSING,
    NOT_APPLICABLE,
    RECOVERY,
    WHEN,
    AmountRule,
    Cause,
    Check,
    Claim,
    Context,
    Defined,
    Definition,
    InForce,
    ListContext,
    Request,
    Rule,
    Step,
    Template,
)
from recevable.pack.nodes import Scalar
from recevable.pack.results import result_of, with_results
from recevable.pack.template import compile_template

# What leads out of a circle through the elements that are set aside, and out of one through results.
_ASIDE: Final = "Un élément ne peut être écarté d'après ce que l'on calcule sans lui : retirez l'un de ces noms."
_ITSELF: Final = "Le résultat d'une règle ne peut pas dépendre de lui-même : retirez l'une de ces lectures."
# Plain names reserved by the language: no parameter, number or deduction may use them.
RESERVED: Final = KEYWORDS | {TODAY, REQUEST}
# The longest chain of names computed from each other; a longer one is unreadable and could exhaust recursion.
MAX_CHAIN: Final = 100
CHAIN: Final = "PAQ-CHAINE"


_Made = TypeVar("_Made")
Verified = tuple[dict[str, Context], dict[tuple[str, str, str], Template], dict[str, Expr]]


def verify(owner: Index) -> Verified:
    """Compile every context, message and recovery amount; raises DiagnosticError with each fault once."""
    faults = _Faults(owner)
    names = list(faults.names())
    if names:
        # otherwise every use of a badly defined name would be reported too
        raise DiagnosticError(sorted(names, key=position))
    found: dict[Diagnostic, None] = dict.fromkeys(faults.everywhere())
    contexts: dict[str, Context] = {}
    templates: dict[tuple[str, str, str], Template] = {}
    stakes: dict[str, Expr] = {}
    for name in owner.context_names:
        compiler = Compiler(owner, name)
        contexts[name] = compiler.context()
        for rule in contexts[name].rules.values():
            for cause, text in rule.texts().items():
                templates[name, rule.id, cause] = compiler.template(text, rule)
            if name == RECOVERY and rule.claim is not None:
                stakes[rule.id] = compiler.expression(rule.expressions.get(rule.claim.amount))
        found.update(dict.fromkeys(compiler.diagnostics))
    found.update(dict.fromkeys(faults.unused(contexts)))
    # report a chain once, by its first name, whichever contexts found it
    for chain in sorted((d for d in found if d.code == CHAIN), key=position)[1:]:
        del found[chain]
    if found:
        raise DiagnosticError(in_order(found))
    return contexts, templates, stakes


class _Faults:
    """Faults of a pack that do not belong to one context."""

    def __init__(self, owner: Index) -> None:
        self.owner = owner

    def everywhere(self) -> Iterable[Diagnostic]:
        yield from self._exception_faults()
        for rule in self.owner.pack.rules.values():
            for word in rule.defined.subject_to if rule.defined is not None else ():
                if word.text not in self.owner.answers:
                    help = (
                        did_you_mean(word.text, self.owner.answers)
                        or "Donnez l'identifiant d'une règle `appreciation`."
                    )
                    yield Diagnostic(
                        "PAQ-REGLE", f"appréciation inconnue : `{word.text}`", word.span, help, subject=word.text
                    )
        for request in self.owner.pack.manifest.requests.values():
            op, type_ = self.owner.names.get(request.amount, ("", BOOLEAN))
            if request.amount and (op != AMOUNT_NAME or type_.kind is not Kind.AMOUNT):
                amounts = [n for n, (o, t) in self.owner.names.items() if o == AMOUNT_NAME and t.kind is Kind.AMOUNT]
                help = did_you_mean(request.amount, amounts) or "Donnez le `nom` d'une règle `montant`."
                message = f"la demande `{request.name}` propose un montant inconnu : `{request.amount}`"
                yield Diagnostic("PAQ-DEMANDE", message, request.amount_span, help)
            yield from self._maximum_faults(request)
            yield from self._settled_faults(request)
        proof = self.owner.pack.manifest.proof
        for word in proof.parameters if proof is not None else ():
            if not self.owner.pack.parameters[word.text].by_decision:
                message = f"`{word.text}` ne se lit pas à la date de la décision, et une preuve n'en a pas d'autre"
                help = f"Écrivez `reference: decision` dans le paramètre `{word.text}`."
                yield Diagnostic("PAQ-REFERENCE", message, word.span, help, subject=word.text)

    def _maximum_faults(self, request: Request) -> Iterable[Diagnostic]:
        """Faults of a `maximum` that is not an amount of money, or that limits nothing."""
        maximum = request.maximum
        if maximum is None:
            return
        op, type_ = self.owner.names.get(maximum.text, ("", BOOLEAN))
        if op not in (AMOUNT_NAME, PARAMETER) or type_.kind is not Kind.AMOUNT:
            known = [n for n, (_, t) in self.owner.names.items() if t.kind is Kind.AMOUNT]
            help = did_you_mean(maximum.text, known) or "Donnez le nom d'un montant ou d'un paramètre `montant`."
            message = f"le maximum de la demande `{request.name}` n'est pas un montant : `{maximum.text}`"
            yield Diagnostic("PAQ-DEMANDE", message, maximum.span, help)
        elif not request.amount:
            message = f"la demande `{request.name}` a un maximum et ne propose aucun montant"
            yield Diagnostic(
                "PAQ-DEMANDE", message, maximum.span, "Ajoutez `montant_propose`, ou ôtez `montant_maximal`."
            )

    def _settled_faults(self, request: Request) -> Iterable[Diagnostic]:
        """Faults of a `settled` name that is not a deduction, or whose request proposes no amount."""
        settled = request.settled
        if settled is None:
            return
        op, _ = self.owner.names.get(settled.text, ("", BOOLEAN))
        if op != DEDUCTION:
            known = [n for n, (o, _) in self.owner.names.items() if o == DEDUCTION]
            help = did_you_mean(settled.text, known) or "Donnez le nom d'une règle `deduction`."
            message = f"`deja_regle` de la demande `{request.name}` n'est pas une déduction : `{settled.text}`"
            yield Diagnostic("PAQ-DEMANDE", message, settled.span, help)
        elif not request.amount:
            message = f"la demande `{request.name}` dit `deja_regle` et ne propose aucun montant"
            yield Diagnostic("PAQ-DEMANDE", message, settled.span, "Ajoutez `montant_propose`, ou ôtez `deja_regle`.")

    def unused(self, contexts: Mapping[str, Context]) -> Iterable[Diagnostic]:
        """Faults of definitions that no context uses; they are checked all the same."""
        used = {definition.name for context in contexts.values() for definition in context.definitions}
        compiler = Compiler(self.owner, self.owner.context_names[0])
        compiler.define(name for name in self.owner.definers if name not in used)
        return compiler.diagnostics

    def names(self) -> Iterable[Diagnostic]:
        """Faults of names defined twice: every plain name has one meaning."""
        pack = self.owner.pack
        owners: dict[str, Rule] = {}
        known = pack.manifest.requests
        for rule in pack.rules.values():
            if rule.defined is None:
                continue
            defined = rule.defined.name
            previous = owners.setdefault(defined.text, rule)
            before = previous.defined
            help = "Choisissez un autre nom."
            if defined.text in RESERVED:
                yield Diagnostic("PAQ-NOM", f"`{defined.text}` est un mot du langage", defined.span, help)
            elif defined.text in pack.parameters:
                line = pack.parameters[defined.text].span
                message = f"`{defined.text}` est déjà le nom d'un paramètre ({line})"
                yield Diagnostic("PAQ-NOM", message, defined.span, help)
            elif defined.text in pack.facts.fields:
                yield Diagnostic("PAQ-NOM", f"`{defined.text}` est déjà un champ du dossier", defined.span, help)
            elif defined.text in MEMBERS and any(pack.manifest.requests[r].each for r in rule.requests if r in known):
                message = f"`{defined.text}` dit déjà ce qui est décidé sur chaque demande"
                yield Diagnostic("PAQ-NOM", message, defined.span, help)
            elif previous is rule:
                continue
            elif before is None or rule.defined.truth or before.truth:
                message = f"`{defined.text}` est déjà le nom de la règle `{previous.id}` ({previous.span})"
                yield Diagnostic("PAQ-NOM", message, defined.span, help)
            elif rule.defined.type != before.type:
                kinds = f"`{before.type}` dans `{previous.id}`, `{rule.defined.type}` dans `{rule.id}`"
                help = "Toutes les règles qui donnent ce nom déclarent le même `type:`."
                yield Diagnostic("PAQ-NOM", f"`{defined.text}` a deux types : {kinds}", defined.span, help)
        for name, parameter in pack.parameters.items():
            if name in pack.facts.fields or name in RESERVED:
                what = "un mot du langage" if name in RESERVED else "déjà un champ du dossier"
                yield Diagnostic("PAQ-NOM", f"`{name}` est {what}", parameter.span, "Choisissez un autre nom.")

    def _exception_faults(self) -> Iterable[Diagnostic]:
        """Faults of exceptions that have no effect, or that leave no rule."""
        rules = self.owner.pack.rules
        circular = self._circular()
        for rule in rules.values():
            word = rule.exception_to
            if word is None:
                continue
            other = rules.get(word.text)
            if other is None:
                help = did_you_mean(word.text, rules) or "Donnez l'identifiant d'une règle du paquet."
                yield Diagnostic("PAQ-REGLE", f"règle inconnue : `{word.text}`", word.span, help, subject=word.text)
            elif WHEN in kind_of(other).refused:
                # an exception is a condition of application of the other rule
                help = kind_of(other).refused[WHEN]
                yield Diagnostic("PAQ-EXCEPTION", f"`{word.text}` est {kind_of(other).noun}", word.span, help)
            elif not set(rule.requests) & set(other.requests):
                message = f"`{rule.id}` et `{word.text}` ne portent sur aucune demande commune"
                yield Diagnostic("PAQ-EXCEPTION", message, word.span, "Corrigez `demandes` ou `exception_a`.")
            elif rule.id in circular:
                message = f"exceptions circulaires : aucune des règles `{rule.id}` et `{word.text}` ne s'appliquerait"
                yield Diagnostic(
                    "PAQ-CYCLE", message, word.span, "Une règle ne peut pas être l'exception de son exception."
                )

    def _circular(self) -> set[str]:
        """The rules that are exceptions to themselves, directly or through other exceptions."""
        rules = self.owner.pack.rules
        found: set[str] = set()
        seen: set[str] = set()
        for rule in rules.values():
            # follow each rule to the one it is an exception to, until a rule already visited
            path: dict[str, int] = {}
            current: Rule | None = rule
            while current is not None and current.id not in seen:
                seen.add(current.id)
                path[current.id] = len(path)
                current = rules.get(current.exception_to.text) if current.exception_to else None
            if current is not None and current.id in path:
                found.update(list(path)[path[current.id] :])
        return found


class Compiler:
    """Compiles the rules of one context; the kinds call its `boolean`, `ordered`, `presence`, ... (`RuleCompiler`)."""

    def __init__(self, owner: Index, name: str) -> None:
        self.owner, self.name = owner, name
        self.pack = owner.pack
        self.request: Request | None = self.pack.manifest.requests.get(name)
        self.diagnostics: list[Diagnostic] = []
        self._chained = False
        # the rule about each element of a list that is being compiled, and what is known of such rules
        self._inside: Rule | None = None
        self._named: dict[str, Expr] = {}
        self._aside: dict[str, tuple[Expr, str] | None] = {}
        self._pending: list[str] = []
        self._results: dict[str, Expr] = {}
        self._resulting: list[str] = []
        self._fresh = count(1)
        self._rewriting = self._rewriter()
        self._each = {request.name for request in self.pack.manifest.requests.values() if request.each}
        aliases = {REQUEST: self.request.root} if self.request else {}
        scope = Scope(
            self.pack.facts, self.pack.manifest.zone, owner.names, aliases, owner.answers, results=owner.results
        )
        read_on: dict[str, str | Expr | None] = {
            name: self._applied(scope) if p.read_on == TEXT else p.read_on
            for name, p in self.pack.parameters.items()
            if p.read_on
        }
        self.scope = replace(scope, read_on=read_on)

    def _applied(self, scope: Scope) -> Expr | None:
        """The day of the text that applies to the request, for its parameters; None when there is none."""
        try:
            return day_on(None, self.request, scope)
        except (NoReception, ExpressionError):  # a fault of the manifest is reported there
            return None

    # --- rules about each element of a list -------------------------------------------------------------------------

    def within(self, rule: Rule | None) -> Compiler:
        """The compiler of the expressions of a rule, in which the element that it is about has a name."""
        if rule is None or rule is self._inside or (rule.loop is None and self._inside is None):
            return self
        found = copy.copy(self)
        found._inside = rule if rule.loop is not None else None
        aliases = {REQUEST: self.request.root} if self.request else {}
        if rule.loop is not None:
            aliases[rule.loop.variable] = rule.loop.root
        found.scope = replace(self.scope, aliases=aliases)
        found._rewriting = found._rewriter()
        return found

    def _rewriter(self) -> ElementRewriter:
        return ElementRewriter(
            self.pack.manifest.lists,
            self.owner.of_elements,
            self._of_element,
            self._set_aside,
            self._fresh,
            {rule.id for rule in self.pack.rules.values() if rule.loop is not None and rule.question is not None},
        )

    def _once(self, pending: list[str], name: str, build: Callable[[], _Made], otherwise: _Made, help: str) -> _Made:
        """What `build` makes; a fault, and `otherwise`, when it needs itself.  `pending` is what is being made."""
        if name in pending:
            circle = pending[pending.index(name) :]
            first = circle.index(min(circle))
            circle = [*circle[first:], *circle[:first], circle[first]]
            rule = self.pack.rules.get(circle[0]) or self.owner.definers[circle[0]][0]
            self._add(Diagnostic("PAQ-CYCLE", f"définition circulaire : {' → '.join(circle)}", rule.span, help))
            return otherwise
        pending.append(name)
        try:
            return build()
        finally:
            pending.pop()

    def _read(self, expr: Expr) -> Expr:
        """An expression, its lists without the elements set aside, except in the rules that set them aside."""
        return self._rewriting.rewritten(expr) if self.pack.manifest.lists else expr

    def _of_element(self, name: str) -> Expr:
        """The expression of a name given to each element."""
        if name not in self._named:
            (rule,) = self.owner.definers[name]
            self._named[name] = self._once(self._pending, name, lambda: self._value_of(rule), _PLACEHOLDER, _ASIDE)
        return self._named[name]

    def _value_of(self, rule: Rule) -> Expr:
        assert rule.defined is not None
        inner = self.within(rule)
        if rule.defined.truth:
            return inner.expression(rule.expressions.get(rule.defined.key), Kind.BOOLEAN)
        return inner._amount(rule, rule.defined).rounded

    def _set_aside(self, path: str) -> tuple[Expr, str] | None:
        """Whether the element of a list is set aside, and by which rules; None when none does, or in one of them."""
        inside = self._inside
        if inside is not None and inside.loop is not None and inside.loop.path == path and inside.causes_aside:
            return None
        if path not in self._aside:
            rules = [rule for rule in self.owner.setting_aside.get(path, ()) if self.name in rule.requests]
            tests = []
            for rule in rules:
                checks: list[Check] = self._once(self._pending, rule.id, partial(self._checks, rule), [], _ASIDE)
                tests += [test for test in (excluded(rule, one) for one in checks) if test != NEVER]
            test = tests[0] if len(tests) == 1 else Expr(OR, tuple(tests), BOOLEAN)
            self._aside[path] = (test, ", ".join(rule.id for rule in rules)) if tests else None
        return self._aside[path]

    def _checks(self, rule: Rule) -> list[Check]:
        return list(kind_of(rule).checks(rule, self.within(rule)))

    # --- texts ------------------------------------------------------------------------------------------------------

    def expression(self, text: Scalar | None, expected: Kind | None = None, *, written: bool = False) -> Expr:
        """The typed tree of an expression; on a fault, records it and returns a placeholder that is never evaluated.

        `written`: see CompiledPack.
        """
        if text is None:
            return _PLACEHOLDER

        def build() -> Expr:
            expr = compile_text(text.text, self.scope, expected)
            return self._dated(text, expr) if written else self._with_results(text, self._dated(text, self._read(expr)))

        return self._guard(text, build)

    def boolean(self, text: Scalar) -> Expr:
        """See RuleCompiler."""
        return self.expression(text, Kind.BOOLEAN)

    def ordered(self, left: Scalar, op: str, right: Scalar) -> Expr:
        """See RuleCompiler."""
        if self.expression(left) is _PLACEHOLDER:
            return _PLACEHOLDER
        if self.expression(right) is _PLACEHOLDER:
            return _PLACEHOLDER
        try:
            expr = check(Syntax(op, (parse(left.text), parse(right.text)), None, 0, 0), self.scope)
            return self._with_results(left, self._read(expr))
        except ExpressionError as error:
            # each side is valid alone: the fault is reported on the second
            self._record(right, ExpressionError(error.message, 0, len(right.text), error.help))
            return _PLACEHOLDER

    def presence(self, path: Scalar) -> Expr:
        """See RuleCompiler."""

        def build() -> Expr:
            node = parse(path.text)
            return self._read(check(Syntax(PRESENT, (node,), None, node.start, node.end), self.scope))

        return self._guard(path, build)

    def answer(self, rule: str, value: str) -> Expr:
        """See RuleCompiler."""
        return compile_text(f'reponse("{rule}") = "{value}"', self.scope)

    def applicability(self, rule: Rule, *, dated: bool = True) -> Expr | None:
        """The condition under which a rule applies: in force, its `quand`, no exception; None: always.

        `dated`: with the days on which the rule is in force.
        """
        parts = self.within(rule)._conditions(rule, dated=dated)
        for other in self.owner.exceptions.get(rule.id, ()):
            if self.name in other.requests:
                exception = self.within(other)._conditions(other) or [Expr(LITERAL, (), BOOLEAN, True)]
                parts.append(Expr(NOT, (_all(exception),), BOOLEAN))
        return _all(parts) if parts else None

    def _conditions(self, rule: Rule, *, dated: bool = True) -> list[Expr]:
        """The days on which a rule is in force, then its `quand`."""
        parts = [self._in_force(rule.in_force)] if rule.in_force is not None and dated else []
        return [*parts, self.boolean(rule.when)] if rule.when else parts

    def defect(self, cause: Cause, text: Scalar) -> Expr:
        """See RuleCompiler."""
        test = self.boolean(text)
        return test if cause.in_force is None else _all([self._in_force(cause.in_force), test])

    def dated(self, cause: Cause) -> tuple[Step, ...]:
        """See RuleCompiler."""
        return () if cause.in_force is None else (Step(self._in_force(cause.in_force), None, NOT_APPLICABLE),)

    def _in_force(self, in_force: InForce) -> Expr:
        try:
            return within(in_force, day_on(in_force.on, self.request, self.scope))
        except NoReception:
            message = f"`{self.name}` n'a pas de date de réception"
            help = "Écrivez `selon: decision`, ou `selon:` suivi d'une date du dossier."
            fault = Diagnostic("PAQ-REFERENCE", message, in_force.span, help)
            if fault not in self.diagnostics:
                self.diagnostics.append(fault)
        except ExpressionError as error:
            if in_force.on is not None:  # otherwise the fault is that of the manifest, reported there
                self._record(in_force.on, error)
        return _PLACEHOLDER

    def _text(self) -> Expr | None:
        """The day whose text applies to the request, when the manifest says it."""
        text = self.request.text if self.request is not None else None
        if self.request is None or text is None:
            return None
        for word in (text.on, *(() if text.returned is None else (text.returned,))):
            try:
                day_on(word, self.request, self.scope)
            except ExpressionError as error:
                self._record(word, error)
                return None
        return text_day(text, self.request, self.scope)

    def opening(self, rule: Rule) -> tuple[Step, ...]:
        """See RuleCompiler."""
        when = self.applicability(rule)
        if when is None:
            return ()
        exceptions = [r for r in self.owner.exceptions.get(rule.id, ()) if self.name in r.requests]
        written = [condition_of(r, r.when) for r in (*exceptions, rule) if r.when is not None]
        return (Step(when, None, NOT_APPLICABLE, MISSING, tuple(written)),)

    def template(self, message: Scalar, rule: Rule | None = None) -> Template:
        """The compiled message of a cause of a rule."""
        inner = self.within(rule)
        try:
            return compile_template(message, lambda text, offset: inner._placeholder(message, text, offset))
        except ExpressionError as error:
            self._record(message, error)
            return Template(("",), ())

    def _placeholder(self, message: Scalar, text: str, offset: int) -> Expr:
        try:
            expr = self._dated(message, self._read(compile_text(text, self.scope)), offset)
            return self._with_results(message, expr, offset)
        except ExpressionError as error:
            raise error.shifted(offset) from None

    def _dated(self, text: Scalar, expr: Expr, offset: int = 0) -> Expr:
        """Return the expression; records a fault when it reads what cannot be known in this context."""
        if self._each:
            self._misread(text, expr, offset)
        if self.pack.manifest.lists:
            self._out_of_loop(text, expr, offset)
        if self.request is None:
            for node in nodes(expr):
                if node.op == PARAMETER and not self.pack.parameters[str(node.value)].by_decision:
                    self._undated(str(node.value), text.place(offset + node.start, node.end - node.start))
        return expr

    # --- results of other rules -------------------------------------------------------------------------------------

    def _with_results(self, text: Scalar, expr: Expr, offset: int = 0) -> Expr:
        """An expression with the tests of the rules whose result it reads, as a boolean or a text."""
        found = with_results(expr, lambda node: self._result(node, text, offset))
        if found is not expr and (size(found) > MOST_NODES or levels(found) > MAX_LEVELS):
            message = "expression démesurée, avec les règles dont elle lit le résultat"
            help = "Lisez le résultat de moins de règles, ou nommez dans une `deduction` ce qu'elles vérifient."
            self._add(Diagnostic("PAQ-ORDRE", message, text.span, help))
            return _PLACEHOLDER
        return found

    def _result(self, node: Expr, text: Scalar, offset: int) -> Expr:
        rule = self.pack.rules[node.value]
        loop = self._inside.loop if self._inside is not None else None
        code = message = help = ""
        if self.name not in rule.requests:
            code, message = "PAQ-DEMANDE", f"`{rule.id}` ne porte pas sur `{self.name}`, qui lit ici son résultat"
            help = "Une règle lit le résultat de celles de la même demande : corrigez `demandes`."
        elif rule.loop is not None and (loop is None or loop.path != rule.loop.path):
            code, message = "PAQ-ORDRE", f"`{rule.id}` a un résultat pour chaque élément de `{rule.loop.path}`"
            help = "Lisez-le dans une règle sur chaque élément de cette liste."
        if message:
            place = text.place(offset + node.start, node.end - node.start)
            self._add(Diagnostic(code, message, place, help, subject=rule.id))
            return _PLACEHOLDER
        if rule.id not in self._results:
            found = self._once(self._resulting, rule.id, lambda: self._result_of(rule), _PLACEHOLDER, _ITSELF)
            if found is _PLACEHOLDER:
                return found
            self._results[rule.id] = found
        return self._results[rule.id]

    def _result_of(self, rule: Rule) -> Expr:
        return result_of(self._checks(rule), self._type_of)

    def _type_of(self, path: str) -> Type:
        type_ = lookup(self.pack.facts, path)
        assert type_ is not None
        return type_

    def _misread(self, text: Scalar, expr: Expr, offset: int) -> None:
        """Report what only makes sense elsewhere: an answer given for each element, what is decided afterwards."""

        def add(node: Expr, code: str, message: str, help: str) -> None:
            # only a fault has a place: a pack that was prepared before has no text any more
            place = text.place(offset + node.start, node.end - node.start)
            self._add(Diagnostic(code, message, place, help, subject=str(node.value)))

        for node in nodes(expr):
            if node.op == ANSWER and self.name not in self._each:
                asked = [name for name in self.pack.rules[node.value].requests if name in self._each]
                if asked and self.name not in self.pack.rules[node.value].requests:
                    message = f"`{node.value}` a une réponse pour chaque demande `{asked[0]}`, non pour `{self.name}`"
                    help = f"Lisez ce qui en est décidé, par exemple `certains(d dans {DECIDED}.{asked[0]}, …)`."
                    add(node, "PAQ-DEMANDE", message, help)
            elif node.op == FIELD and str(node.value).startswith(f"{DECIDED}.") and self.name in self._each:
                message = f"`{node.value}` se lit une fois toutes les demandes décidées, non dans l'une d'elles"
                help = "Écrivez cette règle pour une autre demande, ou pour le recouvrement."
                add(node, "PAQ-ORDRE", message, help)

    def _out_of_loop(self, text: Scalar, expr: Expr, offset: int) -> None:
        """Report a name that has a value for each element of a list, read where there is none."""
        here = self._inside.loop.path if self._inside is not None and self._inside.loop is not None else ""
        for node in nodes(expr):
            asked = self.pack.rules[node.value].loop if node.op == ANSWER else None
            if asked is not None and asked.path != here:
                message = f"`{node.value}` a une réponse pour chaque élément de `{asked.path}`"
                help = "Lisez-la dans une règle sur chaque élément de cette liste."
                self._add(Diagnostic("PAQ-ORDRE", message, text.place(offset + node.start), help, subject=node.value))
            list_ = next((path for path, names in self.owner.of_elements.items() if node.value in names), here)
            if node.op in (AMOUNT_NAME, DEDUCTION) and list_ != here:
                message = f"`{node.value}` a une valeur pour chaque élément de `{list_}`"
                help = f"Lisez-la dans une fonction sur cette liste : `somme(e dans {list_}, e.{node.value})`."
                self._add(Diagnostic("PAQ-ORDRE", message, text.place(offset + node.start), help, subject=node.value))

    def _add(self, fault: Diagnostic) -> None:
        if fault not in self.diagnostics:
            self.diagnostics.append(fault)

    def _undated(self, name: str, place: Span) -> None:
        message = f"`{name}` se lit à la réception d'une demande, et `{self.name}`, qui s'en sert ici, n'en a pas"
        help = (
            f"Dites à quelle date le lire : `{name} au` suivi d'une date du dossier. Ou écrivez `reference: decision` "
            "dans le paramètre, si sa valeur est celle du jour de la décision pour toutes les demandes aussi."
        )
        self._add(Diagnostic("PAQ-REFERENCE", message, place, help, subject=name))

    def _guard(self, text: Scalar, build: Callable[[], Expr]) -> Expr:
        try:
            return build()
        except ExpressionError as error:
            self._record(text, error)
            return _PLACEHOLDER

    def _record(self, text: Scalar, error: ExpressionError) -> None:
        names = [
            *(path for path, type_ in walk(self.pack.facts) if type_.kind is not Kind.OBJECT),
            *self.pack.parameters,
        ]
        self.diagnostics.append(expression_fault(text, error, names))

    # --- the context ------------------------------------------------------------------------------------------------

    def context(self) -> Context:
        """Compile every rule of the context."""
        rules = {rule.id: rule for rule in self.pack.rules.values() if self.name in rule.requests}
        checks: list[Check] = []
        shown: list[str] = []
        outside: dict[Expr, str] = {}
        for rule in rules.values():
            own = self._checks(rule)
            loop = rule.loop
            checks.extend(own if loop is None else self._of_each(rule, loop.path, own))
            defined = rule.defined if loop is None else None
            if defined is not None and defined.type.kind in NUMERIC and rule.defines not in shown:
                shown.append(rule.defines)
            if rule.claim is not None:
                outside.setdefault(self._claimed(rule, rule.claim), rule.id)
            for text in rule.texts().values():
                for expr in self.template(text, rule).exprs:
                    outside.setdefault(expr, rule.id)
        label = self.template(self.request.label) if self.request and self.request.label else None
        for expr in label.exprs if label is not None else ():
            outside.setdefault(expr, self.name)
        # a name that is not an amount is a fault of the pack, reported once for all contexts
        maximum = self.request.maximum if self.request else None
        limit = self.expression(maximum) if maximum and maximum.text in self.owner.names else None
        word = self.request.settled if self.request else None
        settled = self.expression(word) if word and self.owner.names.get(word.text, ("",))[0] == DEDUCTION else None
        roots = [
            *outside,
            *(e for e in (limit, settled) if e is not None),
            *(step.test for check_ in checks for step in check_.steps),
        ]
        if self.request and self.request.amount and self.request.amount not in shown:
            shown.append(self.request.amount)
        of_elements = [rule.defines for rule in rules.values() if rule.defined is not None and rule.loop is not None]
        definitions = self._definitions(roots, [*shown, *of_elements])
        applied = self._text()
        everything = [*roots, *(() if applied is None else (applied,)), *(e for d in definitions for e in d.exprs)]
        layout = Layout(self.pack.manifest.zone, self.owner.facts_layout)
        # facts, parameters and deductions are each contiguous, so they are written with one slice assignment
        parameters, histories = (
            tuple(dict.fromkeys(str(node.value) for expr in everything for node in nodes(expr) if node.op == op))
            for op in (PARAMETER, HISTORY)
        )
        for op, names in ((PARAMETER, parameters), (HISTORY, histories)):
            for name in names:
                layout.slot(op, name)
        for definition in definitions:
            if definition.deduction is not None:
                layout.slot(DEDUCTION, definition.name)
        # allocate slots now for everything evaluated later, messages included
        for expr in everything:
            for node in nodes(expr):
                if node.op in REFERENCES:
                    layout.slot(node.op, node.value)
                elif OPERATIONS.get(node.op) is not None and OPERATIONS[node.op].over_list:
                    layout.slot(VARIABLE, node.value)
        fields: dict[str, Type] = {}
        for expr in everything:
            for path in references(expr, FIELD):
                fields.setdefault(path, lookup(self.pack.facts, path) or BOOLEAN)
        computed = tuple((rule, expr) for expr, rule in outside.items() if expr.args)
        return Context(
            self.name,
            self.request,
            definitions,
            tuple(checks),
            rules,
            layout,
            fields,
            tuple(shown),
            computed,
            limit,
            settled,
            parameters,
            histories,
            label,
            applied,
            tuple(self._loops({**rules, **{r.id: r for d in definitions for r in d.rules}}.values())),
        )

    def _of_each(self, rule: Rule, path: str, checks: Iterable[Check]) -> Iterable[Check]:
        """The checks of a rule about each element; nothing more is asked about one set aside."""
        aside = None if rule.may_reject else self._set_aside(path)
        for one in checks:
            own = excluded(rule, one) != NEVER
            yield of_each(self.pack.manifest.lists[path], one, None if aside is None or own else aside[0])

    def _loops(self, rules: Iterable[Rule]) -> Iterable[ListContext]:
        """The rules of the context that are about each element of a list, by list."""
        found: dict[str, list[Rule]] = {}
        for rule in rules:
            if rule.loop is not None:
                found.setdefault(rule.loop.path, []).append(rule)
        for path, own in found.items():
            numbers = [r.defines for r in own if r.defined is not None and r.defined.type.kind in NUMERIC]
            aside = self._set_aside(path)
            ids = frozenset(rule.id for rule in own)
            yield ListContext(self.pack.manifest.lists[path], ids, tuple(numbers), None if aside is None else aside[0])

    def _claimed(self, rule: Rule, claim: Claim) -> Expr:
        """The amount that a rule claims back."""
        text = rule.expressions.get(claim.amount)
        expr = self.expression(text)
        if text is not None and expr is not _PLACEHOLDER and expr.type.kind is not Kind.AMOUNT:
            message = f"`montant` attendu ici, `{expr.type.kind}` trouvé"
            help = "Donnez le nom d'un montant, un champ de format `montant` ou un calcul sur eux."
            self.diagnostics.append(Diagnostic("EXP-TYPE", message, text.span, help))
        return expr

    def _definitions(self, roots: Iterable[Expr], shown: Iterable[str]) -> tuple[Definition, ...]:
        """The definitions that the roots need, in dependency order; records a fault on a cycle."""
        available = self.owner.definers
        ordered: dict[str, Definition] = {}
        visiting: list[str] = []
        levels: dict[str, int] = {}

        def visit(name: str) -> None:
            if name in ordered or name not in available or self._chained:
                return
            if len(visiting) >= MAX_CHAIN:
                self._chain(visiting[0])
                return
            if name in visiting:
                self._circle(visiting[visiting.index(name) :])
                return
            visiting.append(name)
            definition = self._define(name, available[name])
            levels[name] = 1
            for expr in definition.exprs:
                for needed in references(expr, AMOUNT_NAME, DEDUCTION):
                    visit(needed)
                    levels[name] = max(levels[name], levels.get(needed, 0) + 1)
            visiting.pop()
            if levels[name] > MAX_CHAIN:
                self._chain(name)
            ordered[name] = self._before_numbers(definition, ordered)

        for name in shown:
            visit(name)
        for root in roots:
            for name in references(root, AMOUNT_NAME, DEDUCTION):
                visit(name)
        return tuple(ordered.values())

    def _chain(self, name: str) -> None:
        """Report a chain that is too long, once; the rest of it is not compiled."""
        if self._chained:
            return
        self._chained = True
        place = self._place(self.owner.definers[name][-1])
        message = f"`{name}` se calcule par une chaîne de plus de {MAX_CHAIN} déductions ou montants"
        help = "Personne ne peut la relire : regroupez-en plusieurs en une expression."
        self.diagnostics.append(Diagnostic(CHAIN, message, place, help, subject=name))

    def define(self, names: Iterable[str]) -> None:
        """Compile definitions only to record their faults."""
        self._definitions((), names)

    def _circle(self, names: list[str]) -> None:
        """Report a cycle once, from its first name in the order of the pack."""
        order = list(self.owner.definers)
        first = min(range(len(names)), key=lambda rank: order.index(names[rank]))
        circle = [*names[first:], *names[:first], names[first]]
        place = self._place(self.owner.definers[circle[0]][0])
        help = "Aucune valeur ne peut se calculer à partir d'elle-même : retirez l'un de ces noms de l'expression."
        self.diagnostics.append(Diagnostic("PAQ-CYCLE", f"définition circulaire : {' → '.join(circle)}", place, help))

    def _place(self, rule: Rule) -> Span:
        """The place of the name that a rule defines."""
        return rule.defined.name.span if rule.defined is not None else rule.span

    def _define(self, name: str, rules: Iterable[Rule]) -> Definition:
        amounts = []
        for rule in rules:
            defined = rule.defined
            if defined is None:
                continue
            if defined.truth:
                text = rule.expressions.get(defined.key)
                value = self.within(rule).expression(text, Kind.BOOLEAN)
                return Definition(name, deduction=value, rules=(rule,), written=value)
            amounts.append(self._amount(rule, defined))
        return Definition(name, amounts=tuple(amounts), rules=tuple(amount.rule for amount in amounts))

    def _before_numbers(self, definition: Definition, ordered: Mapping[str, Definition]) -> Definition:
        """The definition; a deduction, with the value of each number that it reads in the place of its name.

        Deductions are inferred before numbers are computed, since numbers may depend on them.  So a deduction reads
        only what one rule always gives, and that no question leaves open.  Deductions that other rules read, whose
        result it reads, are replaced too.
        """
        if definition.deduction is None:
            return definition
        (rule,) = definition.rules
        text = rule.expressions.get(rule.defined.key) if rule.defined is not None else None
        results = bool(references(self.within(rule).expression(text, written=True), RESULT))
        if not references(definition.deduction, AMOUNT_NAME) and not results:
            return definition
        known: dict[str, Expr] = {}
        refused: list[str] = []

        def value_of(node: Expr) -> Expr:
            name = str(node.value)
            if name not in known:
                # what is not computed yet is part of a circle, already reported
                known[name] = node
                for amount in ordered[name].amounts if name in ordered else ():
                    if len(ordered[name].amounts) > 1 or amount.when is not None or amount.subject_to:
                        refused.append(name)
                    else:
                        known[name] = visit(amount.rounded, inside=True)
            return known[name]

        def visit(node: Expr, *, inside: bool) -> Expr:
            if node.op == AMOUNT_NAME:
                return value_of(node)
            if node.op == DEDUCTION and inside:  # the network reads a deduction by `et`, `ou` and `non` only
                found = ordered.get(str(node.value))
                if found is None or found.deduction is None:
                    return node
                if found.name not in known:
                    known[found.name] = visit(found.deduction, inside=True)
                return known[found.name]
            below = inside or (results and node.op not in (AND, OR, NOT))
            args = tuple(visit(arg, inside=below) for arg in node.args)
            same = all(new is old for new, old in zip(args, node.args, strict=True))
            return node if same else replace(node, args=args)

        value = visit(definition.deduction, inside=False)
        message = help = ""
        if refused:
            message = f"la déduction `{definition.name}` dépend de `{refused[0]}`, qui peut ne pas avoir de valeur"
            help = (
                f"Donnez `{refused[0]}` par une seule règle, sans `quand`, exception ni `sous_reserve_de` ; ou mettez "
                "cette condition dans une règle."
            )
        elif size(value) > MOST_NODES:
            message = f"la déduction `{definition.name}` est trop longue, avec les calculs dont elle dépend"
            help = "Partagez-la en plusieurs déductions."
        if not message:
            return replace(definition, deduction=value)
        if text is not None:
            self._add(Diagnostic("PAQ-ORDRE", message, text.span, help))
        return definition

    def _units(self, value: Expr, defined: Defined, text: Scalar) -> None:
        """Check that a named duration counts what its type says: months have no fixed length."""
        wrong = [
            unit for unit in ("mois", "jours", "secondes") if unit not in defined.type.format and counts(value, unit)
        ]
        if wrong:
            message = f"cette durée compte des {wrong[0]}, et `{defined.name.text}` compte des {defined.type.format}"
            help = "Choisissez `type: duree` pour des jours, `type: duree_en_mois` pour des mois."
            self.diagnostics.append(Diagnostic("EXP-TYPE", message, text.span, help))

    def _amount(self, rule: Rule, defined: Defined) -> AmountRule:
        text = rule.expressions.get(defined.key)
        value = self.within(rule).expression(text)
        if value is not _PLACEHOLDER and text is not None and unify(value.type, defined.type) is None:
            message = f"`{defined.type.kind}` attendu ici, `{value.type.kind}` trouvé"
            help = "Déclarez `type:` ou corrigez l'expression."
            self.diagnostics.append(Diagnostic("EXP-TYPE", message, text.span, help))
        elif value is not _PLACEHOLDER and text is not None and defined.type.kind is Kind.DURATION:
            self._units(value, defined, text)
        questions = tuple(word.text for word in defined.subject_to)
        return AmountRule(rule, self.applicability(rule), value, defined.type, defined.rounding, questions)


def _all(parts: list[Expr]) -> Expr:
    return parts[0] if len(parts) == 1 else Expr(AND, tuple(parts), BOOLEAN)


_PLACEHOLDER: Final = Expr("litteral", (), BOOLEAN, None)
