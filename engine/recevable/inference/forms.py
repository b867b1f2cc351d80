"""The forms of checks: the shape of their branches, whatever they read (docs/adr/0011).

The rules of a form are given to the library once.  A form that asks less than another is asked of it, with its other
variables fixed, and needs no rules of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from recevable.inference.branches import FALSE, Tests, Variable
from recevable.inference.ruleset import MAX_RULES, IncompleteRun, Ruleset

# For each branch its tests: the index of a variable, and its value.  Exactly one branch holds for any values.
Form = tuple[tuple[tuple[int, int], ...], ...]

# A field takes at most ten values, and the first field selects the form.
FORMS_PER_RULESET: Final = 10
# The effort to find a form within another, in comparisons of their branches.
_EFFORT: Final = 100
_FORM: Final = "forme"


# The rule that fired for each fact that a decision has already asked of a ruleset (by identity).
Asked = dict[tuple[int, tuple[int, ...]], str]


class Place(Struct, frozen=True):
    """Where a form is asked: its ruleset, and a fact whose first field is the number of the form that answers.

    `fields` are those that take the values of its variables, in pairs (field, variable); the others keep theirs.
    `ranks` gives, for the name of each rule, the index of the branch of the form.
    """

    ruleset: Ruleset
    fact: tuple[int, ...]
    fields: tuple[tuple[int, int], ...]
    ranks: dict[str, int]


class Question(Struct, frozen=True):
    """A check or a deduction as a query: its label, the place of its form, the indices of its variables."""

    label: str
    place: Place
    variables: tuple[int, ...]

    def ask(self, vector: Sequence[int], asked: Asked) -> int:
        """The index of the branch that holds for the vector; raises IncompleteRun.

        A fact that is in `asked` is not asked again.
        """
        place, variables = self.place, self.variables
        fact = list(place.fact)
        for field, variable in place.fields:
            fact[field] = vector[variables[variable]]
        key = id(place.ruleset), tuple(fact)
        rule = asked.get(key)
        if rule is None:
            fired = place.ruleset.run(fact)
            if len(fired) != 1:
                raise IncompleteRun(f"{'two branches' if fired else 'no branch'} of {self.label} fired")
            rule = asked[key] = fired[0]
        if rule not in place.ranks:
            raise IncompleteRun(f"a branch of another form than that of {self.label} fired")
        return place.ranks[rule]


class Forms:
    """The rulesets for everything that contexts query without chaining: one per ten forms, within its bounds."""

    def __init__(self, branchings: Iterable[Sequence[Tests]]) -> None:
        """`branchings` are the branches of each check or deduction that will be asked."""
        found = dict.fromkeys(_form(branches)[0] for branches in branchings)
        hosts: list[Form] = []
        for form in sorted(found, key=lambda form: (len(form), _width(form)), reverse=True):
            if all(within(form, host) is None for host in hosts):
                hosts.append(form)
        # a fact has the fields of the widest form of its ruleset, so forms of similar width are grouped
        hosts.sort(key=_width)
        self._hosts: dict[Form, tuple[Ruleset, int, int]] = {}
        chunk: list[Form] = []
        for host in hosts:
            full = len(chunk) == FORMS_PER_RULESET or sum(map(len, (*chunk, host))) > MAX_RULES
            if chunk and (full or _width(host) > 2 * _width(chunk[0]) + 1):
                self._build(chunk)
                chunk = []
            chunk.append(host)
        if chunk:
            self._build(chunk)
        self._places = {form: self._place(form) for form in found}

    def _build(self, forms: Sequence[Form]) -> None:
        fields = [_FORM, *(f"v{rank}" for rank in range(max(map(_width, forms))))]
        rules: dict[str, list[dict[str, int]]] = {}
        starts: list[int] = []
        for number, form in enumerate(forms):
            starts.append(len(rules))
            for tests in form:
                rules[f"b{len(rules)}"] = [{_FORM: number} | {f"v{rank}": value for rank, value in tests}]
        ruleset = Ruleset(fields, rules)
        for number, (form, start) in enumerate(zip(forms, starts, strict=True)):
            self._hosts[form] = ruleset, number, start

    def _place(self, form: Form) -> Place:
        """The place of a form, in the narrowest of those that answer for it."""
        found = ((host, within(form, host)) for host in self._hosts)
        host, (given, ranks) = next((host, answer) for host, answer in found if answer is not None)
        ruleset, number, start = self._hosts[host]
        fact = [number, *[FALSE] * (len(ruleset.fields) - 1)]
        for variable, source in given.items():
            fact[1 + variable] = FALSE if source >= 0 else ~source
        fields = tuple((1 + variable, source) for variable, source in given.items() if source >= 0)
        names = {f"b{start + rank}": branch for rank, branch in ranks.items()}
        return Place(ruleset, tuple(fact), fields, names)

    def question(self, label: str, branches: Sequence[Tests], indices: Mapping[Variable, int]) -> Question:
        """The query for a check or a deduction; `indices` are those of its variables."""
        form, variables = _form(branches)
        return Question(label, self._places[form], tuple(indices[variable] for variable in variables))


def _form(branches: Sequence[Tests]) -> tuple[Form, tuple[Variable, ...]]:
    """The form of a check or a deduction, and its variables in the order of the form."""
    ranks: dict[Variable, int] = {}
    form = tuple(tuple((ranks.setdefault(v, len(ranks)), value) for v, value in tests) for tests in branches)
    return form, tuple(ranks)


def _width(form: Form) -> int:
    """The number of variables of a form."""
    return 1 + max((rank for tests in form for rank, _ in tests), default=-1)


# --- a form within another --------------------------------------------------------------------------------------------

# Branches with their indices, once some variables are known: the tests that remain.
_Open = list[tuple[int, tuple[tuple[int, int], ...]]]
# Where each variable of the host comes from: the index of a variable of the form, or the complement (~) of a value.
_Given = dict[int, int]


def within(form: Form, host: Form) -> tuple[_Given, dict[int, int]] | None:
    """How `host` answers for `form`: where its variables come from, and for each of its branches that of the form.

    None when no way is found, which does not prove that there is none.  Host variables that are not given may have any
    value.
    """
    found = _Match(_values(form), _values(host))
    given = found.match(list(enumerate(form)), list(enumerate(host)), {})
    return None if given is None else (given, found.ranks)


class _Match:
    """Walks the trees of two forms together."""

    def __init__(self, values: Mapping[int, set[int]], host_values: Mapping[int, set[int]]) -> None:
        self.values, self.host_values = values, host_values
        self.ranks: dict[int, int] = {}
        self.effort = _EFFORT

    def match(self, form: _Open, host: _Open, given: _Given) -> _Given | None:
        """`given` extended so that each branch of the host implies one of the form; None if no way is found."""
        self.effort -= 1
        if len(form) == 1:
            self.ranks |= dict.fromkeys((rank for rank, _ in host), form[0][0])
            return given
        if len(host) < len(form) or self.effort < 0:
            return None
        # the branches of a tree all start with the same test
        variable = host[0][1][0][0]
        if variable in given:
            return self.follow(form, host, given, variable, given[variable])
        used = set(given.values())
        asked = dict.fromkeys(source for _, tests in form for source, _ in tests if source not in used)
        # a variable that the host expects to be known must always be
        sources = [source for source in asked if self.values[source] <= self.host_values[variable]]
        for source in (*sources, *(~value for value in sorted(self.host_values[variable]))):
            found = self.follow(form, host, given | {variable: source}, variable, source)
            if found is not None:
                return found
        return None

    def follow(self, form: _Open, host: _Open, given: _Given, variable: int, source: int) -> _Given | None:
        """`match` below a host variable, for each value that its source may have."""
        if source < 0:
            return self.match(form, _known(host, variable, ~source), given)
        found: _Given | None = given
        for value in self.values[source]:
            if found is not None:
                found = self.match(_known(form, source, value), _known(host, variable, value), found)
        return found


def _values(form: Form) -> dict[int, set[int]]:
    """The values of each variable of a form."""
    found: dict[int, set[int]] = {}
    for tests in form:
        for variable, value in tests:
            found.setdefault(variable, set()).add(value)
    return found


def _known(branches: _Open, variable: int, value: int) -> _Open:
    """The branches that remain when a variable has a value, without its test."""
    return [
        (rank, tuple(test for test in tests if test[0] != variable))
        for rank, tests in branches
        if all(test[0] != variable or test[1] == value for test in tests)
    ]
