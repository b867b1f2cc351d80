"""The pack's own choices where the text is silent (`defaut_maison`): those a rule depends on, those that counted.

A choice counted when its rule applied, or when an amount or the answer of a rule (including "not applicable") depends
on the parameter that holds it, directly or through other names.  The branch not taken of an alternative does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from recevable.decision.model import AmountLine, Finding, HouseDefault
from recevable.decision.unknowns import Unknowns
from recevable.language.calendar import local_day
from recevable.language.evaluate import Slots
from recevable.language.operations import OPERATIONS
from recevable.language.tree import AMOUNT_NAME, AND, AT, DEDUCTION, FIELD, HISTORY, OR, PARAMETER, TODAY, Expr, nodes
from recevable.language.types import TEXT
from recevable.pack.compiled import CompiledPack
from recevable.pack.graph import NAMES, Read, reads
from recevable.pack.model import Check, Context, Parameter, Result, Rule


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
                found.parameter(self.parameters[name], None, None)
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
        self, findings: Iterable[Finding], amounts: Iterable[AmountLine], stakes: Mapping[str, Expr], slots: Slots
    ) -> tuple[HouseDefault, ...]:
        """The choices that counted for findings and amounts; `stakes` maps a rule id to its unnamed amount."""
        search = _Search(self, slots)
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

    def day(self, parameter: Parameter, slots: Slots) -> date | None:
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

    def parameter(self, parameter: Parameter, day: date | None, value: Any) -> None:
        """Add a parameter value when it is a choice."""
        given = parameter.at(day) or parameter.values[-1]
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
    """Walks the expressions that were evaluated on a dossier."""

    def __init__(self, defaults: Defaults, slots: Slots) -> None:
        self.defaults, self.slots = defaults, slots
        self.found = _Found()
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
                self.found.parameter(parameter, self.defaults.day(parameter, self.slots), self._value(expr))
        elif expr.op == AT:
            parameter, day = self.defaults.parameters.get(expr.value), self._value(expr.args[1])
            if parameter is not None:
                self.found.parameter(parameter, day, self._value(expr))
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
                        self.found.parameter(self.defaults.parameters[node.value], None, None)
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
        return self.defaults.unknowns.evaluator(expr)(self.slots)
