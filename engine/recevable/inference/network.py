"""The checks of one context as durable_rules rulesets.

Checks, and deductions that read no other, have the same form when their branches test the same way, whatever they read;
the rules of a form are given to the library once (docs/adr/0011).  Deductions that read others are chained in a ruleset
where each conclusion triggers the rules that depend on it; those that do not fit go to the next stage, which receives
the earlier conclusions as fields.  Every check fires exactly one branch and every deduction exactly one value, or the
run is rejected.

A truth value is True, False or None (unknown), passed to the library as the integers 1, 0 and 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
from recevable.inference.forms import Asked, Forms, Question
from recevable.inference.ruleset import END, MAX_FIELDS, IncompleteRun, Ruleset, UnsafeRuleset
from recevable.language.generated import Program
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, Expr, references
from recevable.language.types import BOOLEAN
from recevable.pack.model import Check, Context, Outcome

Chain = tuple[tuple[Tests, int], ...]

CHECKS_PER_GROUP: Final = 7
_TRUTH: Final = {FALSE: False, TRUE: True, UNKNOWN: None}


class UnsafeRule(Exception):
    """A rule that the network cannot hold: its id (or the name it deduces), the reason and the remedy, in French."""

    def __init__(self, rule: str, reason: str, help: str) -> None:
        super().__init__(f"{rule}: {reason}")
        self.rule, self.reason, self.help = rule, reason, help


class Group(Struct):
    """Checks whose answers are cached together, and the indices of the variables that determine them."""

    checks: list[int] = []
    variables: dict[Variable, None] = {}
    indices: tuple[int, ...] = ()
    questions: tuple[tuple[Question, tuple[Outcome, ...]], ...] = ()


class Stage(Struct):
    """The deductions of one ruleset, and its input variables in order: atoms and earlier deductions."""

    names: list[str] = []
    inputs: dict[Variable, None] = {}
    indices: tuple[int, ...] = ()
    ruleset: Ruleset | None = None


def forms_of(contexts: Iterable[Context]) -> Forms:
    """The rulesets of the forms of several contexts."""
    branchings: list[list[Tests]] = []
    for context in contexts:
        branchings += [[branch.tests for branch in plan(check)] for check in context.checks]
        branchings += [[tests for tests, _ in chain] for chain in _chains(context).values() if _is_plain(chain)]
    return Forms(branchings)


def _chains(context: Context) -> dict[str, Chain]:
    """The branches of each deduction of a context."""
    return {d.name: chain(d.name, d.deduction) for d in context.definitions if d.deduction is not None}


def _is_plain(chain: Chain) -> bool:
    """Whether a deduction reads no other."""
    return not any(isinstance(variable, Deduced) for tests, _ in chain for variable, _ in tests)


class Network:
    """The rulesets of a context; contexts may share those of their forms.

    A vector of truth values lists `early` (the atoms that deductions read), `deduced` (the deductions), then `late`
    (the other atoms).  Generated code computes the inputs: `early_program` gives the early atoms; `late_program`, once
    the deductions are in their slots, gives the numbers, the late atoms and the values used only in messages.
    """

    def __init__(self, context: Context, forms: Forms | None = None) -> None:
        self.context = context
        plans = [plan(check) for check in context.checks]
        chains = _chains(context)
        early = dict.fromkeys(
            v for chain in chains.values() for tests, _ in chain for v, _ in tests if isinstance(v, Atom)
        )
        late = dict.fromkeys(v for p in plans for b in p for v, _ in b.tests if isinstance(v, Atom) and v not in early)
        self.early = tuple(v.expr for v in early)
        self.deduced = tuple(chains)
        for name in chains:  # contiguous, so that they are written with one slice assignment
            context.layout.slot(DEDUCTION, name)
        self.late = tuple(v.expr for v in late)
        # the owner of each atom: a deduction or a rule
        early_readers = {v: name for name, c in reversed(chains.items()) for tests, _ in c for v, _ in tests}
        late_readers = {
            v: c.rule for p, c in zip(plans[::-1], context.checks[::-1], strict=True) for b in p for v, _ in b.tests
        }
        self.early_owners = tuple(early_readers[v] for v in early)
        self.late_owners = tuple(late_readers[v] for v in late)
        self.early_program = Program(self.early, context.layout)
        named = [Expr(AMOUNT_NAME, (), BOOLEAN, definition.name) for definition in numbers(context)]
        self.late_program = Program(
            [*named, *self.late, *(expr for _, expr in context.shown)], context.layout, stores(context)
        )
        ordered: list[Variable] = [*early, *(Deduced(name) for name in chains), *late]
        self._index = {variable: index for index, variable in enumerate(ordered)}
        self._fields = {v: f"{'a' if isinstance(v, Atom) else 'd'}{i}" for v, i in self._index.items()}
        self._concluded = {name: self._fields[Deduced(name)] for name in chains}
        self._conclusions: dict[str, tuple[str, int]] = {}
        forms = forms or forms_of([context])
        plain = {name: c for name, c in chains.items() if _is_plain(c)}
        self.plain = tuple(
            (name, forms.question(name, [tests for tests, _ in c], self._index), tuple(value for _, value in c))
            for name, c in plain.items()
        )
        chained = [name for name in chains if name not in plain]
        self.stages = self._build_stages(chained, chains) if chained else []
        self.groups = list(self._groups(plans))
        for group in self.groups:
            group.indices = tuple(self._index[v] for v in group.variables)
            places = {variable: place for place, variable in enumerate(group.variables)}
            group.questions = tuple(
                (
                    forms.question(context.checks[check].rule, [branch.tests for branch in plans[check]], places),
                    tuple(branch.outcome for branch in plans[check]),
                )
                for check in group.checks
            )

    def __getstate__(self) -> dict[str, Any]:
        """Pickle without the variables, which only building needs and whose trees are slow to hash on loading."""
        state = {**self.__dict__, "_index": {}, "_fields": {}}
        state["groups"] = [replace(group, variables={}) for group in self.groups]
        state["stages"] = [replace(stage, inputs={}) for stage in self.stages]
        return state

    def _build_stages(self, names: list[str], chains: Mapping[str, Chain]) -> list[Stage]:
        """One stage for these deductions, in dependency order; split in half when the ruleset is rejected."""
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
        """Group checks in order, keeping those of a rule together unless they read too many variables."""
        group = Group()
        for index, plan in enumerate(plans):
            used = dict.fromkeys(v for branch in plan for v, _ in branch.tests)
            same_rule = (
                bool(group.checks) and self.context.checks[group.checks[-1]].rule == self.context.checks[index].rule
            )
            full = len(group.checks) >= CHECKS_PER_GROUP and not same_rule
            if group.checks and (full or len(group.variables | used) > MAX_FIELDS):
                yield group
                group = Group()
            group.checks.append(index)
            group.variables |= used
        if group.checks:
            yield group

    # --- evaluation -------------------------------------------------------------------------------------------------

    def deduce(self, early: Sequence[bool | None], asked: Asked | None = None) -> tuple[bool | None, ...]:
        """The truth value of every deduction, from those of the early atoms; raises IncompleteRun.

        `asked`: see `answer`.
        """
        asked = {} if asked is None else asked
        vector = [*map(_integer, early), *([UNKNOWN] * len(self.deduced))]
        places = {name: len(early) + rank for rank, name in enumerate(self.deduced)}
        found: dict[str, int] = {}
        for name, question, values in self.plain:
            found[name] = vector[places[name]] = values[question.ask(vector, asked)]

        def conclude(rule: str) -> tuple[str, int]:
            name, value = self._conclusions[rule]
            if name in found:
                raise IncompleteRun(f"two values of {name} were concluded")
            found[name] = vector[places[name]] = value
            return self._concluded[name], value

        for stage in self.stages:
            assert stage.ruleset is not None
            stage.ruleset.run([vector[index] for index in stage.indices], conclude)
            missing = next((name for name in stage.names if name not in found), None)
            if missing is not None:
                raise IncompleteRun(f"{missing} was not concluded")
        return tuple(_TRUTH[found[name]] for name in self.deduced)

    def answer(
        self,
        group: Group,
        values: Sequence[bool | None],
        asked: Asked | None = None,
        ranks: Iterable[int] | None = None,
    ) -> list[Outcome]:
        """The outcome of every check of a group, from the values of its variables; raises IncompleteRun.

        `asked` is shared by what one decision asks.  `ranks` are those of the only checks to ask.
        """
        vector = [_integer(value) for value in values]
        asked = {} if asked is None else asked
        questions = group.questions if ranks is None else [group.questions[rank] for rank in ranks]
        return [outcomes[question.ask(vector, asked)] for question, outcomes in questions]

    def close(self) -> None:
        """Release every ruleset, including those shared with other contexts."""
        asked = [question for _, question, _ in self.plain]
        asked += [question for group in self.groups for question, _ in group.questions]
        for stage in self.stages:
            assert stage.ruleset is not None
            stage.ruleset.close()
        for question in asked:
            question.place.ruleset.close()


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
