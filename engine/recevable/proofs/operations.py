"""The operations of the language for the solver: a translation for each, or its name among those without one.

Each is written from the documentation of the table (`language.operations`) and compared with it by the tests.  What has
no translation makes an answer « non décidé », by name.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial, reduce
from typing import Any, Final

import z3

from recevable.language.evaluate import EXACT
from recevable.language.operations import BEGUN
from recevable.language.tree import LITERAL, Expr
from recevable.language.types import Kind
from recevable.proofs.days import Calendar
from recevable.proofs.terms import (
    DAY,
    DIGITS,
    FALSE,
    TRUE,
    Cases,
    Items,
    Span,
    Term,
    Truth,
    Untranslated,
    Value,
    both,
    choose,
    constant,
    either,
    implies,
    integer,
    known_if,
    negation,
    rational,
    real,
    select,
    whole_value,
)
from recevable.proofs.texts import FUNCTIONS, Texts


class Tools:
    """What the operations need besides their operands.

    `free` says, for each thing of which only an approximation was given, when it matters: what is proved holds, but an
    example may not.
    """

    def __init__(self, texts: Texts, calendar: Calendar) -> None:
        self.texts, self.calendar = texts, calendar
        self.free: dict[str, Any] = {}
        self.laws: list[Any] = []
        self._ranks: dict[Hashable, int] = {}
        self._kept: list[Any] = []

    def unconstrained(self, *terms: Any) -> Any:
        """A number of which nothing is known, but that some terms give it: the same for the same terms."""
        return z3.Real(f"approche#{self.rank(terms)}")

    def rank(self, terms: Sequence[Any], *words: Hashable) -> int:
        """The same number for the same terms of the solver, and the same words."""
        self._kept += terms  # the identity of a term that is gone may serve again
        key = (*words, *(term.get_id() for term in terms))
        return self._ranks.setdefault(key, len(self._ranks))


Operator = Callable[[Expr, Sequence[Term], Tools], Term]


def _known(args: Sequence[Term]) -> Any:
    return both(*(arg.known for arg in args))


def _number(value: Term) -> Value:
    if not isinstance(value, Value):
        raise Untranslated("une valeur d'un autre genre")
    return value


def _span(value: Term) -> Span:
    if not isinstance(value, Span):
        raise Untranslated("une valeur d'un autre genre")
    return value


# --- logic ----------------------------------------------------------------------------------------------------------


def _truths(args: Sequence[Term]) -> list[Truth]:
    return [arg for arg in args if isinstance(arg, Truth)]


def _and(expr: Expr, args: Sequence[Term], tools: Tools) -> Truth:
    parts = _truths(args)
    return Truth(both(*(part.yes for part in parts)), either(*(part.no for part in parts)))


def _or(expr: Expr, args: Sequence[Term], tools: Tools) -> Truth:
    parts = _truths(args)
    return Truth(either(*(part.yes for part in parts)), both(*(part.no for part in parts)))


def _not(expr: Expr, args: Sequence[Term], tools: Tools) -> Truth:
    (part,) = _truths(args)
    return Truth(part.no, part.yes)


def _if(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
    condition, yes, no = args
    assert isinstance(condition, Truth)
    return known_if(condition.known, select(condition.yes, yes, no))


# --- comparisons ----------------------------------------------------------------------------------------------------


def equal(left: Term, right: Term) -> Any:
    """When two known values of the same kind are equal."""
    if isinstance(left, Truth) and isinstance(right, Truth):
        return either(both(left.yes, right.yes), both(left.no, right.no))
    if isinstance(left, Span) and isinstance(right, Span):
        return both(left.months == right.months, _elapsed(left) == _elapsed(right))
    if isinstance(left, Value) and isinstance(right, Value):
        return _same(left.term, right.term)
    raise Untranslated("=, sur des listes")


def _same(left: Any, right: Any) -> Any:
    if left is right:
        return TRUE
    if z3.is_int_value(left) and z3.is_int_value(right):
        return TRUE if left.as_long() == right.as_long() else FALSE
    return left == right


def _less(left: Term, right: Term, strict: bool) -> Any:
    if isinstance(left, Span) and isinstance(right, Span):
        one, other = _elapsed(left), _elapsed(right)
        last = one < other if strict else one <= other
        return either(left.months < right.months, both(left.months == right.months, last))
    one, other = _number(left).term, _number(right).term
    return one < other if strict else one <= other


def _elapsed(span: Span) -> Any:
    return span.days * integer(DAY) + span.elapsed


def _truth(known: Any, holds: Any) -> Truth:
    return Truth(both(known, holds), both(known, negation(holds)))


def _equality(expr: Expr, args: Sequence[Term], tools: Tools) -> Truth:
    return _truth(_known(args), equal(*args))


def _difference(expr: Expr, args: Sequence[Term], tools: Tools) -> Truth:
    return _truth(_known(args), negation(equal(*args)))


def _ordered(expr: Expr, args: Sequence[Term], tools: Tools) -> Truth:
    left, right = args if expr.op in ("<", "<=") else args[::-1]
    return _truth(_known(args), _less(left, right, expr.op in ("<", ">")))


def _between(expr: Expr, args: Sequence[Term], tools: Tools) -> Truth:
    value, low, high = args
    return _truth(_known(args), both(_less(low, value, False), _less(value, high, False)))


def _member(expr: Expr, args: Sequence[Term], tools: Tools) -> Truth:
    value, *members = args
    return _truth(_known(args), either(*(equal(value, member) for member in members)))


def _among(expr: Expr, args: Sequence[Term], tools: Tools) -> Truth:
    value, listed = args
    if isinstance(listed, Cases):  # the list of a parameter, in time
        found = [(when, constant(items, tools.texts)) for when, items in listed.cases]
        yes = [both(when, either(*(equal(value, one) for _, one in _plain(items)))) for when, items in found]
        return _truth(both(value.known, listed.known), either(*yes))
    holds = either(*(both(there, equal(value, one)) for there, one in _plain(listed)))
    return _truth(_known(args), holds)


def _plain(listed: Term) -> list[tuple[Any, Term]]:
    assert isinstance(listed, Items)
    return [(there, one if isinstance(one, Truth | Value | Span) else one.term()) for there, one in listed.elements]


# --- arithmetic -----------------------------------------------------------------------------------------------------


def _exact(name: str, value: Value) -> Value:
    """A number that the evaluators compute without rounding; raises Untranslated when they may."""
    if not value.term.is_int() and value.whole + value.decimals > DIGITS:
        raise Untranslated(f"{name}, au-delà de {DIGITS} chiffres")
    return value


def _joined(left: Any, right: Any) -> tuple[Any, Any]:
    return (left, right) if left.is_int() and right.is_int() else (real(left), real(right))


def _sum(name: str, left: Value, right: Value, sign: int = 1) -> Value:
    one, other = _joined(left.term, right.term)
    term = one + other if sign > 0 else one - other
    whole, decimals = max(left.whole, right.whole) + 1, max(left.decimals, right.decimals)
    return _exact(name, Value(both(left.known, right.known), term, whole, decimals))


def _moved(expr: Expr, args: Sequence[Term], tools: Tools, sign: int) -> Term:
    base, span = _number(args[0]), _span(args[1])
    if whole_value(span.months):
        raise Untranslated(f"{expr.op}, d'une durée en mois")
    days = span.days if sign > 0 else -span.days
    elapsed = span.elapsed if sign > 0 else -span.elapsed
    known = _known(args)
    if expr.args[0].type.kind is Kind.DATE:
        found = base.term + days
        tools.calendar.within.append(implies(known, _in_years(found, tools.calendar)))
        return Value(known, found)
    if z3.is_int_value(z3.simplify(days)) and z3.simplify(days).as_long() == 0:
        return Value(known, base.term + elapsed)
    day, time_of_day = tools.calendar.day(base.term), tools.calendar.local(base.term) % integer(DAY)
    return Value(known, tools.calendar.instant(day + days, time_of_day) + elapsed)


def _in_years(day: Any, calendar: Calendar) -> Any:
    first, last = date(calendar.first, 1, 1).toordinal(), date(calendar.last, 12, 31).toordinal()
    return both(day >= integer(first), day <= integer(last))


def _plus(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
    if isinstance(args[0], Span):
        left, right = _span(args[0]), _span(args[1])
        return Span(_known(args), left.months + right.months, left.days + right.days, left.elapsed + right.elapsed)
    if isinstance(args[1], Span):
        return _moved(expr, args, tools, 1)
    return _sum("+", _number(args[0]), _number(args[1]))


def _minus(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
    if isinstance(args[0], Span):
        left, right = _span(args[0]), _span(args[1])
        return Span(_known(args), left.months - right.months, left.days - right.days, left.elapsed - right.elapsed)
    if isinstance(args[1], Span):
        return _moved(expr, args, tools, -1)
    kind = expr.args[0].type.kind
    gap = _number(args[0]).term - _number(args[1]).term if kind in (Kind.DATE, Kind.INSTANT) else None
    if kind is Kind.DATE:
        return Span(_known(args), integer(0), gap, integer(0))
    if kind is Kind.INSTANT:
        return Span(_known(args), integer(0), integer(0), gap)
    return _sum("-", _number(args[0]), _number(args[1]), -1)


def _times(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
    if isinstance(args[0], Span) or isinstance(args[1], Span):
        span, count = (args[0], args[1]) if isinstance(args[0], Span) else (args[1], args[0])
        assert isinstance(span, Span)
        number = _number(count).term
        return Span(_known(args), span.months * number, span.days * number, span.elapsed * number)
    left, right = _number(args[0]), _number(args[1])
    one, other = _joined(left.term, right.term)
    found = Value(_known(args), one * other, left.whole + right.whole, left.decimals + right.decimals)
    return _exact("*", found)


def _divided(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
    if isinstance(args[0], Span):
        return _ratio(args[0], _span(args[1]), tools)
    top, bottom = _number(args[0]), _number(args[1])
    by = z3.simplify(real(bottom.term))
    known = both(_known(args), negation(_same(bottom.term, integer(0) if bottom.term.is_int() else rational(0))))
    if not z3.is_rational_value(by):
        # nothing is assumed of a quotient: what is proved holds for any
        tools.free["/"] = TRUE
        quotient = tools.unconstrained(real(top.term), by)
        return Value(known, quotient, DIGITS, 0)
    divisor = Fraction(by.as_fraction())
    if divisor == 0:
        return Value(FALSE, rational(0))
    return known_if(known, _by_constant(top, divisor, tools))


def _ratio(top: Span, bottom: Span, tools: Tools) -> Term:
    """How many times a duration goes into another, of fixed length: both in months, or both without."""
    months = whole_value(top.months), whole_value(bottom.months)
    if any(months):
        over, under = integer(months[0]), months[1]
    else:
        over, under = _elapsed(top), whole_value(_elapsed(bottom))
    if under == 0:
        return Value(FALSE, rational(0))
    return _by_constant(Value(both(top.known, bottom.known), over, 19), Fraction(under), tools)


def _by_constant(top: Value, divisor: Fraction, tools: Tools) -> Value:
    quotient = real(top.term) / rational(divisor)
    decimals = _decimals(1 / divisor)
    if decimals is not None and top.whole + top.decimals + decimals + len(str(int(1 / divisor) or 1)) <= DIGITS:
        whole = top.whole + len(str(abs(int(1 / divisor)) + 1))
        return Value(top.known, quotient, whole, top.decimals + decimals)
    exact = z3.simplify(quotient)
    if z3.is_rational_value(exact):
        given = Fraction(exact.as_fraction())
        return _number(constant(EXACT.divide(Decimal(given.numerator), Decimal(given.denominator)), tools.texts))
    # rounded to 34 digits by the evaluators
    tools.free["/"] = TRUE
    rounded = tools.unconstrained(quotient)
    size = choose(quotient >= rational(0), quotient, -quotient)
    margin = size * rational(Fraction(1, 10 ** (DIGITS - 1)))
    tools.laws += [rounded <= quotient + margin, rounded >= quotient - margin]
    return Value(top.known, rounded, top.whole + 1, max(0, DIGITS - top.whole - 1))


def _decimals(value: Fraction) -> int | None:
    """The decimals of an exact number; None when they never end."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def _opposite(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
    value = args[0]
    if isinstance(value, Span):
        return Span(value.known, -value.months, -value.days, -value.elapsed)
    number = _number(value)
    return Value(number.known, -number.term, number.whole, number.decimals)


def _extreme(smallest: bool) -> Operator:
    def fold(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
        return known_if(_known(args), reduce(partial(_best, smallest), args))

    return fold


def _best(smallest: bool, one: Term, other: Term) -> Term:
    # the first among equals, as `min` and `max`
    better = _less(other, one, True) if smallest else _less(one, other, True)
    return select(better, other, one)


def _rounded(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
    step, direction = Fraction(str(expr.args[1].value)), str(expr.args[2].value)
    decimals = len(str(expr.args[1].value).partition(".")[2])
    value = _number(args[0])
    if step == Fraction(1, 10**decimals) and value.decimals <= decimals:
        # already a multiple of the step
        return Value(_known(args), real(value.term), value.whole, value.decimals)
    count = real(value.term) / rational(step)
    half = rational(Fraction(1, 2))
    if direction == "inferieur":
        rounded = z3.ToInt(count)
    elif direction == "superieur":
        rounded = -z3.ToInt(-count)
    elif direction == "demi_superieur":
        rounded = choose(count >= rational(0), z3.ToInt(count + half), -z3.ToInt(-count + half))
    else:
        up = z3.ToInt(count + half)
        tie = both(real(up) == count + half, up % integer(2) == integer(1))
        rounded = choose(tie, up - integer(1), up)
    return _exact("arrondi", Value(_known(args), real(rounded) * rational(step), value.whole + 1, decimals))


# --- lists ----------------------------------------------------------------------------------------------------------

Body = Sequence[tuple[Any, Term]]


def folded(expr: Expr, source: Items, body: Body, tools: Tools) -> Term:
    """A list function, from the value of its body for each element and when there is one."""
    return _FOLDS[expr.op](expr, source.known, body, tools)


def kept(source: Items, answers: Sequence[tuple[Any, Term]]) -> Items:
    """A list filtered: unknown when the condition is for one of its elements."""
    known = both(source.known, *(implies(there, answer.known) for there, answer in answers))
    elements = tuple(
        (both(there, answer.yes if isinstance(answer, Truth) else FALSE), element)
        for (there, element), (_, answer) in zip(source.elements, answers, strict=True)
    )
    return Items(known, elements)


def _all_known(known: Any, body: Body) -> Any:
    return both(known, *(implies(there, value.known) for there, value in body))


def _total(expr: Expr, known: Any, body: Body, tools: Tools) -> Value:
    zero = integer(0) if expr.type.kind is Kind.INTEGER else rational(0)
    found = Value(_all_known(known, body), zero)
    for there, value in body:
        number = _number(value)
        counted = Value(TRUE, choose(there, number.term, zero), number.whole, number.decimals)
        found = Value(found.known, (total := _sum("somme", found, counted)).term, total.whole, total.decimals)
    return found


def _count(expr: Expr, known: Any, body: Body, tools: Tools) -> Value:
    term = integer(0)
    for there, value in body:
        assert isinstance(value, Truth)
        term = term + choose(both(there, value.yes), integer(1), integer(0))
    return Value(_all_known(known, body), term, len(str(len(body))))


def _every(expr: Expr, known: Any, body: Body, tools: Tools) -> Truth:
    truths = [(there, value) for there, value in body if isinstance(value, Truth)]
    yes = both(known, *(implies(there, value.yes) for there, value in truths))
    return Truth(yes, both(known, either(*(both(there, value.no) for there, value in truths))))


def _some(expr: Expr, known: Any, body: Body, tools: Tools) -> Truth:
    truths = [(there, value) for there, value in body if isinstance(value, Truth)]
    no = both(known, *(implies(there, value.no) for there, value in truths))
    return Truth(both(known, either(*(both(there, value.yes) for there, value in truths))), no)


def _outermost(smallest: bool) -> Callable[[Expr, Any, Body, Tools], Term]:
    def fold(expr: Expr, known: Any, body: Body, tools: Tools) -> Term:
        if not body:
            return Value(FALSE, rational(0))
        found, some = body[0][1], body[0][0]
        for there, value in body[1:]:
            better = both(there, either(negation(some), equal_or(smallest, value, found)))
            found, some = select(better, value, found), either(some, there)
        return _with_known(both(_all_known(known, body), some), found)

    return fold


def equal_or(smallest: bool, value: Term, found: Term) -> Any:
    """When a value is beyond the best one found so far."""
    return _less(value, found, True) if smallest else _less(found, value, True)


def _with_known(known: Any, value: Term) -> Term:
    if isinstance(value, Value):
        return Value(known, value.term, value.whole, value.decimals)
    if isinstance(value, Span):
        return Span(known, value.months, value.days, value.elapsed)
    return known_if(known, value)


def _mean(expr: Expr, known: Any, body: Body, tools: Tools) -> Value:
    total = _total(expr, known, body, tools)
    count = sum((choose(there, integer(1), integer(0)) for there, _ in body), start=integer(0))
    found: Term = Value(FALSE, rational(0))
    for number in range(1, len(body) + 1):
        divided = _by_constant(Value(total.known, total.term, total.whole, total.decimals), Fraction(number), tools)
        found = select(_same(count, integer(number)), divided, found)
    assert isinstance(found, Value)
    return found


def _first(expr: Expr, known: Any, body: Body, tools: Tools) -> Term:
    if not body:
        return Value(FALSE, integer(0))
    (last, value), *others = reversed(body)
    found: Term = known_if(last, value)
    for there, value in others:
        found = select(there, value, found)
    return known_if(known, found)


def _all_values(expr: Expr, known: Any, body: Body, tools: Tools) -> Items:
    return Items(_all_known(known, body), tuple(body))


_FOLDS: Final[dict[str, Callable[[Expr, Any, Body, Tools], Term]]] = {
    "somme": _total,
    "nombre": _count,
    "tous": _every,
    "certains": _some,
    "minimum": _outermost(True),
    "maximum": _outermost(False),
    "moyenne": _mean,
    "premier": _first,
    "liste": _all_values,
}


# --- calendar -------------------------------------------------------------------------------------------------------


def _one_day(compute: Callable[[Calendar, Any], Any]) -> Operator:
    def apply(expr: Expr, args: Sequence[Term], tools: Tools) -> Value:
        value = _number(args[0])
        return Value(value.known, compute(tools.calendar, value.term), 4)

    return apply


def _shifted(expr: Expr, args: Sequence[Term], tools: Tools) -> Value:
    base, span = _number(args[0]), _span(args[1])
    months, calendar = whole_value(span.months), tools.calendar
    overflow = str(expr.args[2].value)
    if expr.args[0].type.kind is Kind.DATE:
        moved = calendar.shifted(base.term, months, overflow) + span.days
        calendar.within.append(implies(_known(args), _in_years(moved, calendar)))
        return Value(_known(args), moved)
    local, day = calendar.local(base.term), calendar.day(base.term)
    moved = calendar.shifted(day, months, overflow) + span.days
    return Value(_known(args), calendar.instant(moved, local % integer(DAY)) + span.elapsed)


def _days(expr: Expr, args: Sequence[Term], tools: Tools) -> Span:
    value = _number(args[0])
    return Span(value.known, integer(0), value.term, integer(0))


def _gap(expr: Expr, args: Sequence[Term], tools: Tools) -> Value:
    return Value(_known(args), _number(args[1]).term - _number(args[0]).term, 7)


def _months(expr: Expr, args: Sequence[Term], tools: Tools) -> Value:
    first, last = _number(args[0]).term, _number(args[1]).term
    begun = expr.args[2].value == BEGUN

    def between(low: Any, high: Any) -> Any:
        calendar = tools.calendar
        day, length = calendar.day_of_month(low), calendar.length_of_month(high)
        ends, here = choose(day <= length, day, length), calendar.day_of_month(high)
        apart = calendar.month_rank(high) - calendar.month_rank(low) - choose(here < ends, integer(1), integer(0))
        return apart + choose(here != ends, integer(1), integer(0)) if begun else apart

    return Value(_known(args), choose(last < first, -between(last, first), between(first, last)), 5)


def _age(expr: Expr, args: Sequence[Term], tools: Tools) -> Value:
    birth, day = _number(args[0]).term, _number(args[1]).term
    calendar = tools.calendar
    before = either(
        calendar.part(day, lambda first: first.month) < calendar.part(birth, lambda first: first.month),
        both(
            calendar.part(day, lambda first: first.month) == calendar.part(birth, lambda first: first.month),
            calendar.day_of_month(day) < calendar.day_of_month(birth),
        ),
    )
    years = calendar.part(day, lambda first: first.year) - calendar.part(birth, lambda first: first.year)
    return Value(both(_known(args), birth <= day), years - choose(before, integer(1), integer(0)), 3)


# --- tables and parameters in time ----------------------------------------------------------------------------------


def in_time(cases: Sequence[tuple[Any, Any]], texts: Texts) -> Term:
    """The value among those that each hold under a condition; the conditions exclude each other."""
    if not cases:
        raise Untranslated("un paramètre sans aucune valeur connue")
    found = [(when, constant(value, texts)) for when, value in cases]
    if isinstance(found[0][1], Items | Cases):
        return Cases(tuple(cases))
    result: Term = found[0][1]
    for when, value in found[1:]:
        result = select(when, value, result)
    return known_if(either(*(when for when, _ in cases)), result)


def _at(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
    history, day = args[0], _number(args[1])
    assert isinstance(history, Cases)
    ((_, values),) = history.cases
    return in_time(list(periods(values, day)), tools.texts)


def periods(history: Any, day: Value) -> list[tuple[Any, Any]]:
    """When each known value of a parameter is in force, for a day."""
    found = []
    for rank, (start, value) in enumerate(zip(history.starts, history.values, strict=True)):
        if value is None:
            continue
        until = history.starts[rank + 1] if rank + 1 < len(history.starts) else None
        parts = [day.known, day.term >= integer(start.toordinal())]
        if until is not None:
            parts.append(day.term < integer(until.toordinal()))
        if history.until is not None:
            parts.append(day.term <= integer(history.until.toordinal()))
        found.append((both(*parts), value))
    return found


def _tables(table: Term) -> Sequence[tuple[Any, Any]]:
    assert isinstance(table, Cases)
    return table.cases


def _in_grid(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
    table, *keys = args
    cases = []
    for when, grid in _tables(table):
        for categories, value in grid.cells:
            here = [equal(key, constant(one, tools.texts)) for key, one in zip(keys, categories, strict=True)]
            cases.append((both(when, *(key.known for key in keys), *here), value))
    return in_time(cases, tools.texts)


def _in_scale(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
    table, base = args[0], _number(args[1])
    found: Term | None = None
    for when, scale in _tables(table):
        low = rational(0)
        passed = Value(TRUE, rational(0))
        for one in scale.slices:
            limit = None if one.limit is None else _number(constant(one.limit, tools.texts))
            value = constant(one.value, tools.texts)
            inside = _above(base, low, scale, one)
            here: Term = value
            if scale.marginal:
                part = Value(TRUE, real(base.term) - low, base.whole, base.decimals)
                here = _sum("bareme", passed, _product(part, _number(value)))
            holds = both(when, base.known, real(base.term) >= rational(0), inside)
            here = known_if(holds, here)
            found = here if found is None else select(holds, here, found)
            if limit is not None:
                if scale.marginal:
                    width = Value(TRUE, real(limit.term) - low, limit.whole, limit.decimals)
                    passed = _sum("bareme", passed, _product(width, _number(value)))
                low = real(limit.term)
    if found is None:
        raise Untranslated("un barème sans tranche")
    return found


def _above(base: Value, low: Any, scale: Any, one: Any) -> Any:
    """When a number is in a slice, and not in one before it."""
    rank = scale.slices.index(one)
    parts = []
    for other in scale.slices[:rank]:
        limit = rational(other.limit)
        parts.append(real(base.term) > limit if other.included else real(base.term) >= limit)
    if one.limit is not None:
        limit = rational(one.limit)
        parts.append(real(base.term) <= limit if one.included else real(base.term) < limit)
    return both(*parts)


def _product(left: Value, right: Value) -> Value:
    found = Value(TRUE, real(left.term) * real(right.term), left.whole + right.whole, left.decimals + right.decimals)
    return _exact("bareme", found)


def _holiday(expr: Expr, args: Sequence[Term], tools: Tools) -> Truth:
    day, listed = _number(args[0]), args[1]
    assert isinstance(listed, Cases)
    ((_, history),) = listed.cases
    known = [(when, days) for when, days in periods(history, day)]
    yes = either(*(both(when, day.term == integer(one.toordinal())) for when, days in known for one in days))
    return _truth(either(*(when for when, _ in known)), yes)


# --- texts ----------------------------------------------------------------------------------------------------------


def _of_text(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
    for other in expr.args[1:]:
        if other.op != LITERAL:
            raise Untranslated(f"{expr.op}, avec un texte qui vient du dossier")
    others = [str(other.value) for other in expr.args[1:]]
    value = _number(args[0])
    known, term = tools.texts.apply(expr.op, value.term, *others)
    known = both(_known(args), known)
    if expr.type.kind is Kind.BOOLEAN:
        return _truth(known, term)
    return Value(known, term, 9)


# Those that read the dossier, or whose operands are not all computed first, are in `translation`.
OPERATORS: Final[dict[str, Operator]] = {
    "et": _and, "ou": _or, "non": _not, "si": _if,
    "=": _equality, "!=": _difference, "<": _ordered, "<=": _ordered, ">": _ordered, ">=": _ordered,
    "dans": _member, "parmi": _among, "entre": _between,
    "+": _plus, "-": _minus, "*": _times, "/": _divided, "oppose": _opposite,
    "min": _extreme(True), "max": _extreme(False), "arrondi": _rounded,
    "au": _at, "grille": _in_grid, "bareme": _in_scale,
    "date_de": _one_day(Calendar.day), "debut_de_jour": _one_day(Calendar.start), "fin_de_jour": _one_day(Calendar.end),
    "decale": _shifted, "jours": _days, "nombre_de_jours": _gap, "nombre_de_mois": _months, "age": _age,
    "annee": _one_day(lambda calendar, day: calendar.part(day, lambda first: first.year)),
    "mois": _one_day(lambda calendar, day: calendar.part(day, lambda first: first.month)),
    "jour": _one_day(Calendar.day_of_month),
    "est_ferie": _holiday,
    "resultat": lambda _, args, __: args[0],
    **dict.fromkeys(FUNCTIONS, _of_text),
}  # fmt: skip
FOLDED: Final = frozenset(_FOLDS)
# Those that `translation` reads in the dossier.
READ: Final = frozenset({"present", "absent", "reponse", "filtre"})


def translated(expr: Expr, args: Sequence[Term], tools: Tools) -> Term:
    """The value of an operation; raises Untranslated, with its name, when there is none."""
    operator = OPERATORS.get(expr.op)
    if operator is None:
        raise Untranslated(expr.op)
    return operator(expr, args, tools)
