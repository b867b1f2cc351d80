"""The mutants of a pack, in the order of its files, and the mutated packs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final

from msgspec.structs import replace

from recevable.language.tree import PARAMETER, references
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import Pack, Parameter, Rule
from recevable.trials.mutation.model import Mutant
from recevable.trials.mutation.operators import operators as all_operators
from recevable.trials.mutation.sites import view

EVERYTHING: Final[Collection[str]] = frozenset()


def mutants(compiled: CompiledPack, operators: Collection[str] = EVERYTHING) -> Iterator[Mutant]:
    """Every mutant of the given operators (default: all): parameters first, then rules.

    When two operators give the same text, only the first makes a mutant.
    """
    for parameter in compiled.pack.parameters.values():
        if parameter.name in _tested(compiled):
            yield from _of(compiled, parameter, parameter.name, operators)
    for rule in compiled.pack.rules.values():
        yield from _of(compiled, rule, rule.id, operators)


def variant(compiled: CompiledPack, mutant: Mutant) -> CompiledPack:
    """The mutated pack, recompiled where it changed; raises DiagnosticError when it is invalid."""
    again = _touched(compiled, mutant)
    found = compiled.variant(mutated(compiled.pack, mutant), again)
    new, old = mutant.change.new, compiled.pack.rules.get(mutant.subject)
    if new is None or (isinstance(new, Rule) and old is not None and new.requests != old.requests):
        # the change may invalidate any other rule that refers to this one
        found.verify()
    for name in again:
        found.context(name)
    return found


def mutated(pack: Pack, mutant: Mutant) -> Pack:
    """The pack with the change made and everything else unchanged."""
    new = mutant.change.new
    if isinstance(new, Parameter):
        return replace(pack, parameters={**pack.parameters, new.name: new})
    rules = {name: new if name == mutant.subject else rule for name, rule in pack.rules.items()}
    return replace(pack, rules={name: rule for name, rule in rules.items() if rule is not None})


def _of(compiled: CompiledPack, subject: Rule | Parameter, name: str, operators: Collection[str]) -> Iterator[Mutant]:
    whole = view(compiled, subject)
    seen = {(site.key, site.write(site.expr)) for site in whole.sites}
    for operator in all_operators().values():
        ranks: Counter[str] = Counter()
        for change in operator.changes(whole):
            ranks[change.key] += 1
            if change.text:
                if (change.key, change.text) in seen:
                    continue
                seen.add((change.key, change.text))
            if not operators or operator.name in operators:
                yield Mutant(f"{name}/{operator.name}/{change.key}/{ranks[change.key]}", name, operator.name, change)


def _tested(compiled: CompiledPack) -> set[str]:
    """The parameters used in a test or a calculation; the others appear only in messages."""
    found: set[str] = set()
    for name in compiled.context_names:
        context = compiled.context(name)
        claims = [compiled.claimed(rule) for rule in context.rules.values() if rule.claim is not None]
        for expr in (*context.tested, *claims):
            found.update(references(expr, PARAMETER))
    return found


def _touched(compiled: CompiledPack, mutant: Mutant) -> set[str]:
    """The contexts to recompile; all of them when a rule is removed, since any may refer to it."""
    new = mutant.change.new
    if isinstance(new, Parameter):
        return set()
    if new is None:
        return set(compiled.context_names)
    uses = {c for c in compiled.context_names if any(d.name == new.defines for d in compiled.context(c).definitions)}
    return uses.union(compiled.pack.rules[mutant.subject].requests)
