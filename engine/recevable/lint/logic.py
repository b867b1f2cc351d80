"""What is certain about an expression without any dossier: that it can never be true, or never be false.

The reasoning is one-sided: « impossible » is certain, anything else means that nothing was found.  It looks for a
contradiction between conditions, case by case: a field with two values, an empty interval, a closed list with no value
left, a datum both present and absent.  It is not a complete prover.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from recevable.language.evaluate import EXACT
from recevable.language.operations import OPERATIONS
from recevable.language.tree import (
    ABSENT,
    AND,
    AT,
    DEDUCTION,
    FIELD,
    LITERAL,
    NOT,
    OR,
    PARAMETER,
    PRESENT,
    Expr,
)
from recevable.language.types import BOOLEAN, ORDERED, Kind
from recevable.lint.intervals import EVERYTHING, FIRST, LAST, Interval, closed, lower, upper
from recevable.pack.model import Parameter

# The maximum number of cases for one question; beyond it, the answer is unknown.
_BUDGET: Final = 300
_VARIABLE: Final = object()
_MIRROR: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_OPPOSITE: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}
# The signs of a − b that a comparison allows.
_SIGNS: Final = {"<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {0, 1}, "=": {0}, "!=": {-1, 1}}

# Kinds with discrete values, and kinds with a value between any two.
_COUNTED: Final = frozenset({Kind.INTEGER, Kind.AMOUNT, Kind.DATE})
_DENSE: Final = frozenset({Kind.NUMBER, Kind.RATE, Kind.INSTANT})
_CENT: Final = Decimal("0.01")
_FIRST: Final = datetime(2, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9998, 12, 31, tzinfo=UTC)

Goal = tuple[Expr, bool]
Bounds = Callable[[str], tuple[int | None, int | None]]


class Logic:
    """Answers questions about the expressions of a pack."""

    def __init__(
        self,
        zone: tzinfo,
        parameters: Mapping[str, Parameter],
        deductions: Mapping[str, Expr],
        bounds: Bounds = lambda _: (None, None),
        known: Mapping[str, Any] | None = None,
    ) -> None:
        """`bounds` gives the minimum and maximum whole number of a field.

        `known` fixes the values of some parameters; None for an unknown value.
        """
        self.zone, self.parameters, self.deductions = zone, parameters, deductions
        self.bounds, self.known = bounds, known or {}

    def when(self, known: Mapping[str, Any]) -> Logic:
        """The same reasoner with these parameter values."""
        return Logic(self.zone, self.parameters, self.deductions, self.bounds, known) if known else self

    def impossible(self, *goals: Goal) -> bool:
        """Whether expressions can certainly never have these truth values together."""
        return not self._open(list(goals), _Facts(), [_BUDGET])

    def together(self, *goals: Goal) -> dict[Expr, Any] | None:
        """Field values that give expressions these truth values together; None when none are certain.

        Only numbers, dates, instants, texts and booleans compared with constants, or with one other value, are handled;
        not calculations, nor data that must be absent.
        """
        found: list[dict[Expr, Any]] = []

        def certain(facts: _Facts) -> bool:
            values = facts.example()
            if values is not None:
                found.append(values)
            return values is not None

        self._open(list(goals), _Facts(), [_BUDGET], certain)
        return found[0] if found else None

    def spans(self, expr: Expr) -> dict[Expr, list[Interval]] | None:
        """Intervals, by term, that contain its value whenever the expression is true; None when it is never true."""
        domains = self._domains([(expr, True)], [_BUDGET])
        if domains is None:
            return None
        found = {term: [one for domain in held for one in domain.intervals()] for term, held in domains.items()}
        return {term: intervals for term, intervals in found.items() if EVERYTHING not in intervals}

    def values(self, expr: Expr) -> frozenset[Any] | None:
        """The possible values of a text or a number, when few and known; else None."""
        fixed = self.constant(expr)
        if fixed is not _VARIABLE:
            return frozenset() if fixed is None else frozenset({fixed})
        if expr.op in (PARAMETER, AT):
            return frozenset(v.value for v in self.parameters[str(expr.value)].values if v.value is not None)
        return frozenset(expr.type.values) or None

    def constant(self, expr: Expr) -> Any:
        """The constant value of an expression, None when it is always unknown; `_VARIABLE` otherwise."""
        if expr.op == LITERAL:
            return expr.value
        if expr.op == PARAMETER:
            if expr.value in self.known:
                return self.known[expr.value]
            # where it is unknown nothing is decided: only its known values matter
            known = {value.value for value in self.parameters[str(expr.value)].values if value.value is not None}
            return next(iter(known)) if len(known) == 1 else _VARIABLE
        if expr.op in (AND, OR):
            return self._shortcut(expr)
        row = OPERATIONS.get(expr.op)
        if row is None or row.compute is None or not expr.args:
            return _VARIABLE
        values = [self.constant(arg) for arg in expr.args]
        if any(value is _VARIABLE for value in values):
            return _VARIABLE
        if any(value is None for value in values):
            return None
        try:
            with decimal.localcontext(EXACT):
                return row.compute(self.zone, *values) if row.zoned else row.compute(*values)
        except ArithmeticError:
            return None

    def is_constant(self, expr: Expr) -> bool:
        """Whether an expression always has the same value."""
        return self.constant(expr) is not _VARIABLE

    def _shortcut(self, expr: Expr) -> Any:
        decisive = expr.op == OR
        values = [self.constant(arg) for arg in expr.args]
        if any(value is decisive for value in values):
            return decisive
        if any(value is _VARIABLE for value in values):
            return _VARIABLE
        return None if None in values else not decisive

    # --- looking for a contradiction --------------------------------------------------------------------------------

    def _open(
        self, goals: list[Goal], facts: _Facts, budget: list[int], at_end: Callable[[_Facts], bool] | None = None
    ) -> bool:
        """Whether goals may hold together with facts; True when the budget runs out.

        `at_end` accepts or rejects consistent facts; by default they are accepted.
        """
        budget[0] -= 1
        if budget[0] < 0:
            return True
        cases = self._assumed(goals, facts)
        if cases is None:
            return False
        if not cases:
            return at_end is None or at_end(facts)
        cases.sort(key=len)
        rest = [self._kept(case) for case in cases[1:]]
        return any(self._open([*alternative, *rest], facts.copy(), budget, at_end) for alternative in cases[0])

    def _assumed(self, goals: list[Goal], facts: _Facts) -> list[list[list[Goal]]] | None:
        """Add to the facts what the goals imply and return the remaining cases.  None: they contradict the facts."""
        cases: list[list[list[Goal]]] = []
        opened: set[Goal] = set()
        while goals:
            expr, wanted = goals.pop()
            if expr.op == DEDUCTION:
                # expand once only, or deductions that each read the previous one twice would take exponential time
                if (expr, wanted) in opened:
                    continue
                opened.add((expr, wanted))
            fixed = self.constant(expr)
            if fixed is not _VARIABLE:
                if fixed is not wanted:
                    return None
                continue
            split = self._split(expr, wanted)
            if split is None:
                if not self._assume(expr, wanted, facts):
                    return None
            elif len(split) == 1:
                goals += split[0]
            else:
                cases.append(split)
        return cases

    def _domains(self, goals: list[Goal], budget: list[int]) -> dict[Expr, list[_Domain]] | None:
        """For each term, domains of which one contains its value; incomplete when the budget runs out."""
        budget[0] -= 1
        if budget[0] < 0:
            return {}
        facts = _Facts()
        cases = self._assumed(goals, facts)
        if cases is None:
            return None
        found = {term: [domain] for term, domain in facts.domains.items()}
        for atom, wanted in facts.truths.items():
            found[atom] = [_Domain(Kind.BOOLEAN, {wanted})]
        for case in cases:
            ways = [way for alternative in case if (way := self._domains(list(alternative), budget)) is not None]
            if not ways:
                return None
            for term in ways[0]:
                if all(term in way for way in ways):
                    either = [domain for way in ways for domain in way[term]]
                    known = found.get(term)
                    met = either if known is None else [one.meet(two) for one in known for two in either]
                    found[term] = [domain for domain in met if not domain.empty()]
                    if not found[term]:
                        return None
        return found

    def _kept(self, case: list[list[Goal]]) -> Goal:
        """Alternatives recombined into one expression, to be examined after another choice."""
        ways = []
        for alternative in case:
            held = tuple(expr if wanted else Expr(NOT, (expr,), BOOLEAN) for expr, wanted in alternative)
            ways.append(held[0] if len(held) == 1 else Expr(AND, held, BOOLEAN))
        return Expr(OR, tuple(ways), BOOLEAN), True

    def _split(self, expr: Expr, wanted: bool) -> list[list[Goal]] | None:
        """The alternatives of an expression; None for an atom."""
        op, args = expr.op, expr.args
        if op == NOT:
            return [[(args[0], not wanted)]]
        if op in (AND, OR):
            goals = [(arg, wanted) for arg in args]
            return [goals] if (op == AND) is wanted else [[goal] for goal in goals]
        if op == "si":
            return [[(args[0], True), (args[1], wanted)], [(args[0], False), (args[2], wanted)]]
        if op == DEDUCTION and expr.value in self.deductions:
            return [[(self.deductions[str(expr.value)], wanted)]]
        if op in ("=", "!=") and args[0].type.kind is Kind.BOOLEAN:
            return self._same_truth(args[0], args[1], same=(op == "=") is wanted)
        if op == "entre":
            low, high = Expr(">=", args[:2], BOOLEAN), Expr("<=", (args[0], args[2]), BOOLEAN)
            return [[(low, True), (high, True)]] if wanted else [[(low, False)], [(high, False)]]
        if op == "dans":
            equalities = [Expr("=", (args[0], member), BOOLEAN) for member in args[1:]]
            if not wanted:
                return [[(equality, False) for equality in equalities]]
            if not all(self.is_constant(member) for member in args[1:]):
                return [[(equality, True)] for equality in equalities]
        return None

    def _same_truth(self, left: Expr, right: Expr, *, same: bool) -> list[list[Goal]]:
        for one, other in ((left, right), (right, left)):
            fixed = self.constant(one)
            if isinstance(fixed, bool):
                return [[(other, fixed is same)]]
        return [[(left, True), (right, same)], [(left, False), (right, not same)]]

    def _assume(self, expr: Expr, wanted: bool, facts: _Facts) -> bool:
        """Add an atom to the facts; False when it contradicts them."""
        op, args = expr.op, expr.args
        if op in (PRESENT, ABSENT) and isinstance(expr.value, str):
            return facts.presence(expr.value, there=(op == PRESENT) is wanted)
        # an operation with a value has operands with values
        if not all(facts.presence(path, there=True) for path in _needed(expr)):
            return False
        if op == "dans":
            domain = self._domain(args[0], facts)
            domain.keep({self.constant(member) for member in args[1:]} - {None})
            return not domain.empty()
        if op in _SIGNS:
            relation = op if wanted else _OPPOSITE[op]
            left, right = args
            if self.is_constant(left):
                left, right, relation = right, left, _MIRROR[relation]
            fixed = self.constant(right)
            if fixed is None:
                # a comparison with an unknown value is neither true nor false
                return False
            if fixed is not _VARIABLE:
                domain = self._domain(left, facts)
                domain.compare(relation, fixed)
                return not domain.empty()
            # bounded numbers cannot take every value
            for term in args:
                if self._bounds(term) != (None, None):
                    self._domain(term, facts)
            return facts.relate(left, right, relation)
        return facts.truth(expr, wanted)

    def _domain(self, term: Expr, facts: _Facts) -> _Domain:
        """The remaining values of a term, initially those that its declaration allows."""
        if term not in facts.domains:
            domain = facts.domains[term] = _Domain(term.type.kind, self.values(term))
            for relation, bound in zip((">=", "<="), self._bounds(term), strict=True):
                if bound is not None:
                    domain.compare(relation, bound)
        return facts.domains[term]

    def _bounds(self, term: Expr) -> tuple[int | None, int | None]:
        whole = term.op == FIELD and term.type.kind is Kind.INTEGER
        return self.bounds(str(term.value)) if whole else (None, None)


class _Facts:
    """The conditions assumed so far."""

    def __init__(self) -> None:
        self.domains: dict[Expr, _Domain] = {}
        self.signs: dict[tuple[Expr, Expr], set[int]] = {}
        self.truths: dict[Expr, bool] = {}
        self.there: set[str] = set()
        self.absent: set[str] = set()

    def copy(self) -> _Facts:
        other = _Facts()
        other.domains = {term: domain.copy() for term, domain in self.domains.items()}
        other.signs, other.truths = dict(self.signs), dict(self.truths)
        other.there, other.absent = set(self.there), set(self.absent)
        return other

    def truth(self, atom: Expr, wanted: bool) -> bool:
        return self.truths.setdefault(atom, wanted) is wanted

    def presence(self, path: str, *, there: bool) -> bool:
        """Record a presence: a present datum has its parents present; an absent one has nothing below it."""
        (self.there if there else self.absent).add(path)
        above = {path[:end] for end in range(len(path) + 1) if end == len(path) or path[end] == "."}
        if there:
            return not above & self.absent
        return not any(known == path or known.startswith(f"{path}.") for known in self.there)

    def example(self) -> dict[Expr, Any] | None:
        """A value for each field that certainly satisfies all the facts; None when not certain."""
        terms = [*self.domains, *(term for pair in self.signs for term in pair)]
        if self.absent or any(atom.op != FIELD for atom in self.truths):
            return None
        found: dict[Expr, Any] = {}
        for term, domain in self.domains.items():
            value = domain.example() if term.op == FIELD else None
            if value is None:
                return None
            found[term] = value
        for left, right in self.signs:
            # the field is otherwise unconstrained: it takes any allowed sign relative to the other value
            free = next((term for term in (left, right) if term.op == FIELD and terms.count(term) == 1), None)
            if free is None or left.type.kind != right.type.kind or left.type.kind not in _COUNTED | _DENSE:
                return None
            if right.op not in (FIELD, PARAMETER) or left.op not in (FIELD, PARAMETER):
                return None
        return {**found, **self.truths}

    def relate(self, left: Expr, right: Expr, relation: str) -> bool:
        if left == right:
            return 0 in _SIGNS[relation]
        if (right, left) in self.signs:
            left, right, relation = right, left, _MIRROR[relation]
        self.signs[left, right] = self.signs.get((left, right), {-1, 0, 1}) & _SIGNS[relation]
        return bool(self.signs[left, right])


class _Domain:
    """The remaining values of a term: a closed list, or an interval minus some points."""

    def __init__(self, kind: Kind, values: Any = None) -> None:
        self.kind = kind
        self.values: set[Any] | None = None if values is None else set(values)
        self.low: tuple[Any, bool] | None = None
        self.high: tuple[Any, bool] | None = None
        self.excluded: set[Any] = set()

    def copy(self) -> _Domain:
        other = _Domain(self.kind, self.values)
        other.low, other.high, other.excluded = self.low, self.high, set(self.excluded)
        return other

    def keep(self, values: set[Any]) -> None:
        self.values = values if self.values is None else self.values & values

    def compare(self, relation: str, value: Any) -> None:
        if relation == "=":
            self.keep({value})
        elif relation == "!=":
            self.excluded.add(value)
        elif relation in (">", ">="):
            low = self._closed(value, relation == ">=", 1)
            if self.low is None or (low[0], not low[1]) > (self.low[0], not self.low[1]):
                self.low = low
        else:
            high = self._closed(value, relation == "<=", -1)
            if self.high is None or (high[0], high[1]) < (self.high[0], self.high[1]):
                self.high = high

    def _closed(self, value: Any, included: bool, step: int) -> tuple[Any, bool]:
        """A bound, moved to the next allowed value for discrete kinds: integers and days."""
        if self.kind is Kind.INTEGER:
            whole = Decimal(value).to_integral_value(ROUND_CEILING if step > 0 else ROUND_FLOOR)
            return (whole if included or whole != value else whole + step), True
        if self.kind is Kind.DATE and not included and date.min < value < date.max:
            return value + timedelta(days=step), True
        return value, included

    def meet(self, other: _Domain) -> _Domain:
        """The intersection of two domains."""
        found = self.copy()
        if other.values is not None:
            found.keep(other.values)
        if other.low is not None:
            found.compare(">=" if other.low[1] else ">", other.low[0])
        if other.high is not None:
            found.compare("<=" if other.high[1] else "<", other.high[0])
        found.excluded |= other.excluded
        return found

    def intervals(self) -> list[Interval]:
        """Intervals that cover every remaining value; one without ends for unbounded or unordered values."""
        if self.kind not in _COUNTED | _DENSE | {Kind.TEXT, Kind.BOOLEAN}:
            return [EVERYTHING]
        if self.values is not None:
            return [closed(value) for value in self.values if value not in self.excluded and self._within(value)]
        return [Interval(lower(*self.low) if self.low else FIRST, upper(*self.high) if self.high else LAST)]

    def empty(self) -> bool:
        if self.values is not None:
            return not any(self._within(value) for value in self.values - self.excluded)
        if self.low is None or self.high is None or self.kind not in ORDERED:
            return False
        (low, low_in), (high, high_in) = self.low, self.high
        if low == high:
            return not (low_in and high_in) or low in self.excluded
        return bool(low > high)

    def example(self) -> Any:
        """A value certainly in the domain, close to its limits; None when there may be none."""
        if self.kind not in _COUNTED | _DENSE | {Kind.TEXT} or self.empty():
            return None
        if self.values is not None:
            tried = sorted(self.values)
        elif self.kind is Kind.TEXT:
            return None
        else:
            ends = [end[0] for end in (self.low, self.high) if end is not None]
            tried = [*ends, *(near for end in (*ends, *self.excluded) for near in self._near(end))]
            if len(ends) == 2 and self.kind not in _COUNTED:
                tried.append(ends[0] + (ends[1] - ends[0]) / 2)
        return next((v for v in tried if v not in self.excluded and self._within(v) and self._countable(v)), None)

    def _near(self, value: Any) -> list[Any]:
        """The neighbours of a value, one more than can be excluded."""
        steps = range(1, len(self.excluded) + 2)
        if self.kind in (Kind.DATE, Kind.INSTANT):
            days = [timedelta(days=sign * step) for step in steps for sign in (1, -1)]
            low, high = (date.min, date.max) if self.kind is Kind.DATE else (_FIRST, _LAST)
            return [value + day for day in days if low - value <= day <= high - value]
        step_of = _CENT if self.kind is Kind.AMOUNT else Decimal(1)
        return [value + sign * step * step_of for step in steps for sign in (1, -1)]

    def _countable(self, value: Any) -> bool:
        """Whether a datum can have the value: integers are whole, amounts are in whole cents."""
        if self.kind is Kind.INTEGER:
            return bool(value == Decimal(value).to_integral_value())
        return self.kind is not Kind.AMOUNT or bool(value == Decimal(value).quantize(_CENT))

    def _within(self, value: Any) -> bool:
        above = self.low is None or value > self.low[0] or (self.low[1] and value == self.low[0])
        below = self.high is None or value < self.high[0] or (self.high[1] and value == self.high[0])
        return above and below


def _needed(expr: Expr) -> set[str]:
    """The fields without which an expression has no value."""
    if expr.op == FIELD:
        return {str(expr.value)}
    row = OPERATIONS.get(expr.op)
    if row is None or row.compute is None:
        return set()
    return {path for arg in expr.args for path in _needed(arg)}


def normal(expr: Expr) -> Expr:
    """A normal form: equivalent expressions often get the same one, which helps find duplicate rules."""
    args = tuple(normal(arg) for arg in expr.args)
    op = expr.op
    if op == NOT:
        (inner,) = args
        if inner.op == NOT:
            return inner.args[0]
        if inner.op in _OPPOSITE:
            return normal(Expr(_OPPOSITE[inner.op], inner.args, BOOLEAN))
        if inner.op in (PRESENT, ABSENT) and not inner.args:
            return Expr(ABSENT if inner.op == PRESENT else PRESENT, (), BOOLEAN, inner.value)
    if op in ("=", "!=") and args[0].type.kind is Kind.BOOLEAN:
        for one, other in (args, args[::-1]):
            if one.op == LITERAL and isinstance(one.value, bool):
                return other if one.value is (op == "=") else normal(Expr(NOT, (other,), BOOLEAN))
    if op == "dans" and len(args) == 2:
        return normal(Expr("=", args, BOOLEAN))
    if op in (">", ">="):
        op, args = _MIRROR[op], args[::-1]
    elif op in (AND, OR):
        flat = [part for arg in args for part in (arg.args if arg.op == op else (arg,))]
        args = tuple(sorted(dict.fromkeys(flat), key=_form))
        if len(args) == 1:
            return args[0]
    elif op in ("=", "!=", "min", "max", "*") or (op == "+" and expr.type.kind not in (Kind.DATE, Kind.INSTANT)):
        args = tuple(sorted(args, key=_form))
    elif op == "dans":
        args = (args[0], *sorted(dict.fromkeys(args[1:]), key=_form))
    return Expr(op, args, expr.type, expr.value)


def _form(expr: Expr) -> str:
    """A text used to sort expressions."""
    return f"{expr.op}({expr.value!r};{','.join(_form(arg) for arg in expr.args)})"
