"""What the trials of a pack exercise: for each rule, which of the outcomes it can have and which edges of its
comparisons were shown, and by how many examples, scenarios and dossiers.

`reach` says what is possible.  A share is a fraction, cut and never rounded: 100 % means everything.
"""

from __future__ import annotations

import decimal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from msgspec import Struct

from recevable.decision.decide import Decider
from recevable.language.diagnostics import Span
from recevable.language.evaluate import EXACT, Evaluator, Slots, build
from recevable.language.tree import AMOUNT_NAME, DEDUCTION, VARIABLE, Expr
from recevable.pack.model import NOT_APPLICABLE, Context, Outcome, Result, Rule, Step
from recevable.trials.reach import Edge, Reach, edges
from recevable.trials.suite import Evaluated, Origin, Trial, evaluations

VALUE: Final = "valeur"
TRUE: Final = "vrai"
FALSE: Final = "faux"

Shown = Counter[Origin]


class Point(StrEnum):
    """The two values at which a comparison must be tested."""

    AT = "a_la_limite"
    BESIDE = "juste_au_dela"

    @property
    def words(self) -> str:
        """The French description."""
        return "à la limite" if self is Point.AT else "juste au-delà"


class EdgeLine(Struct, frozen=True):
    """An edge of a rule, `left op right`, and how many trials cover each of its sides."""

    text: str
    shown: Mapping[Point, Shown]


class RuleLine(Struct, frozen=True):
    """A rule: every possible outcome and every edge, with the trials that cover them; `exercised` by origin.

    A trial exercises a rule when the rule applied in it.
    """

    rule: Rule
    outcomes: Mapping[str, Shown]
    edges: tuple[EdgeLine, ...]
    exercised: Shown

    @property
    def span(self) -> Span:
        """The place of the rule."""
        return self.rule.span

    @property
    def points(self) -> list[Shown]:
        """Everything to cover in the rule."""
        return [*self.outcomes.values(), *(shown for edge in self.edges for shown in edge.shown.values())]

    @property
    def lacking(self) -> list[str]:
        """What no trial covers, in words: outcomes as examples write them, then edges."""
        everything = [*self.outcomes.items()]
        for edge in self.edges:
            everything += [(f"{edge.text} ({point.words})", shown) for point, shown in edge.shown.items()]
        return [what for what, shown in everything if not shown.total()]


class Coverage(Struct, frozen=True):
    """The lines of the rules of a pack, in order, and the number of trials of each origin."""

    lines: tuple[RuleLine, ...]
    trials: Shown

    def counts(self, points: Iterable[Shown] | None = None) -> tuple[int, int]:
        """The number of points covered, and the number of points."""
        found = [shown for line in self.lines for shown in line.points] if points is None else list(points)
        return sum(bool(shown.total()) for shown in found), len(found)

    @property
    def share(self) -> Fraction:
        """The covered share, from 0 to 1; 0 when there is nothing to cover."""
        shown, possible = self.counts()
        return Fraction(shown, possible) if possible else Fraction(0)


def measure(decider: Decider, trials: Sequence[Trial]) -> Coverage:
    """Run every trial and record what it covers."""
    found = _Measure(decider)
    for trial in trials:
        with decimal.localcontext(EXACT):
            for one in evaluations(trial, decider):
                found.note(trial, one)
    return Coverage(found.lines(), Counter(trial.origin for trial in trials))


class _Measure:
    def __init__(self, decider: Decider) -> None:
        self.decider, self.pack = decider, decider.pack
        self.outcomes: dict[str, dict[str, Shown]] = {}
        self.edges: dict[str, dict[Edge, dict[Point, Shown]]] = {}
        self.exercised: dict[str, Shown] = {rule: Counter() for rule in self.pack.rules}
        self.watches: dict[str, _Watch] = {}
        for name in decider.compiled.context_names:
            self.expect(decider.compiled.context(name))

    def expect(self, context: Context) -> None:
        """Add everything that can be covered in a context."""
        watch = self.watches[context.name] = _Watch(context)
        reach = Reach(context, self.pack.parameters)
        by_rule: dict[str, list[set[Outcome]]] = {}
        for check in context.checks:
            by_rule.setdefault(check.rule, []).append(reach.outcomes(check.own))
        for rule, possible in by_rule.items():
            self._possible(rule, _of_rule(possible))
        for rule, expr, when, _ in watch.definitions:
            defined = self.pack.rules[rule].defined
            words = [TRUE, FALSE] if defined is not None and defined.truth else [VALUE]
            words += [str(Result.NOT_APPLICABLE)] if when is not None else []
            unknown = reach.may_be_unknown(expr) or (when is not None and reach.may_be_unknown(when))
            words += [str(Result.MISSING)] if unknown else []
            self._possible(rule, words)
        for rule, edge in watch.edges:
            self.edges.setdefault(rule, {}).setdefault(edge, {point: Counter() for point in Point})

    def _possible(self, rule: str, words: Iterable[str]) -> None:
        known = self.outcomes.setdefault(rule, {})
        for word in words:
            known.setdefault(word, Counter())

    def note(self, trial: Trial, one: Evaluated) -> None:
        """Record what a trial covers in a context; an example covers only its own rule."""
        watch = self.watches[one.context.name]
        for rule, found in one.outcomes.items():
            for word in _outcome_words(found):
                self._shown(trial, rule, word)
        for rule, word in watch.values(one.slots):
            if trial.rule == rule or one.tries(rule):
                self._shown(trial, rule, word)
        for rule, edge, point in watch.points(one.slots):
            if trial.rule == rule or one.tries(rule):
                self.edges[rule][edge][point][trial.origin] += 1

    def _shown(self, trial: Trial, rule: str, word: str) -> None:
        self.outcomes[rule].setdefault(word, Counter())[trial.origin] += 1
        if word != Result.NOT_APPLICABLE:
            self.exercised[rule][trial.origin] += 1

    def lines(self) -> tuple[RuleLine, ...]:
        """One line per rule; unused rules have nothing covered."""
        found = []
        for rule in self.pack.rules.values():
            known = self.edges.get(rule.id, {}).items()
            lines = tuple(EdgeLine(edge.text.replace(*rule.element or ("", "")), points) for edge, points in known)
            outcomes = self.outcomes.get(rule.id) or {VALUE: Counter()}
            found.append(RuleLine(rule, outcomes, lines, self.exercised[rule.id]))
        return tuple(found)


class _Watch:
    """The evaluators of a context's tests, edges and definitions, built once."""

    def __init__(self, context: Context) -> None:
        layout = context.layout
        # the rule that defines a name, its expression, its condition, and the slot of its value
        self.definitions: list[tuple[str, Expr, Expr | None, int]] = []
        for definition in context.definitions:
            if definition.deduction is not None:
                slot = layout.slot(DEDUCTION, definition.name)
                self.definitions.append((definition.rules[0].id, definition.deduction, None, slot))
            slot = layout.slot(AMOUNT_NAME, definition.name)
            self.definitions += [(a.rule.id, a.value, a.when, slot) for a in definition.amounts]
        self._layout = layout
        self._chains = [
            (check.rule, [(build(step.test, layout), step, self._tested(step)) for step in check.steps])
            for check in context.checks
        ]
        self._named = [
            (rule, None if when is None else build(when, layout), slot, self._ends(expr), self._ends(when))
            for rule, expr, when, slot in self.definitions
        ]
        self.edges = [(rule, edge) for rule, chain in self._chains for _, _, ends in chain for edge, _ in ends]
        self.edges += [(rule, edge) for rule, _, _, *both in self._named for ends in both for edge, _ in ends]

    def _tested(self, step: Step) -> list[_Ends]:
        return [] if step.implied else self._ends(step.test)

    def _ends(self, expr: Expr | None) -> list[_Ends]:
        found = edges(expr) if expr is not None else ()
        return [(edge, self._sides(edge)) for edge in found]

    def _sides(self, edge: Edge) -> _Sides:
        """The compared values of an edge: one pair, or one per element of the lists around it."""
        left, right = build(edge.left, self._layout), build(edge.right, self._layout)

        def once(slots: Slots) -> Iterator[tuple[Any, Any]]:
            yield left(slots), right(slots)

        sides: _Sides = once
        for loop in reversed(edge.within):
            source = build(loop.args[0], self._layout)
            sides = _each(source, self._layout.slot(VARIABLE, str(loop.value)), sides)
        return sides

    def values(self, slots: Slots) -> Iterator[tuple[str, str]]:
        """The value that each rule gives to its name."""
        for rule, when, slot, *_ in self._named:
            applies = True if when is None else when(slots)
            value = slots[slot] if applies else None
            if applies is False:
                yield rule, str(Result.NOT_APPLICABLE)
            elif value is None:
                yield rule, str(Result.MISSING)
            else:
                yield rule, (TRUE if value else FALSE) if isinstance(value, bool) else VALUE

    def points(self, slots: Slots) -> Iterator[tuple[str, Edge, Point]]:
        """The edges that the tests reached, at one of the two points."""
        for rule, chain in self._chains:
            for test, step, ends in chain:
                yield from ((rule, edge, point) for edge, point in _met(ends, slots))
                if step.answer(test(slots)) is not None:
                    break
        for rule, when, _, value, conditions in self._named:
            yield from ((rule, edge, point) for edge, point in _met(conditions, slots))
            if when is None or when(slots):
                yield from ((rule, edge, point) for edge, point in _met(value, slots))


_Sides = Callable[[Slots], Iterator[tuple[Any, Any]]]
_Ends = tuple[Edge, _Sides]


def _each(source: Evaluator, slot: int, inner: _Sides) -> _Sides:
    """The same for every element of a list, in the order of the evaluator."""

    def sides(slots: Slots) -> Iterator[tuple[Any, Any]]:
        for item in source(slots) or ():
            slots[slot] = item
            yield from inner(slots)

    return sides


def _met(ends: Iterable[_Ends], slots: Slots) -> Iterator[tuple[Edge, Point]]:
    """The points reached, without duplicates: two elements at a limit count once."""
    for edge, sides in ends:
        shown: set[Point] = set()
        for one, other in sides(slots):
            if one is None or other is None:
                continue
            if edge.is_at(one, other):
                shown.add(Point.AT)
            elif edge.is_beside(one, other):
                shown.add(Point.BESIDE)
        yield from ((edge, point) for point in Point if point in shown)


def _of_rule(checks: Sequence[set[Outcome]]) -> list[str]:
    """The outcomes of a rule from those of its checks, in the order of `Result`.

    A rule does not apply when none of its checks does; it is satisfied when one is and no other says more.
    """
    everything = set().union(*checks)
    if not all(NOT_APPLICABLE in check for check in checks):
        everything.discard(NOT_APPLICABLE)
    return [str(outcome) for outcome in sorted(everything, key=lambda o: (list(Result).index(o.result), o.cause))]


def _outcome_words(outcomes: Iterable[Outcome]) -> list[str]:
    """The outcomes of a rule in one run: failures and the like, else satisfied, else not applicable."""
    found = set(outcomes)
    notable = [o for o in found if o.result not in (Result.SATISFIED, Result.NOT_APPLICABLE)]
    quiet = [o for o in found if o.result is Result.SATISFIED] or [NOT_APPLICABLE]
    return [str(outcome) for outcome in notable or quiet]
