"""The pack's own choices where the text is silent (`defaut_maison`): those a rule depends on, those that counted.

A choice counted when its rule applied, or when an amount or the answer of a rule (including "not applicable") depends
on the parameter that holds it, directly or through other names.  The branch not taken of an alternative does not count.

Few dossiers differ in what decides this: a search is remembered by the findings and by the values that it asked for, in
the order in which it did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import count
from typing import Any, Final

from recevable.decision.model import AmountLine, Finding, HouseDefault, Part
from recevable.decision.unknowns import Unknowns
from recevable.language.calendar import local_day
from recevable.language.evaluate import Slots
from recevable.language.operations import OPERATIONS
from recevable.language.tree import AMOUNT_NAME, AND, AT, DEDUCTION, FIELD, HISTORY, OR, PARAMETER, TODAY, Expr, nodes
from recevable.language.types import TEXT
from recevable.pack.compiled import CompiledPack
from recevable.pack.graph import NAMES, Read, reads
from recevable.pack.model import Check, Context, Parameter, Result, Rule, Value

# The most searches that are remembered.
_MOST: Final = 4096


class _Asked:
    """A value that a search asks for, and what it comes to for each answer: the next value, or the choices found.

    Answers are distinguished as they are for the search: truth values and dates by what they are, others by identity.
    """

    __slots__ = ("after", "evaluate")

    def __init__(self, evaluate: Callable[[Slots], Any]) -> None:
        self.evaluate = evaluate
        self.after: dict[Any, _Asked | tuple[HouseDefault, ...]] = {}


class _Same:
    """A value as a key, equal to itself alone; it is kept alive."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


def _key(value: Any) -> Any:
    return value if value is None or value is True or value is False or isinstance(value, date) else _Same(value)


class Defaults:
    """The choices that one context may use or did use."""

    def __init__(self, compiled: CompiledPack, context: Context, unknowns: Unknowns) -> None:
        self.compiled, self.context, self.unknowns = compiled, context, unknowns
        pack = compiled.pack
        self.graph = unknowns.graph
        self.parameters = {p.name: p for p in pack.parameters.values() if p.house_default}
        # most expressions reach no choice and are not walked; cached by identity, each kept alive with its answer
        self._reaching: dict[int, tuple[Expr, bool]] = {}
        # the parameters and names that are choices or are computed from one
        self._choices: set[Read] = {(PARAMETER, name) for name in self.parameters}
        # a definition comes after those that it reads
        for definition in context.definitions:
            if any(rule.house_default for rule in definition.rules) or any(map(self._reads_choice, definition.exprs)):
                self._choices |= {(op, definition.name) for op in NAMES}
        self.checks: dict[str, list[Check]] = {}
        for check in context.checks:
            if any(self.reach(step.test) for step in check.steps):
                self.checks.setdefault(check.rule, []).append(check)
        self._any = bool(self._choices) or any(rule.house_default for rule in context.rules.values())
        # the rules in whose findings no choice ever counts
        self._aside: frozenset[str] | None = None
        self._remembered: dict[Any, _Asked | tuple[HouseDefault, ...]] = {}
        self._paths = 0
        # the findings of a part that may count, each numbered once, no number twice; the number of a part, by identity
        self._numbers: dict[tuple[tuple[str, str, str], ...], int] = {}
        self._next = count(1)
        self._parts: dict[int, tuple[Part, int]] = {}
        request = context.request
        self.reception = context.layout.slots.get((FIELD, request.reception)) if request else None

    # --- before there is a dossier ------------------------------------------------------------------------------------

    def of_rule(self, rule: Rule) -> tuple[HouseDefault, ...]:
        """The choices that a rule of this context may depend on."""
        found = _Found(rule.id)
        found.rules((rule,))
        tests = [step.test for check in self.checks.get(rule.id, ()) for step in check.steps]
        for op, name in self.graph.follow(*tests):
            if op == PARAMETER and name in self.parameters:
                found.parameter(self.parameters[name], self.parameters[name].values[-1], None)
            definition = self.graph.definition(op, name)
            found.rules(definition.rules if definition is not None else ())
        return found.all()

    def reach(self, expr: Expr) -> bool:
        """Whether an expression reads a choice, directly or through names."""
        known = self._reaching.get(id(expr))
        if known is None:
            known = self._reaching[id(expr)] = (expr, self._reads_choice(expr))
        return known[1]

    def _reads_choice(self, expr: Expr) -> bool:
        return not self._choices.isdisjoint(reads(expr))

    # --- on a dossier -------------------------------------------------------------------------------------------------

    def applied(
        self, parts: Sequence[Part], amounts: Sequence[AmountLine], stakes: Mapping[str, Expr], slots: Slots
    ) -> tuple[HouseDefault, ...]:
        """The choices that counted for findings and amounts; `stakes` maps a rule id to its unnamed amount."""
        if not self._any:
            return ()
        if self._aside is None:
            names = dict.fromkeys(check.rule for check in self.context.checks)
            self._aside = frozenset(name for name in names if not self._may_count(name, stakes))
        start = (
            tuple([number for number in map(self._number, parts) if number]),
            tuple([(line.rule, line.name) for line in amounts]),
        )
        known = self._remembered.get(start)
        while isinstance(known, _Asked):
            value = known.evaluate(slots)
            known = known.after.get(value if value is None or value is True or value is False else _key(value))
        if known is not None:
            return known
        search = _Search(self, slots)
        found = self._searched(search, [finding for part in parts for finding in part.findings], amounts, stakes)
        self._remember(start, search.asked, found)
        return found

    def _number(self, part: Part) -> int:
        """The number of the findings of a part in which a choice may count; 0 when there are none."""
        known = self._parts.get(id(part))
        if known is not None:
            return known[1]
        aside = self._aside or frozenset()
        found = tuple([(one.rule, str(one.result), one.cause) for one in part.findings if one.rule not in aside])
        number = self._numbers.setdefault(found, next(self._next)) if found else 0
        if not part.notable:
            if len(self._parts) >= _MOST:
                self._parts.clear()
            self._parts[id(part)] = part, number
        return number

    def _may_count(self, name: str, stakes: Mapping[str, Expr]) -> bool:
        """Whether a choice may count in a finding of a rule."""
        rule = self.compiled.pack.rules[name]
        texts = (self.compiled.template(self.context.name, rule, cause).exprs for cause in rule.texts())
        return bool(rule.house_default or name in self.checks or name in stakes) or any(
            self.reach(expr) for exprs in texts for expr in exprs
        )

    def _remember(
        self,
        start: Any,
        asked: Iterable[tuple[Callable[[Slots], Any], Any]],
        found: tuple[HouseDefault, ...],
    ) -> None:
        """Add a search to the known ones: it asks for the same values as they do, up to the first that differs."""
        if self._paths >= _MOST:
            self._remembered, self._numbers, self._paths = {}, {}, 0
        self._paths += 1
        after, key = self._remembered, start
        for evaluate, value in asked:
            following = after.get(key)
            if not isinstance(following, _Asked):
                following = after[key] = _Asked(evaluate)
            after, key = following.after, _key(value)
        after[key] = found

    def _searched(
        self,
        search: _Search,
        findings: Iterable[Finding],
        amounts: Iterable[AmountLine],
        stakes: Mapping[str, Expr],
    ) -> tuple[HouseDefault, ...]:
        for finding in findings:
            rule = self.compiled.pack.rules[finding.rule]
            search.found.by = rule.id
            if finding.result is not Result.NOT_APPLICABLE:
                search.found.rules((rule,))
            for check in self.checks.get(rule.id, ()):
                search.check(check)
            if finding.result in (Result.FAILED, Result.TO_APPRAISE) and finding.cause in rule.texts():
                for expr in self.compiled.template(self.context.name, rule, finding.cause).exprs:
                    search.expr(expr)
            if rule.id in stakes and finding.result is not Result.NOT_APPLICABLE:
                search.expr(stakes[rule.id])
        for line in amounts:
            search.found.by = line.rule
            search.definition(line.name)
        return search.found.all()

    def given(self, parameter: Parameter, slots: Slots) -> Value:
        """The value of a parameter that is read, else its last one."""
        return parameter.at(self._day(parameter, slots)) or parameter.values[-1]

    def _day(self, parameter: Parameter, slots: Slots) -> date | None:
        """The day at which a parameter is read; None when unknown."""
        if parameter.by_decision or self.context.request is None:
            today: date = slots[self.context.layout.slot(TODAY, TODAY)]
            return today
        received = slots[self.reception] if self.reception is not None else None
        return None if received is None else local_day(received, self.compiled.pack.manifest.zone)


class _Found:
    """Collects choices without duplicates, with the rules that depend on them; `by` is the current rule."""

    def __init__(self, by: str = "") -> None:
        self.by = by
        self._all: dict[str, HouseDefault] = {}
        self._rules: dict[str, dict[str, None]] = {}

    def rules(self, rules: Iterable[Rule]) -> None:
        """Add the rules that are themselves choices."""
        for rule in rules:
            if rule.house_default:
                self._add(
                    HouseDefault(rule.id, rule.title, rule.house_default, rule.source, None, TEXT, parameter=False)
                )

    def parameter(self, parameter: Parameter, given: Value, value: Any) -> None:
        """Add a parameter value when it is a choice; `given` says its source."""
        reason = parameter.note or given.source
        self._add(
            HouseDefault(parameter.name, parameter.title, reason, given.source, value, parameter.type, parameter=True)
        )

    def _add(self, choice: HouseDefault) -> None:
        self._all.setdefault(choice.name, choice)
        self._rules.setdefault(choice.name, {})[self.by] = None

    def all(self) -> tuple[HouseDefault, ...]:
        """The choices, in the order in which they were found."""
        return tuple(
            HouseDefault(d.name, d.title, d.reason, d.source, d.value, d.type, d.parameter, tuple(self._rules[name]))
            for name, d in self._all.items()
        )


class _Search:
    """Walks the expressions that were evaluated on a dossier.

    `asked` are the values that it asked for, each once, in order: nothing else of the dossier decides what it finds.
    """

    def __init__(self, defaults: Defaults, slots: Slots) -> None:
        self.defaults, self.slots = defaults, slots
        self.found = _Found()
        self.asked: list[tuple[Callable[[Slots], Any], Any]] = []
        self._known: dict[int | str, Any] = {}
        self._names: set[tuple[str, str]] = set()

    def check(self, check: Check) -> None:
        """Walk the tests of a check, up to the one that answered."""
        for step in check.steps:
            self.expr(step.test)
            if step.answer(self._value(step.test)) is not None:
                break

    def expr(self, expr: Expr) -> None:
        """Add the choices that counted in an expression."""
        if not self.defaults.reach(expr):
            return
        if expr.op == PARAMETER:
            parameter = self.defaults.parameters.get(expr.value)
            if parameter is not None:
                given = self._ask(parameter.name, partial(self.defaults.given, parameter))
                self.found.parameter(parameter, given, self._value(expr))
        elif expr.op == AT:
            parameter = self.defaults.parameters.get(expr.value)
            if parameter is not None:
                given = parameter.at(self._value(expr.args[1])) or parameter.values[-1]
                self.found.parameter(parameter, given, self._value(expr))
            self.expr(expr.args[1])
        elif expr.op in (DEDUCTION, AMOUNT_NAME):
            self.definition(expr.value)
        elif expr.op == "si" and (condition := self._value(expr.args[0])) is not None:
            self.expr(expr.args[0])
            self.expr(expr.args[1] if condition else expr.args[2])
        elif expr.op in (AND, OR) and self._value(expr) is (expr.op == OR):
            # one operand was enough to decide
            for arg in expr.args:
                if self._value(arg) is (expr.op == OR):
                    self.expr(arg)
        elif expr.op in OPERATIONS and OPERATIONS[expr.op].over_list:
            # the element variable has no value here: everything the body reads counted
            for reached in self.defaults.graph.reached(*expr.args):
                for node in nodes(reached):
                    if node.op == PARAMETER:
                        self.expr(node)
                    elif node.op == HISTORY and node.value in self.defaults.parameters:
                        # read at the date of each element, it has no single value here
                        parameter = self.defaults.parameters[node.value]
                        self.found.parameter(parameter, parameter.values[-1], None)
        else:
            for arg in expr.args:
                self.expr(arg)

    def definition(self, name: str) -> None:
        """Add the choices that counted for a named value, and those that are its rules."""
        definition = self.defaults.graph.definitions.get(name)
        if definition is None or (self.found.by, name) in self._names:
            return
        self._names.add((self.found.by, name))
        if definition.deduction is not None:
            self.found.rules(definition.rules)
            self.expr(definition.deduction)
        for amount in definition.amounts:
            if amount.when is not None and self._value(amount.when) is False:
                continue
            if amount.when is not None:
                self.expr(amount.when)
            self.found.rules((amount.rule,))
            self.expr(amount.value)

    def _value(self, expr: Expr) -> Any:
        return self._ask(id(expr), self.defaults.unknowns.evaluator(expr))

    def _ask(self, name: int | str, evaluate: Callable[[Slots], Any]) -> Any:
        if name not in self._known:
            self._known[name] = evaluate(self.slots)
            self.asked.append((evaluate, self._known[name]))
        return self._known[name]
