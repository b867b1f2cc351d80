"""Values of the language as terms of the solver, and the logic on them.

A truth value is a pair of conditions (true, false), both false when it is unknown; any other value is a condition
under which it is known, and a term that means something then only.  Dates are days since 1 January of year 1, instants
microseconds since 1970 in UTC, texts whole numbers that stand for them (`texts`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

import z3
from msgspec import Struct
from z3 import z3core

from recevable.language.calendar import Duration

# The only two constants that are simplified away, known by identity: asking the solver costs more.
TRUE: Final = z3.BoolVal(True)
FALSE: Final = z3.BoolVal(False)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
SECOND: Final = 10**6
DAY: Final = 86_400 * SECOND
# The digits that the evaluators keep of a decimal number (`language.evaluate.EXACT`).
DIGITS: Final = 34


class Untranslated(Exception):
    """What the solver cannot be asked, by name: an operation of the language, or a feature of a pack."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Truth(Struct, frozen=True):
    """A truth value: when it is true, when it is false."""

    yes: Any
    no: Any

    @property
    def known(self) -> Any:
        """When it is not unknown."""
        return either(self.yes, self.no)


class Value(Struct, frozen=True):
    """A number, date, instant or text.

    `whole` and `decimals` bound the digits of a number on each side of the point, so that a calculation that the
    evaluators would round is refused rather than taken as exact.
    """

    known: Any
    term: Any
    whole: int = 0
    decimals: int = 0


class Span(Struct, frozen=True):
    """A duration: months, days and microseconds, as whole numbers."""

    known: Any
    months: Any
    days: Any
    elapsed: Any


class Items(Struct, frozen=True):
    """A list: for each place, when there is an element there, and the element (a node of the dossier, or a value)."""

    known: Any
    elements: tuple[tuple[Any, Any], ...]


class Cases(Struct, frozen=True):
    """A value that the solver does not compute with (a table, values over time): what it may be, and when."""

    cases: tuple[tuple[Any, Any], ...]

    @property
    def known(self) -> Any:
        """When it is not unknown."""
        return either(*(when for when, _ in self.cases))


Term = Truth | Value | Span | Items | Cases


def both(*parts: Any) -> Any:
    """A conjunction, simplified when a part is constant."""
    return _joined(parts, z3core.Z3_mk_and, TRUE, FALSE)


def either(*parts: Any) -> Any:
    """A disjunction, simplified when a part is constant."""
    return _joined(parts, z3core.Z3_mk_or, FALSE, TRUE)


def _joined(parts: Sequence[Any], make: Callable[..., Any], neutral: Any, decisive: Any) -> Any:
    if any(part is decisive for part in parts):
        return decisive
    kept = [part for part in parts if part is not neutral]
    if len(kept) < 2:
        return kept[0] if kept else neutral
    # the solver's own function: that of its module in Python first compares the sorts of all the parts
    terms = (z3.Ast * len(kept))(*(part.as_ast() for part in kept))
    return z3.BoolRef(make(neutral.ctx.ref(), len(kept), terms), neutral.ctx)


def negation(part: Any) -> Any:
    """The contrary."""
    if part is TRUE:
        return FALSE
    return TRUE if part is FALSE else z3.Not(part)


def implies(left: Any, right: Any) -> Any:
    """Either the first does not hold, or the second does."""
    return either(negation(left), right)


def choose(when: Any, yes: Any, no: Any) -> Any:
    """One of two terms of the solver."""
    if when is TRUE:
        return yes
    if when is FALSE or yes is no:
        return no
    if isinstance(yes, z3.ArithRef) and yes.is_int() != no.is_int():
        yes, no = real(yes), real(no)
    return z3.If(when, yes, no)


def select(when: Any, yes: Term, no: Term) -> Term:
    """One of two values of the same kind; raises Untranslated for lists and tables."""
    if isinstance(yes, Truth) and isinstance(no, Truth):
        return Truth(choose(when, yes.yes, no.yes), choose(when, yes.no, no.no))
    known = choose(when, yes.known, no.known)
    if isinstance(yes, Value) and isinstance(no, Value):
        digits = max(yes.whole, no.whole), max(yes.decimals, no.decimals)
        return Value(known, choose(when, yes.term, no.term), *digits)
    if isinstance(yes, Span) and isinstance(no, Span):
        parts = ((yes.months, no.months), (yes.days, no.days), (yes.elapsed, no.elapsed))
        return Span(known, *(choose(when, one, other) for one, other in parts))
    raise Untranslated("si … alors … sinon, sur des listes")


def known_if(when: Any, value: Term) -> Term:
    """The value, unknown unless a condition holds."""
    if isinstance(value, Truth):
        return Truth(both(when, value.yes), both(when, value.no))
    if isinstance(value, Value):
        return Value(both(when, value.known), value.term, value.whole, value.decimals)
    if isinstance(value, Span):
        return Span(both(when, value.known), value.months, value.days, value.elapsed)
    if isinstance(value, Items):
        return Items(both(when, value.known), value.elements)
    return Cases(tuple((both(when, one), found) for one, found in value.cases))


def real(term: Any) -> Any:
    """A whole number as a rational one."""
    return z3.ToReal(term) if term.is_int() else term


@lru_cache(maxsize=65_536)
def integer(value: int) -> Any:
    """A whole number as a term."""
    return z3.IntVal(value)


def rational(value: Fraction | Decimal | int) -> Any:
    """An exact number as a term."""
    exact = Fraction(value)
    return z3.RealVal(f"{exact.numerator}/{exact.denominator}")


def moment(value: datetime) -> int:
    """An instant in microseconds since 1970."""
    return (value - EPOCH) // MICROSECOND


def instant(microseconds: int) -> datetime:
    """The instant of a number of microseconds since 1970."""
    return EPOCH + microseconds * MICROSECOND


def constant(value: Any, texts: Any) -> Term:
    """A value of the language as a term; `texts` gives the number of a text."""
    if isinstance(value, bool):
        return Truth(TRUE, FALSE) if value else Truth(FALSE, TRUE)
    if isinstance(value, int):
        return Value(TRUE, integer(value), len(str(abs(value))))
    if isinstance(value, Decimal):
        _, digits, exponent = value.normalize().as_tuple()
        decimals = max(0, -int(exponent))
        return Value(TRUE, rational(value), max(0, len(digits) + int(exponent)), decimals)
    if isinstance(value, str):
        return Value(TRUE, integer(texts.number(value)))
    if isinstance(value, datetime):
        return Value(TRUE, integer(moment(value)))
    if isinstance(value, date):
        return Value(TRUE, integer(value.toordinal()))
    if isinstance(value, Duration):
        elapsed = value.seconds * SECOND + value.microseconds
        return Span(TRUE, integer(value.months), integer(value.days), integer(elapsed))
    if isinstance(value, tuple | list):
        return Items(TRUE, tuple((TRUE, constant(one, texts)) for one in value))
    return Cases(((TRUE, value),))


def whole_value(term: Any) -> int:
    """The number of a term without variables; raises Untranslated when it has some."""
    found = z3.simplify(term)
    if not z3.is_int_value(found):
        raise Untranslated("une durée qui dépend du dossier, en mois ou pour en diviser une autre")
    return int(found.as_long())


def tree(places: Sequence[int], leaves: Sequence[Any], term: Any) -> Any:
    """The leaf of the interval that holds a number: `leaves[i]` from `places[i - 1]` on, as a search by halves."""
    if len(leaves) == 1 or all(leaf is leaves[0] for leaf in leaves):
        return leaves[0]
    middle = len(leaves) // 2
    low = tree(places[: middle - 1], leaves[:middle], term)
    high = tree(places[middle:], leaves[middle:], term)
    return choose(term < integer(places[middle - 1]), low, high)
