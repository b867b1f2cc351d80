"""MON-CONCURRENTS: two rules that may give one number different values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from functools import cached_property
from typing import Any, Final

from msgspec import Struct

from recevable.language.diagnostics import Severity
from recevable.language.tree import FIELD, LITERAL, PARAMETER, Expr
from recevable.language.types import BOOLEAN, TEXT, Kind, lookup
from recevable.language.unparse import literal, unparse
from recevable.lint.intervals import Interval, met
from recevable.lint.logic import normal
from recevable.lint.model import Fault, View
from recevable.lint.moments import Moment, moments
from recevable.lint.witness import witness
from recevable.pack.model import Parameter, Rule

CODE: Final = "MON-CONCURRENTS"
SEVERITY: Final = Severity.ERROR
_HELP: Final = "Donnez à chacune un `quand` qui exclut l'autre, ou un autre nom."
# A rule whose case could not be proved to overlap or to be separate is abandoned after this many comparisons.
_FRUITLESS: Final = 100
# The number of pairs of rules, in the whole pack, for which values are tried.
_TRIALS: Final = 150
_SHOWN: Final = 3


class _Giver(Struct, frozen=True):
    """A rule that gives a name, its condition (None: always), what the condition reads, and its intervals."""

    rule: Rule
    when: Expr | None
    parameters: Mapping[str, Parameter]
    spans: Mapping[Expr, Sequence[Interval]]


def check(view: View) -> Iterator[Fault]:
    """Report rules that may apply together; a name is computed by all its rules, whatever the request."""
    first: dict[object, Rule] = {}
    givers: dict[str, list[_Giver]] = {}
    comparison = _Comparison(view)
    for rule in view.pack.rules.values():
        if rule.defined is None or rule.defined.truth or rule.id in view.analysis.inert:
            continue
        name = rule.defines
        when = view.analysis.applies(view.compiled.read_in(rule)[0], rule)
        other = first.setdefault((name, None if when is None else normal(when)), rule)
        if other is not rule:
            message = f"`{rule.id}` et `{other.id}` donnent `{name}` dans les mêmes cas"
            yield Fault(rule.span, message, _HELP, rule.id)
            continue
        giver = comparison.giver(rule, when)
        if giver is not None:
            givers.setdefault(name, []).append(giver)
    for name, found in givers.items():
        yield from comparison.faults(name, found)


class _Comparison:
    """Compares the rules that define one name."""

    def __init__(self, view: View) -> None:
        self.view, self.logic = view, view.analysis.logic
        self._trials = _TRIALS

    def giver(self, rule: Rule, when: Expr | None) -> _Giver | None:
        """The rule prepared for comparison; None when it certainly never applies."""
        if when is None:
            return _Giver(rule, None, {}, {})
        read = self.view.analysis.graph.follow(when)
        parameters = {name: self.view.pack.parameters[name] for op, name in read if op == PARAMETER}
        spans: dict[Expr, list[Interval]] | None = None
        for moment in moments(parameters.values()):
            found = self.logic.when(moment.values).spans(when)
            if found is not None:
                before = found if spans is None else spans
                spans = {term: [*{*before[term], *held}] for term, held in found.items() if term in before}
        return None if spans is None else _Giver(rule, when, parameters, spans)

    def faults(self, name: str, givers: Sequence[_Giver]) -> Iterator[Fault]:
        """A fault for each rule that may apply together with an earlier one, with example values."""
        found: list[Fault] = []
        fruitless: Counter[int] = Counter()

        def meet(first: int, second: int) -> bool:
            if fruitless[second] >= _FRUITLESS:
                return False
            rule, other = givers[second].rule, givers[first].rule
            together = self._together(givers[first], givers[second])
            if together is None:
                fruitless[second] += 1
                return False
            message = f"`{rule.id}` et `{other.id}` peuvent donner `{name}` dans un même cas{together}"
            found.append(Fault(rule.span, message, _HELP, rule.id))
            return True

        met([giver.spans for giver in givers], meet)
        return iter(found)

    def _together(self, one: _Giver, other: _Giver) -> str | None:
        """Example values for which two rules apply together, in words; None when none are certain."""
        goals = [(giver.when, True) for giver in (one, other) if giver.when is not None]
        for moment in moments({**one.parameters, **other.parameters}.values()):
            received = [(limit, True) for limit in self._received(one.rule, moment)]
            logic = self.logic.when(moment.values)
            example = logic.together(*received, *goals)
            if example is None and self._trials and not logic.impossible(*received, *goals):
                self._trials -= 1
                sought = [expr for expr, _ in (*received, *goals)]
                example = witness(sought, moment.values, self._names, self.view.pack)
            if example is not None:
                return self._example_words(example, moment.values)
        return None

    @cached_property
    def _names(self) -> Mapping[str, Expr]:
        """The deductions, and the amounts that one rule always gives."""
        analysis = self.view.analysis
        found: dict[str, list[Expr]] = {name: [expr] for name, expr in analysis.deductions.items()}
        for rule in self.view.pack.rules.values():
            if rule.defined is not None and not rule.defined.truth:
                given = found.setdefault(rule.defines, [])
                expr, rounding = analysis.part(rule, rule.defined.key).expr, rule.defined.rounding
                words = (rounding.step, rounding.direction) if rounding else ()
                args = (expr, *(Expr(LITERAL, (), TEXT, word) for word in words))
                given.append(Expr("arrondi", args, expr.type) if rounding else expr)
                # a rule with its own condition is one of several
                given += [expr] if rule.conditional or rule.id in self.view.compiled.exceptions else []
        return {name: exprs[0] for name, exprs in found.items() if len(exprs) == 1}

    def _received(self, rule: Rule, moment: Moment) -> Iterator[Expr]:
        """A condition that the request is received within a moment."""
        pack = self.view.pack
        request = pack.manifest.requests.get(self.view.compiled.read_in(rule)[0])
        type_ = lookup(pack.facts, request.reception) if request is not None else None
        if request is None or type_ is None:
            return
        field = Expr(FIELD, (), type_, request.reception)
        for op, day in ((">=", moment.first), ("<", moment.next)):
            if day is not None:
                start = datetime.combine(day, time(), pack.manifest.zone).astimezone(UTC)
                value = start if type_.kind is Kind.INSTANT else day
                yield Expr(op, (field, Expr(LITERAL, (), type_, value)), BOOLEAN)

    def _example_words(self, example: Mapping[Expr, Any], values: Mapping[str, Any]) -> str:
        """The first example values for which two rules apply together, in rule syntax."""
        zone = self.view.pack.manifest.zone
        shown = [
            f"`{unparse(term)}` absent" if value is None else f"`{unparse(term)}` = {literal(value, zone)}"
            for term, value in example.items()
        ]
        shown += [f"`{name}` = {literal(value, zone)}" for name, value in values.items() if value is not None]
        return f", par exemple {', '.join(shown[:_SHOWN])}{', …' if len(shown) > _SHOWN else ''}" if shown else ""
