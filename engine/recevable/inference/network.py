"""The checks of one context as durable_rules rulesets.

Deductions live in a first ruleset, where forward chaining feeds each conclusion to the rules that wait for it; what one
ruleset cannot hold goes to a next stage, which receives the conclusions of the stages before as fields.  Checks whose
branches test and distinguish the same, whatever they read, have one form, and its rules are given to the library once
(docs/adr/0011).  Every check fires exactly one branch, and every deduction exactly one value, or the run is refused.

A truth value is True, False or None (unknown); the library only ever sees the integers 1, 0 and 2.
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
from recevable.inference.ruleset import END, MAX_FIELDS, MAX_RULES, IncompleteRun, Ruleset, UnsafeRuleset
from recevable.language.compiled import Program
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, Expr, references
from recevable.language.types import BOOLEAN
from recevable.pack.model import Check, Context, Outcome

Chain = tuple[tuple[Tests, int], ...]
# For each branch of a check its tests: the rank of a variable, and its value.
Form = tuple[tuple[tuple[int, int], ...], ...]

# A field has ten values at most, and the first one tells which form is asked.
FORMS_PER_RULESET: Final = 10
CHECKS_PER_GROUP: Final = 10
_FORM: Final = "forme"
_TRUTH: Final = {FALSE: False, TRUE: True, UNKNOWN: None}


class UnsafeRule(Exception):
    """A rule that cannot be put to the network: its id (or the name it deduces), why, and what to do, in French."""

    def __init__(self, rule: str, reason: str, help: str) -> None:
        super().__init__(f"{rule}: {reason}")
        self.rule, self.reason, self.help = rule, reason, help


class Place(Struct, frozen=True):
    """Where the rules of a form are: their ruleset, the number of the form in it, the name of its first rule."""

    ruleset: Ruleset
    number: int
    first: int


class Question(Struct, frozen=True):
    """A check as a ruleset is asked it: where its variables are among those of its group, and what each rule says."""

    check: int
    place: Place
    variables: tuple[int, ...]
    outcomes: dict[str, Outcome]


class Group(Struct):
    """Checks whose answers are remembered together and, in order, the variables (by index) that settle them."""

    checks: list[int] = []
    variables: dict[Variable, None] = {}
    indices: tuple[int, ...] = ()
    questions: tuple[Question, ...] = ()


class Stage(Struct):
    """The deductions of one ruleset and, in order, the variables that enter it: atoms, deductions of earlier stages."""

    names: list[str] = []
    inputs: dict[Variable, None] = {}
    indices: tuple[int, ...] = ()
    ruleset: Ruleset | None = None


class Forms:
    """The rulesets of every check of some contexts: one per ten forms, within the bounds of a ruleset."""

    def __init__(self, contexts: Iterable[Context]) -> None:
        found = dict.fromkeys(_form(plan(check))[0] for context in contexts for check in context.checks)
        # a fact has the fields of the widest form of its ruleset: forms as wide are put together
        ordered = sorted(found, key=_width)
        self._places: dict[Form, Place] = {}
        chunk: list[Form] = []
        for form in ordered:
            if chunk and (len(chunk) == FORMS_PER_RULESET or sum(map(len, (*chunk, form))) > MAX_RULES):
                self._build(chunk)
                chunk = []
            chunk.append(form)
        if chunk:
            self._build(chunk)

    def _build(self, forms: Sequence[Form]) -> None:
        fields = [_FORM, *(f"v{rank}" for rank in range(max(map(_width, forms))))]
        rules: dict[str, list[dict[str, int]]] = {}
        starts: list[int] = []
        for number, form in enumerate(forms):
            starts.append(len(rules))
            for tests in form:
                rules[f"b{len(rules)}"] = [{_FORM: number} | {f"v{rank}": value for rank, value in tests}]
        ruleset = Ruleset(fields, rules)
        for number, (form, first) in enumerate(zip(forms, starts, strict=True)):
            self._places[form] = Place(ruleset, number, first)

    def question(self, check: int, branches: Sequence[Branch], indices: Mapping[Variable, int]) -> Question:
        """A check put to the ruleset of its form; `indices` are those of its variables in their group."""
        form, variables = _form(branches)
        place = self._places[form]
        outcomes = {f"b{place.first + rank}": branch.outcome for rank, branch in enumerate(branches)}
        return Question(check, place, tuple(indices[variable] for variable in variables), outcomes)


def _form(branches: Sequence[Branch]) -> tuple[Form, tuple[Variable, ...]]:
    """The form of a check, and its variables in the order of their ranks."""
    ranks: dict[Variable, int] = {}
    form = tuple(tuple((ranks.setdefault(v, len(ranks)), value) for v, value in b.tests) for b in branches)
    return form, tuple(ranks)


def _width(form: Form) -> int:
    """How many variables a form has."""
    return 1 + max((rank for tests in form for rank, _ in tests), default=-1)


class Network:
    """The rulesets of a context; contexts may share those of their checks, `forms`.

    `early` are the atoms that deductions read, `deduced` the deductions, `late` the other atoms: a vector of truth
    values lists them in that order.  What feeds the rulesets is computed by generated code: `early_program` gives the
    early atoms; `late_program`, once deductions are in their slots, the numbers, the late atoms and what is only said.
    """

    def __init__(self, context: Context, forms: Forms | None = None) -> None:
        self.context = context
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
        self._conclusions: dict[str, tuple[str, int]] = {}
        self.stages = self._build_stages(list(chains), chains) if chains else []
        self.groups = list(self._groups(plans))
        forms = forms or Forms([context])
        for group in self.groups:
            group.indices = tuple(self._index[v] for v in group.variables)
            places = {variable: place for place, variable in enumerate(group.variables)}
            group.questions = tuple(forms.question(check, plans[check], places) for check in group.checks)

    def __getstate__(self) -> dict[str, Any]:
        """Without what only building needs: the variables, whose trees would have to be hashed again on arrival."""
        state = {**self.__dict__, "_index": {}, "_fields": {}}
        state["groups"] = [replace(group, variables={}) for group in self.groups]
        state["stages"] = [replace(stage, inputs={}) for stage in self.stages]
        return state

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
        """Checks in order, those of a rule together unless they alone read too many variables."""
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
            stage.ruleset.run([vector[index] for index in stage.indices], conclude)
            missing = next((name for name in stage.names if name not in found), None)
            if missing is not None:
                raise IncompleteRun(f"{missing} was not concluded")
            vector += [found[name] for name in stage.names]
        return tuple(_TRUTH[found[name]] for name in self.deduced)

    def answer(self, group: Group, values: Sequence[bool | None]) -> list[Outcome]:
        """The outcome of every check of a group, from the values of its variables; raises IncompleteRun."""
        vector = [_integer(value) for value in values]
        found: list[Outcome] = []
        for question in group.questions:
            place = question.place
            asked = [place.number, *(vector[index] for index in question.variables)]
            # the fields that only wider forms test
            asked += [FALSE] * (len(place.ruleset.fields) - len(asked))
            fired = place.ruleset.run(asked)
            if len(fired) != 1:
                rule = self.context.checks[question.check].rule
                raise IncompleteRun(f"{'two branches' if fired else 'no branch'} of {rule} fired")
            if fired[0] not in question.outcomes:
                rule = self.context.checks[question.check].rule
                raise IncompleteRun(f"a branch of another check than those of {rule} fired")
            found.append(question.outcomes[fired[0]])
        return found

    def close(self) -> None:
        """Give every ruleset back to the library, those that other contexts share too."""
        stages = [stage.ruleset for stage in self.stages if stage.ruleset is not None]
        for ruleset in (*stages, *(question.place.ruleset for group in self.groups for question in group.questions)):
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
