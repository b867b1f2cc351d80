"""Run the examples written inside rules, each on its rule alone."""

from __future__ import annotations

import decimal
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from recevable.decision.appraisals import recorded
from recevable.decision.decide import Decider
from recevable.decision.findings import FindingReader
from recevable.decision.model import AmountStep, Datum, Finding
from recevable.decision.steps import step_maker
from recevable.decision.unknowns import Unknowns
from recevable.dossier.dossier import Dossier
from recevable.inference.definitions import compute_given
from recevable.inference.reference import Reference
from recevable.language.calendar import Duration, parse_date, parse_instant
from recevable.language.diagnostics import Span
from recevable.language.evaluate import EXACT, Evaluators, Slots
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, Expr
from recevable.language.types import NUMERIC, Kind, Type
from recevable.language.unparse import literal, unparse
from recevable.pack.examples import Example
from recevable.pack.model import Context, Outcome, Result, Rule
from recevable.pack.parameters import read_duration


class ExampleResult(Struct, frozen=True):
    """The result of an example: what was expected and what was obtained."""

    rule: str
    rank: int
    span: Span
    expected: str
    got: str

    @property
    def passed(self) -> bool:
        """Whether both are equal; numbers are compared by value, so `2.0` equals `2.00`."""
        if self.expected == self.got:
            return True
        try:
            return decimal.Decimal(self.expected) == decimal.Decimal(self.got)
        except decimal.InvalidOperation:
            return False


class Evaluation(Struct, frozen=True):
    """An expression of a rule that was evaluated, its value, and what it read."""

    expr: Expr
    value: Any
    data: tuple[Datum, ...]


class Reply(Struct, frozen=True):
    """What the engine says of an example: its findings, the steps of the number it gives, what was evaluated."""

    findings: tuple[Finding, ...]
    steps: tuple[AmountStep, ...]
    evaluations: tuple[Evaluation, ...]


def run_example(example: Example, decider: Decider) -> ExampleResult:
    """Run one example, on the pack it was read from or on a variant of it.  Raises Contradiction."""
    expected = " ".join(example.expected)
    rule = decider.pack.rules.get(example.rule)
    got = "absente du paquet" if rule is None else _answer(example, rule, decider)
    return ExampleResult(example.rule, example.rank, example.span, expected, got)


def evaluate_example(example: Example, decider: Decider) -> tuple[Context, Slots, list[Outcome]]:
    """The context of an example reduced to its rule, the slots with names computed, an outcome per check."""
    one = decider.context_decider(example.request)
    # slots are shared: the layout only grows
    context = replace(one.context, checks=tuple(c for c in one.context.checks if c.rule == example.rule))
    dossier = Dossier(example.data, "")
    answers = recorded(example.data, decider.compiled.answers, example.day)
    with decimal.localcontext(EXACT):
        slots = one.slots(decider.facts(dossier, [one]), example.day, answers)
        for name, value in example.given.items():
            op = decider.compiled.names[name][0] if name in decider.compiled.names else ""
            slot = context.layout.slots.get((op, name))
            if slot is not None:
                slots[slot] = value if value is None else _given(value, decider.compiled.names[name][1], decider.zone)
        built = one.engine.built
        compute_given(context, built, slots, example.given)
        outcomes = Reference(context.checks, built).run(slots) if context.checks else []
    return context, slots, list(outcomes)


def explain_example(example: Example, decider: Decider) -> tuple[str, ...]:
    """The explanation of a rule's answer: each expression evaluated, its value, and what it read."""
    rule = decider.pack.rules.get(example.rule)
    zone = decider.pack.manifest.zone

    def described(one: Evaluation) -> str:
        assert rule is not None
        data = ((datum.name.replace(*rule.element or ("", "")), datum.value) for datum in one.data)
        read = ", ".join(f"{name} = {literal(value, zone)}" for name, value in data)
        return f"{unparse(one.expr, rule.element)} → {literal(one.value, zone)}{f' avec {read}' if read else ''}"

    if rule is None:
        return ()
    return tuple(dict.fromkeys(described(one) for one in answer_example(example, decider).evaluations))


def answer_example(example: Example, decider: Decider) -> Reply:
    """What the engine says of an example: findings with their messages, steps of a number, expressions evaluated.

    The rule must be in the pack.  Raises Contradiction.
    """
    rule = decider.pack.rules[example.rule]
    context, slots, outcomes = evaluate_example(example, decider)
    built = decider.context_decider(example.request).engine.built
    unknowns = Unknowns(decider.pack, context, built)
    with decimal.localcontext(EXACT):
        finding = FindingReader(decider.compiled, context, unknowns).tell(rule, outcomes, slots)
        steps: tuple[AmountStep, ...] = ()
        for amount in (one for d in context.definitions for one in d.amounts if one.rule.id == rule.id):
            if amount.when is None or built.of(amount.when)(slots):
                steps = step_maker(amount.rounded, built)(slots)
        evaluations = tuple(
            Evaluation(expr, built.of(expr)(slots), tuple(unknowns.read(expr, slots)))
            for expr in _evaluated(rule, context, slots, unknowns)
        )
    return Reply(tuple(finding), steps, evaluations)


def _evaluated(rule: Rule, context: Context, slots: Slots, unknowns: Unknowns) -> Iterator[Expr]:
    """The expressions of a rule, up to the one that gave each answer."""
    for check in context.checks:
        for step in check.steps:
            yield step.test
            if step.answer(unknowns.evaluator(step.test)(slots)) is not None:
                break
    for definition in context.definitions:
        if definition.name == rule.defines and definition.written is not None:
            yield definition.written
        for amount in definition.amounts:
            if amount.rule.id == rule.id:
                yield from (expr for expr in (amount.when, amount.value) if expr is not None)


def _answer(example: Example, rule: Rule, decider: Decider) -> str:
    context, slots, outcomes = evaluate_example(example, decider)
    if rule.defined is not None:
        with decimal.localcontext(EXACT):
            return _named(rule, context, slots, decider.context_decider(example.request).engine.built)
    return _summary(example.expected, [str(o) for o in outcomes if o.result is not Result.NOT_APPLICABLE])


def _named(rule: Rule, context: Context, slots: Slots, built: Evaluators) -> str:
    """What the rule itself gives to its name: a value, `manquant`, or `sans_objet` when it does not apply."""
    definition = next((d for d in context.definitions if d.name == rule.defines), None)
    if definition is None:
        return "inutilisé"
    if definition.deduction is not None:
        return _value(slots[context.layout.slot(DEDUCTION, definition.name)])
    amount = next(a for a in definition.amounts if a.rule.id == rule.id)
    applies = True if amount.when is None else built.of(amount.when)(slots)
    if applies is False:
        return str(Result.NOT_APPLICABLE)
    return _value(slots[context.layout.slot(AMOUNT_NAME, definition.name)] if applies else None)


def _summary(expected: Sequence[str], outcomes: list[str]) -> str:
    """The outcomes as an example writes them: all failures, or else the most serious result."""
    found = sorted({o for o in outcomes if o.split(":")[0] == Result.FAILED})
    if found:
        # `non_satisfait` alone means any cause
        return str(Result.FAILED) if list(expected) == [Result.FAILED] else " ".join(found)
    for result in (Result.TO_APPRAISE, Result.MISSING, Result.SATISFIED):
        named = next((o for o in outcomes if o.split(":")[0] == result), None)
        if named is not None:
            return str(result) if list(expected) == [result] else named
    return str(Result.NOT_APPLICABLE)


def _given(value: Any, type_: Type, zone: tzinfo) -> Any:
    """A value of a name, as the engines hold it."""
    if type_.kind is Kind.INSTANT:
        return parse_instant(value, zone)
    if type_.kind is Kind.DATE:
        return parse_date(value)
    if type_.kind is Kind.DURATION:
        return read_duration(value)
    return decimal.Decimal(value) if type_.kind in NUMERIC else value


def _value(value: Any) -> str:
    if value is None:
        return str(Result.MISSING)
    if isinstance(value, Duration | datetime):
        return literal(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, decimal.Decimal) else str(value)
