"""The checks of one context as durable_rules rulesets.

Deductions live in a first ruleset, where forward chaining feeds each conclusion to the rules that wait for it; checks
are spread over small rulesets, since the cost of the library grows with the square of their size.  Every check fires
exactly one branch, and every deduction exactly one value, or the run is refused.

A truth value is True, False or None (unknown); the library only ever sees the integers 1, 0 and 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from recevable.inference.branches import (
    FALSE,
    TRUE,
    UNKNOWN,
    Atom,
    Branch,
    Deduced,
    Tests,
    TooManyBranches,
    Variable,
    branches,
    deduction_branches,
)
from recevable.inference.ruleset import END, MAX_FIELDS, MAX_RULES, IncompleteRun, Ruleset
from recevable.language.tree import DEDUCTION, Expr, references
from recevable.pack.model import Check, Context, Outcome

CHECKS_PER_RULESET: Final = 10
_TRUTH: Final = {FALSE: False, TRUE: True, UNKNOWN: None}


class UnsafeRule(Exception):
    """A rule that cannot be put to the network: its id (or the name it deduces) and why, in French."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(f"{rule}: {reason}")
        self.rule, self.reason = rule, reason


@dataclass(slots=True)
class Group:
    """The checks of one ruleset and, in order, the variables (by index) that settle them."""

    checks: list[int] = field(default_factory=list)
    variables: dict[Variable, None] = field(default_factory=dict)
    rules: int = 0
    indices: tuple[int, ...] = ()
    ruleset: Ruleset | None = None


class Network:
    """The rulesets of a context; threads take turns.

    `early` are the atoms that deductions read, `deduced` the deductions, `late` the other atoms: a vector of truth
    values lists them in that order.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self._lock = Lock()
        plans = [_plan(check) for check in context.checks]
        chains = {d.name: _chain(d.name, d.deduction) for d in context.definitions if d.deduction is not None}
        early = dict.fromkeys(
            v for chain in chains.values() for tests, _ in chain for v, _ in tests if isinstance(v, Atom)
        )
        late = dict.fromkeys(v for p in plans for b in p for v, _ in b.tests if isinstance(v, Atom) and v not in early)
        self.early = tuple(v.expr for v in early)
        self.deduced = tuple(chains)
        self.late = tuple(v.expr for v in late)
        ordered: list[Variable] = [*early, *(Deduced(name) for name in chains), *late]
        self._index = {variable: index for index, variable in enumerate(ordered)}
        self._fields = {v: f"{'a' if isinstance(v, Atom) else 'd'}{i}" for v, i in self._index.items()}
        self._outcomes: dict[str, tuple[int, Outcome]] = {}
        self._conclusions: dict[str, tuple[str, int]] = {}
        self._first = self._build_deductions(chains) if chains else None
        self.groups = list(self._groups(plans))
        for group in self.groups:
            self._build_group(group, plans)

    def _build_deductions(self, chains: Mapping[str, Sequence[tuple[Tests, int]]]) -> Ruleset:
        rules: dict[str, list[dict[str, int]]] = {}
        for name, chain in chains.items():
            for tests, value in chain:
                rule = f"c{len(rules)}"
                flat = {self._fields[v]: t for v, t in tests if isinstance(v, Atom)}
                chained = [{self._fields[v]: t} for v, t in tests if isinstance(v, Deduced)]
                rules[rule] = [*([flat] if flat else []), *chained] or [{END: 1}]
                self._conclusions[rule] = (name, value)
        fields = [field for variable, field in self._fields.items() if self._index[variable] < len(self.early)]
        return Ruleset(fields, rules, [self._fields[Deduced(name)] for name in chains])

    def _groups(self, plans: Sequence[tuple[Branch, ...]]) -> Iterable[Group]:
        """Checks in order, those of a rule together unless they alone pass a bound."""
        group = Group()
        for index, plan in enumerate(plans):
            used = dict.fromkeys(v for branch in plan for v, _ in branch.tests)
            same_rule = (
                bool(group.checks) and self.context.checks[group.checks[-1]].rule == self.context.checks[index].rule
            )
            full = len(group.checks) >= CHECKS_PER_RULESET and not same_rule
            over = group.rules + len(plan) > MAX_RULES or len(group.variables | used) > MAX_FIELDS
            if group.checks and (full or over):
                yield group
                group = Group()
            group.checks.append(index)
            group.variables |= used
            group.rules += len(plan)
        if group.checks:
            yield group

    def _build_group(self, group: Group, plans: Sequence[tuple[Branch, ...]]) -> None:
        rules: dict[str, list[dict[str, int]]] = {}
        for check in group.checks:
            for branch in plans[check]:
                rule = f"b{len(self._outcomes)}"
                # a check that a constant settles has one branch, always true: it hangs on the sentinel's own field
                rules[rule] = [{self._fields[v]: t for v, t in branch.tests} or {END: 1}]
                self._outcomes[rule] = (check, branch.outcome)
        group.indices = tuple(self._index[v] for v in group.variables)
        group.ruleset = Ruleset([self._fields[v] for v in group.variables], rules)

    # --- evaluation -------------------------------------------------------------------------------------------------

    def deduce(self, early: Sequence[bool | None]) -> tuple[bool | None, ...]:
        """The truth value of every deduction, from those of the early atoms; raises IncompleteRun."""
        if self._first is None:
            return ()
        found: dict[str, bool | None] = {}

        def conclude(rule: str) -> tuple[str, int]:
            name, value = self._conclusions[rule]
            if name in found:
                raise IncompleteRun(f"two values of {name} were concluded")
            found[name] = _TRUTH[value]
            return self._fields[Deduced(name)], value

        with self._lock:
            self._first.run([_integer(value) for value in early], conclude)
        if len(found) != len(self.deduced):
            missing = next(name for name in self.deduced if name not in found)
            raise IncompleteRun(f"{missing} was not concluded")
        return tuple(found[name] for name in self.deduced)

    def answer(self, group: Group, values: Sequence[bool | None]) -> list[Outcome]:
        """The outcome of every check of a group, from the values of its variables; raises IncompleteRun."""
        assert group.ruleset is not None
        found: dict[int, Outcome] = {}
        with self._lock:
            fired = group.ruleset.run([_integer(value) for value in values])
        for rule in fired:
            check, outcome = self._outcomes[rule]
            if check in found:
                raise IncompleteRun(f"two branches of {self.context.checks[check].rule} fired")
            found[check] = outcome
        if len(found) != len(group.checks):
            missing = next(check for check in group.checks if check not in found)
            raise IncompleteRun(f"no branch of {self.context.checks[missing].rule} fired")
        return [found[check] for check in group.checks]

    def close(self) -> None:
        """Give every ruleset back to the library."""
        for ruleset in (self._first, *(group.ruleset for group in self.groups)):
            if ruleset is not None:
                ruleset.close()


def _integer(value: bool | None) -> int:
    return UNKNOWN if value is None else TRUE if value else FALSE


_TOO_BRANCHED: Final = "l'expression est trop ramifiée pour le moteur ; découpez-la avec une `deduction`"


def _plan(check: Check) -> tuple[Branch, ...]:
    try:
        return branches(check)
    except TooManyBranches:
        raise UnsafeRule(check.rule, _TOO_BRANCHED) from None


def _chain(name: str, expr: Expr) -> tuple[tuple[Tests, int], ...]:
    try:
        chain = deduction_branches(expr)
    except TooManyBranches:
        raise UnsafeRule(name, _TOO_BRANCHED) from None
    for tests, _ in chain:
        for variable, _ in tests:
            if isinstance(variable, Atom) and references(variable.expr, DEDUCTION):
                raise UnsafeRule(name, "une déduction n'en lit une autre qu'à travers `et`, `ou`, `non`")
    return chain
