"""The checks of one context as durable_rules rulesets.

Deductions live in a first ruleset, where forward chaining feeds each conclusion to the rules that wait for it; checks are
spread over small rulesets (the cost of the library grows with the square of their size).  Every check fires exactly one
branch, and every deduction exactly one value, or the run is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from recevable.inference.branches import (
    FALSE,
    TRUE,
    UNKNOWN,
    Atom,
    Branch,
    Deduced,
    TooManyBranches,
    Variable,
    branches,
    deduction_branches,
)
from recevable.inference.ruleset import END, MAX_FIELDS, MAX_RULES, IncompleteRun, Ruleset
from recevable.language.evaluate import Evaluator, Layout, Slots, build
from recevable.language.tree import Expr
from recevable.pack.model import Check, Context, Outcome

CHECKS_PER_RULESET: Final = 10


class UnsplittableRule(Exception):
    """A rule whose expression is too branched for the network; carries its id."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(slots=True)
class _Group:
    """Checks of one ruleset, the variables they read, and what each rule name stands for."""

    checks: list[int] = field(default_factory=list)
    variables: dict[Variable, None] = field(default_factory=dict)
    rules: int = 0


class Network:
    """Runs the checks of a context; safe to share between threads, which take turns."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._lock = Lock()
        self._fields: dict[Variable, str] = {}
        self._atoms: list[tuple[int, Evaluator]] = []
        self._rulesets: list[tuple[Ruleset, tuple[int, ...]]] = []
        self._outcomes: dict[str, tuple[int, Outcome]] = {}
        self._conclusions: dict[str, tuple[str, int]] = {}
        self._first: Ruleset | None = None
        self._deductions: dict[str, int] = {}
        self._index: dict[Variable, int] = {}
        self._bases: tuple[int, ...] = ()
        self._build()

    # --- construction -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        plans = [self._plan(check) for check in self.context.checks]
        deductions = {d.name: _chain(d.name, d.deduction) for d in self.context.definitions if d.deduction is not None}
        for variable in _variables(plans, deductions.values()):
            self._index[variable] = len(self._index)
            self._fields[variable] = f"{'a' if isinstance(variable, Atom) else 'd'}{len(self._index)}"
        for name in deductions:
            self._declare(Deduced(name))
        self._compile_atoms(self.context.layout)
        self._build_deductions(deductions)
        for group in self._groups(plans):
            self._build_group(group, plans)

    def _declare(self, variable: Variable) -> None:
        if variable not in self._index:
            self._index[variable] = len(self._index)
            self._fields[variable] = f"d{len(self._index)}"

    def _plan(self, check: Check) -> tuple[Branch, ...]:
        try:
            return branches(check)
        except TooManyBranches:
            raise UnsplittableRule(check.rule) from None

    def _compile_atoms(self, layout: Layout) -> None:
        for variable, index in self._index.items():
            if isinstance(variable, Atom):
                self._atoms.append((index, build(variable.expr, layout)))
            else:
                self._deductions[variable.name] = index

    def _build_deductions(self, deductions: Mapping[str, Sequence[tuple[Any, int]]]) -> None:
        if not deductions:
            return
        rules: dict[str, list[dict[str, int]]] = {}
        bases: dict[Variable, None] = {}
        for name, alternatives in deductions.items():
            for tests, value in alternatives:
                rule = f"c{len(rules)}"
                flat = {self._fields[v]: t for v, t in tests if isinstance(v, Atom)}
                chained = [{self._fields[v]: t} for v, t in tests if isinstance(v, Deduced)]
                bases.update(dict.fromkeys(v for v, _ in tests if isinstance(v, Atom)))
                rules[rule] = [*([flat] if flat else []), *chained] or [{END: 1}]
                self._conclusions[rule] = (name, value)
        self._bases = tuple(self._index[v] for v in bases)
        concluded = [self._fields[Deduced(name)] for name in deductions]
        self._first = Ruleset([self._fields[v] for v in bases], rules, concluded)

    def _groups(self, plans: Sequence[tuple[Branch, ...]]) -> Iterable[_Group]:
        group = _Group()
        for index, plan in enumerate(plans):
            used = dict.fromkeys(v for branch in plan for v, _ in branch.tests)
            merged = len(group.variables | used)
            full = len(group.checks) >= CHECKS_PER_RULESET or group.rules + len(plan) > MAX_RULES
            if group.checks and (full or merged > MAX_FIELDS):
                yield group
                group = _Group()
            group.checks.append(index)
            group.variables |= used
            group.rules += len(plan)
        if group.checks:
            yield group

    def _build_group(self, group: _Group, plans: Sequence[tuple[Branch, ...]]) -> None:
        rules: dict[str, list[dict[str, int]]] = {}
        for check in group.checks:
            for branch in plans[check]:
                rule = f"b{len(self._outcomes)}"
                # a check that a constant settles has one branch, always true: it hangs on the sentinel's own field
                rules[rule] = [{self._fields[v]: t for v, t in branch.tests} or {END: 1}]
                self._outcomes[rule] = (check, branch.outcome)
        fields = [self._fields[v] for v in group.variables]
        self._rulesets.append((Ruleset(fields, rules), tuple(self._index[v] for v in group.variables)))

    # --- evaluation -------------------------------------------------------------------------------------------------

    def run(self, slots: Slots) -> tuple[dict[str, bool | None], list[Outcome]]:
        """The deductions and the outcome of every check; raises IncompleteRun."""
        values = [UNKNOWN] * len(self._index)
        for index, evaluate in self._atoms:
            value = evaluate(slots)
            values[index] = UNKNOWN if value is None else TRUE if value else FALSE
        with self._lock:
            deduced = self._deduce(values)
            found: list[Outcome | None] = [None] * len(self.context.checks)
            for ruleset, indices in self._rulesets:
                for rule in ruleset.run([values[i] for i in indices]):
                    check, outcome = self._outcomes[rule]
                    if found[check] is not None:
                        raise IncompleteRun(f"two branches of {self.context.checks[check].rule} fired")
                    found[check] = outcome
        outcomes = [outcome for outcome in found if outcome is not None]
        if len(outcomes) != len(found):
            missing = next(c.rule for c, o in zip(self.context.checks, found, strict=True) if o is None)
            raise IncompleteRun(f"no branch of {missing} fired")
        return deduced, outcomes

    def _deduce(self, values: list[int]) -> dict[str, bool | None]:
        if self._first is None:
            return {}
        deduced: dict[str, bool | None] = {}

        def conclude(rule: str) -> tuple[str, int]:
            name, value = self._conclusions[rule]
            if name in deduced:
                raise IncompleteRun(f"two values of {name} were concluded")
            deduced[name] = {FALSE: False, TRUE: True, UNKNOWN: None}[value]
            values[self._deductions[name]] = value
            return self._fields[Deduced(name)], value

        self._first.run([values[i] for i in self._bases], conclude)
        if len(deduced) != len({name for name, _ in self._conclusions.values()}):
            raise IncompleteRun("a deduction was not concluded")
        return deduced

    def close(self) -> None:
        """Give every ruleset back to the library."""
        for ruleset in (*([self._first] if self._first else []), *(r for r, _ in self._rulesets)):
            ruleset.close()


def _chain(name: str, expr: Expr) -> tuple[tuple[tuple[tuple[Variable, int], ...], int], ...]:
    try:
        return deduction_branches(expr)
    except TooManyBranches:
        raise UnsplittableRule(name) from None


def _variables(plans: Iterable[tuple[Branch, ...]], deductions: Iterable[Any]) -> dict[Variable, None]:
    found: dict[Variable, None] = {}
    for plan in plans:
        for branch in plan:
            found.update(dict.fromkeys(v for v, _ in branch.tests))
    for alternatives in deductions:
        for tests, _ in alternatives:
            found.update(dict.fromkeys(v for v, _ in tests))
    return found
