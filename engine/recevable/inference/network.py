"""The checks of one context as durable_rules rulesets.

Deductions live in a first ruleset, where forward chaining feeds each conclusion to the rules that wait for it; what one
ruleset cannot hold goes to a next stage, which receives the conclusions of the stages before as fields.  Checks are
spread over small rulesets, since the cost of the library grows with the square of their size.  Every check fires
exactly one branch, and every deduction exactly one value, or the run is refused.

A truth value is True, False or None (unknown); the library only ever sees the integers 1, 0 and 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from recevable.inference.branches import (
    FALSE,
    MAX_BRANCHES,
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
from recevable.inference.definitions import numbers, stores
from recevable.inference.ruleset import END, MAX_FIELDS, MAX_PENDING, MAX_RULES, IncompleteRun, Ruleset, UnsafeRuleset
from recevable.language.compiled import Program
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, Expr, references
from recevable.language.types import BOOLEAN
from recevable.pack.model import Check, Context, Outcome

Chain = tuple[tuple[Tests, int], ...]

CHECKS_PER_RULESET: Final = 10
_TRUTH: Final = {FALSE: False, TRUE: True, UNKNOWN: None}


class UnsafeRule(Exception):
    """A rule that cannot be put to the network: its id (or the name it deduces), why, and what to do, in French."""

    def __init__(self, rule: str, reason: str, help: str) -> None:
        super().__init__(f"{rule}: {reason}")
        self.rule, self.reason, self.help = rule, reason, help


class Group(Struct):
    """The checks of one ruleset and, in order, the variables (by index) that settle them."""

    checks: list[int] = []
    variables: dict[Variable, None] = {}
    rules: int = 0
    indices: tuple[int, ...] = ()
    ruleset: Ruleset | None = None


class Stage(Struct):
    """The deductions of one ruleset and, in order, the variables that enter it: atoms, deductions of earlier stages."""

    names: list[str] = []
    inputs: dict[Variable, None] = {}
    indices: tuple[int, ...] = ()
    ruleset: Ruleset | None = None


class Network:
    """The rulesets of a context; threads take turns.

    `early` are the atoms that deductions read, `deduced` the deductions, `late` the other atoms: a vector of truth
    values lists them in that order.  What feeds the rulesets is computed by generated code: `early_program` gives the
    early atoms; `late_program`, once deductions are in their slots, the numbers, the late atoms and what is only said.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self._lock = Lock()
        plans = [plan(check) for check in context.checks]
        chains = {d.name: chain(d.name, d.deduction) for d in context.definitions if d.deduction is not None}
        early = dict.fromkeys(
            v for chain in chains.values() for tests, _ in chain for v, _ in tests if isinstance(v, Atom)
        )
        late = dict.fromkeys(v for p in plans for b in p for v, _ in b.tests if isinstance(v, Atom) and v not in early)
        self.early = tuple(v.expr for v in early)
        self.deduced = tuple(chains)
        for name in chains:  # side by side: they are written in one go
            context.layout.slot(DEDUCTION, name)
        self.late = tuple(v.expr for v in late)
        # what each atom belongs to: a deduction, a rule
        early_readers = {v: name for name, c in reversed(chains.items()) for tests, _ in c for v, _ in tests}
        late_readers = {
            v: c.rule for p, c in zip(plans[::-1], context.checks[::-1], strict=True) for b in p for v, _ in b.tests
        }
        self.early_owners = tuple(early_readers[v] for v in early)
        self.late_owners = tuple(late_readers[v] for v in late)
        self.early_program = Program(self.early, context.layout)
        named = [Expr(AMOUNT_NAME, (), BOOLEAN, definition.name) for definition in numbers(context)]
        self.late_program = Program(
            [*named, *self.late, *(expr for _, expr in context.said)], context.layout, stores(context)
        )
        ordered: list[Variable] = [*early, *(Deduced(name) for name in chains), *late]
        self._index = {variable: index for index, variable in enumerate(ordered)}
        self._fields = {v: f"{'a' if isinstance(v, Atom) else 'd'}{i}" for v, i in self._index.items()}
        self._concluded = {name: self._fields[Deduced(name)] for name in chains}
        self._outcomes: dict[str, tuple[int, Outcome]] = {}
        self._conclusions: dict[str, tuple[str, int]] = {}
        self.stages = self._build_stages(list(chains), chains) if chains else []
        self.groups = list(self._groups(plans))
        for group in self.groups:
            self._build_group(group, plans)

    def __getstate__(self) -> dict[str, Any]:
        """Without what only building needs: the variables, whose trees would have to be hashed again on arrival."""
        state = {**self.__dict__, "_index": {}, "_fields": {}}
        state["groups"] = [replace(group, variables={}) for group in self.groups]
        state["stages"] = [replace(stage, inputs={}) for stage in self.stages]
        del state["_lock"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=Lock())

    def _build_stages(self, names: list[str], chains: Mapping[str, Chain]) -> list[Stage]:
        """One stage for these deductions, in order of dependency; where the door refuses it, one for each half."""
        inside = {Deduced(name) for name in names}
        used = dict.fromkeys(v for name in names for tests, _ in chains[name] for v, _ in tests)
        inputs = {variable: None for variable in used if variable not in inside}
        rules: dict[str, list[dict[str, int]]] = {}
        conclusions: dict[str, tuple[str, int]] = {}
        for name in names:
            for tests, value in chains[name]:
                rule = f"c{len(self._conclusions) + len(rules)}"
                flat = {self._fields[v]: t for v, t in tests if v in inputs}
                chained = [{self._fields[v]: t} for v, t in tests if v not in inputs]
                rules[rule] = [*([flat] if flat else []), *chained] or [{END: 1}]
                conclusions[rule] = (name, value)
        try:
            ruleset = Ruleset([self._fields[v] for v in inputs], rules, [self._concluded[name] for name in names])
        except UnsafeRuleset:
            if len(names) == 1:
                raise
            middle = len(names) // 2
            return [*self._build_stages(names[:middle], chains), *self._build_stages(names[middle:], chains)]
        self._conclusions |= conclusions
        return [Stage(names, inputs, tuple(self._index[v] for v in inputs), ruleset)]

    def _groups(self, plans: Sequence[tuple[Branch, ...]]) -> Iterable[Group]:
        """Checks in order, those of a rule together unless they alone pass a bound."""
        group = Group()
        for index, plan in enumerate(plans):
            used = dict.fromkeys(v for branch in plan for v, _ in branch.tests)
            same_rule = (
                bool(group.checks) and self.context.checks[group.checks[-1]].rule == self.context.checks[index].rule
            )
            # for any values a check follows one path, so that one of its tests at most waits at a time
            full = len(group.checks) >= (MAX_PENDING - 1 if same_rule else CHECKS_PER_RULESET)
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
        vector = [_integer(value) for value in early]
        found: dict[str, int] = {}

        def conclude(rule: str) -> tuple[str, int]:
            name, value = self._conclusions[rule]
            if name in found:
                raise IncompleteRun(f"two values of {name} were concluded")
            found[name] = value
            return self._concluded[name], value

        for stage in self.stages:
            assert stage.ruleset is not None
            with self._lock:
                stage.ruleset.run([vector[index] for index in stage.indices], conclude)
            missing = next((name for name in stage.names if name not in found), None)
            if missing is not None:
                raise IncompleteRun(f"{missing} was not concluded")
            vector += [found[name] for name in stage.names]
        return tuple(_TRUTH[found[name]] for name in self.deduced)

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
        for ruleset in (*(stage.ruleset for stage in self.stages), *(group.ruleset for group in self.groups)):
            if ruleset is not None:
                ruleset.close()


def _integer(value: bool | None) -> int:
    return UNKNOWN if value is None else TRUE if value else FALSE


_BRANCHED: Final = (
    f"ses conditions se croisent en plus de {MAX_BRANCHES} combinaisons",
    "Nommez une partie de l'expression dans une `deduction`, et servez-vous de ce nom.",
)
_BURIED: Final = (
    "elle lit une autre déduction autrement qu'avec `et`, `ou` et `non`",
    "Reliez les déductions par `et`, `ou`, `non` seulement, sans `si` ni comparaison.",
)


def plan(check: Check) -> tuple[Branch, ...]:
    """The branches of a check; raises UnsafeRule."""
    try:
        return branches(check)
    except TooManyBranches:
        raise UnsafeRule(check.rule, *_BRANCHED) from None


def chain(name: str, expr: Expr) -> Chain:
    """The branches of a deduction; raises UnsafeRule."""
    try:
        found = deduction_branches(expr)
    except TooManyBranches:
        raise UnsafeRule(name, *_BRANCHED) from None
    for tests, _ in found:
        for variable, _ in tests:
            if isinstance(variable, Atom) and references(variable.expr, DEDUCTION):
                raise UnsafeRule(name, *_BURIED)
    return found
