"""The choices of a pack where the text is silent (`defaut_maison`): those on which a rule rests, those that counted.

A choice counted when the rule that makes it applied, or when an amount or the answer of a rule (that it does not apply
is one) hangs on the parameter that holds it, directly or through other names.  What an alternative that was not taken
reads did not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from recevable.decision.model import AmountLine, Finding, HouseDefault
from recevable.decision.unknowns import Unknowns
from recevable.language.calendar import day_of
from recevable.language.evaluate import Slots
from recevable.language.operations import OPERATIONS
from recevable.language.tree import AMOUNT_NAME, AND, DEDUCTION, FIELD, OR, PARAMETER, TODAY, Expr, nodes
from recevable.language.types import TEXT
from recevable.pack.compiled import CompiledPack, defined_name
from recevable.pack.model import Check, Context, Definition, Parameter, Result, Rule

# What may hold a choice, or lead to one.
_CHOSEN: Final = frozenset((PARAMETER, DEDUCTION, AMOUNT_NAME))


class Defaults:
    """The choices of one context."""

    def __init__(self, compiled: CompiledPack, context: Context, unknowns: Unknowns) -> None:
        self.compiled, self.context, self.unknowns = compiled, context, unknowns
        pack = compiled.pack
        self.definitions: Mapping[str, Definition] = unknowns.definitions
        self.parameters = {p.name: p for p in pack.parameters.values() if p.house_default}
        self.deducing = {defined_name(r): r for r in pack.rules.values() if r.kind == "deduction"}
        # most expressions reach no choice at all, and are not walked; by identity, each kept with its answer
        self._reaching: dict[int, tuple[Expr, bool]] = {}
        self._definitions_reach: dict[str, bool] = {}
        self.checks: dict[str, list[Check]] = {}
        for check in context.checks:
            if any(self.reach(step.test) for step in check.steps):
                self.checks.setdefault(check.rule, []).append(check)
        request = context.request
        self.reception = context.layout.slots.get((FIELD, request.reception)) if request else None

    # --- before there is a dossier ------------------------------------------------------------------------------------

    def reached(self, *exprs: Expr) -> Iterator[Expr]:
        """Expressions and all those of the names that they read, each once."""
        waiting, seen = list(exprs), set[str]()
        while waiting:
            expr = waiting.pop(0)
            yield expr
            for node in nodes(expr):
                definition = self.definitions.get(node.value) if node.op in (DEDUCTION, AMOUNT_NAME) else None
                if definition is not None and definition.name not in seen:
                    seen.add(definition.name)
                    waiting += _parts(definition)

    def of_rule(self, rule: Rule) -> tuple[HouseDefault, ...]:
        """The choices on which a rule of this context may rest."""
        found = _Found(rule.id)
        if rule.house_default:
            found.rule(rule)
        tests = [step.test for check in self.checks.get(rule.id, ()) for step in check.steps]
        for expr in self.reached(*tests):
            for node in nodes(expr):
                if node.op == PARAMETER and node.value in self.parameters:
                    found.parameter(self.parameters[node.value], None, None)
                elif node.op in (DEDUCTION, AMOUNT_NAME) and node.value in self.definitions:
                    for maker in self.makers(self.definitions[node.value]):
                        if maker.house_default:
                            found.rule(maker)
        return found.all()

    def reach(self, expr: Expr) -> bool:
        """Whether an expression reads a choice, directly or through other names."""
        known = self._reaching.get(id(expr))
        if known is None:
            known = self._reaching[id(expr)] = (
                expr,
                any(node.op in _CHOSEN and self._is_choice(node) for node in nodes(expr)),
            )
        return known[1]

    def _is_choice(self, node: Expr) -> bool:
        if node.op == PARAMETER:
            return node.value in self.parameters
        definition = self.definitions.get(node.value) if node.op in (DEDUCTION, AMOUNT_NAME) else None
        if definition is None:
            return False
        if definition.name not in self._definitions_reach:
            chosen = [rule.house_default for rule in self.makers(definition)]
            self._definitions_reach[definition.name] = any(chosen) or any(map(self.reach, _parts(definition)))
        return self._definitions_reach[definition.name]

    def makers(self, definition: Definition) -> tuple[Rule, ...]:
        """The rules that give a name."""
        if definition.deduction is not None:
            return (self.deducing[definition.name],)
        return tuple(amount.rule for amount in definition.amounts)

    # --- on a dossier -------------------------------------------------------------------------------------------------

    def applied(
        self, findings: Iterable[Finding], amounts: Iterable[AmountLine], stakes: Mapping[str, Expr], slots: Slots
    ) -> tuple[HouseDefault, ...]:
        """The choices that counted for findings and amounts; `stakes` are the amounts without a name, by rule."""
        search = _Search(self, slots)
        for finding in findings:
            rule = self.compiled.pack.rules[finding.rule]
            search.found.by = rule.id
            if rule.house_default and finding.result is not Result.NOT_APPLICABLE:
                search.found.rule(rule)
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
        """The day at which a parameter is read."""
        if parameter.by_decision or self.context.request is None:
            today: date = slots[self.context.layout.slot(TODAY, TODAY)]
            return today
        received = slots[self.reception] if self.reception is not None else None
        return None if received is None else day_of(received, self.compiled.pack.manifest.zone)


class _Found:
    """Choices, each once, with the rules that rest on it; `by` is the one being looked at."""

    def __init__(self, by: str = "") -> None:
        self.by = by
        self._all: dict[str, HouseDefault] = {}
        self._rules: dict[str, dict[str, None]] = {}

    def rule(self, rule: Rule) -> None:
        """A rule is a choice."""
        self._all.setdefault(
            rule.id, HouseDefault(rule.id, rule.title, rule.house_default, rule.source, None, TEXT, parameter=False)
        )
        self._rules.setdefault(rule.id, {})[self.by] = None

    def parameter(self, parameter: Parameter, day: date | None, value: Any) -> None:
        """The value of a parameter is a choice."""
        given = parameter.at(day) or parameter.values[-1]
        reason = parameter.note or given.source
        self._all.setdefault(
            parameter.name,
            HouseDefault(parameter.name, parameter.title, reason, given.source, value, parameter.type, parameter=True),
        )
        self._rules.setdefault(parameter.name, {})[self.by] = None

    def all(self) -> tuple[HouseDefault, ...]:
        """The choices in the order in which they were met."""
        return tuple(
            HouseDefault(d.name, d.title, d.reason, d.source, d.value, d.type, d.parameter, tuple(self._rules[name]))
            for name, d in self._all.items()
        )


class _Search:
    """Walks what was evaluated on a dossier."""

    def __init__(self, defaults: Defaults, slots: Slots) -> None:
        self.defaults, self.slots = defaults, slots
        self.found = _Found()
        self._names: set[tuple[str, str]] = set()

    def check(self, check: Check) -> None:
        """The tests of a check up to the one that answered."""
        for step in check.steps:
            self.expr(step.test)
            if step.answer(self._value(step.test)) is not None:
                break

    def expr(self, expr: Expr) -> None:
        """Note what counted in an expression."""
        if not self.defaults.reach(expr):
            return
        if expr.op == PARAMETER:
            parameter = self.defaults.parameters.get(expr.value)
            if parameter is not None:
                self.found.parameter(parameter, self.defaults.day(parameter, self.slots), self._value(expr))
        elif expr.op in (DEDUCTION, AMOUNT_NAME):
            self.definition(expr.value)
        elif expr.op == "si" and (condition := self._value(expr.args[0])) is not None:
            self.expr(expr.args[0])
            self.expr(expr.args[1] if condition else expr.args[2])
        elif expr.op in (AND, OR) and self._value(expr) is (expr.op == OR):
            # one operand was enough
            for arg in expr.args:
                if self._value(arg) is (expr.op == OR):
                    self.expr(arg)
        elif expr.op in OPERATIONS and OPERATIONS[expr.op].over_list:
            # its element has no value here: all that the body reads counted
            for reached in self.defaults.reached(*expr.args):
                for node in nodes(reached):
                    if node.op == PARAMETER:
                        self.expr(node)
        else:
            for arg in expr.args:
                self.expr(arg)

    def definition(self, name: str) -> None:
        """Note what counted for a named value, and the rules that gave it."""
        definition = self.defaults.definitions.get(name)
        if definition is None or (self.found.by, name) in self._names:
            return
        self._names.add((self.found.by, name))
        if definition.deduction is not None:
            if self.defaults.deducing[name].house_default:
                self.found.rule(self.defaults.deducing[name])
            self.expr(definition.deduction)
        for amount in definition.amounts:
            if amount.when is not None and self._value(amount.when) is False:
                continue
            if amount.when is not None:
                self.expr(amount.when)
            if amount.rule.house_default:
                self.found.rule(amount.rule)
            self.expr(amount.value)

    def _value(self, expr: Expr) -> Any:
        return self.defaults.unknowns.evaluator(expr)(self.slots)


def _parts(definition: Definition) -> list[Expr]:
    parts = [definition.deduction] if definition.deduction is not None else []
    return parts + [e for amount in definition.amounts for e in (amount.when, amount.value) if e is not None]
