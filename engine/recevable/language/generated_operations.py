"""The operations for generated code: a second implementation of the table, written from its documentation.

Generated code must be independent of the reference evaluator, so nothing here calls the computations of
`operations.py`, `calendar.py` or `identifiers.py`.  The tests compare both with the documented examples and with each
other.  Values are those of `evaluate.py`; a result outside the calendar or the digits is unknown (None).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, Final

from msgspec import structs

from recevable.language import working_days
from recevable.language.calendar import Duration, last_day
from recevable.language.history import History, value_on
from recevable.language.tables import Scale, in_slices, in_table
from recevable.lazy import pattern

# Operations written inline in Python, on known operands.
INLINE: Final = {
    "=": "{0} == {1}", "!=": "not {0} == {1}", "<": "{0} < {1}", "<=": "not {1} < {0}", ">": "{1} < {0}",
    ">=": "not {0} < {1}", "entre": "{1} <= {0} <= {2}", "non": "not {0}", "longueur": "len({0})",
    "commence_par": "{0}[:len({1})] == {1}", "contient": "{0}.find({1}) >= 0", "resultat": "{0}",
}  # fmt: skip
# The same on numbers, before `bounded`.
NUMBERS: Final = {"+": "{0} + {1}", "-": "{0} - {1}", "*": "{0} * {1}", "oppose": "0 - {0}"}

DIGITS: Final = 34
LARGEST: Final = 10**100

# Cache: the same days and codes occur in every request of a dossier.
_remembered = lru_cache(maxsize=4096)

_FIGURES: Final = "0123456789"
_CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LUHN: Final = (_FIGURES, "0246813579")


def bounded(value: Any) -> Any:
    """A number with at most a hundred integer digits, else unknown."""
    return value if -LARGEST < value < LARGEST else None


def total(values: Sequence[Any], zero: Any) -> Any:
    """The sum of a list; unknown when an element is."""
    found = zero
    for value in values:
        if value is None:
            return None
        found = found + value
    return bounded(found)


def count(values: Sequence[bool | None], zero: Any) -> int | None:
    """The number of true values; unknown when a value is."""
    found = 0
    for value in values:
        if value is None:
            return None
        found += value
    return found


def smallest(values: Sequence[Any], zero: Any) -> Any:
    """The smallest of a list, the first among equals; unknown when it is empty or when a value is unknown."""
    return None if not values or any(value is None for value in values) else least(*values)


def largest(values: Sequence[Any], zero: Any) -> Any:
    """The largest of a list, as `smallest`."""
    return None if not values or any(value is None for value in values) else greatest(*values)


def mean(values: Sequence[Any], zero: Any) -> Any:
    """The sum of a list by its length; unknown when it is empty."""
    found = total(values, zero)
    return quotient(found, len(values)) if found is not None else None


def first(values: Sequence[Any], zero: Any) -> Any:
    """The value of the first element; unknown without one."""
    return next(iter(values), None)


def all_values(values: Sequence[Any], zero: Any) -> tuple[Any, ...] | None:
    """The values themselves; unknown when one is."""
    return tuple(values) if all(value is not None for value in values) else None


def selected(items: Sequence[Any], answers: Sequence[bool | None]) -> list[Any] | None:
    """The items whose answer is true; unknown when an answer is."""
    if not all(answer in (True, False) for answer in answers):
        return None
    return [item for item, answer in zip(items, answers, strict=True) if answer]


def every(values: Sequence[bool | None], zero: Any) -> bool | None:
    """Kleene conjunction: `min`, with false below unknown below true."""
    return _TRUTH[min((_RANK[value] for value in values), default=2)]


def some(values: Sequence[bool | None], zero: Any) -> bool | None:
    """Kleene disjunction: `max` in the same order."""
    return _TRUTH[max((_RANK[value] for value in values), default=0)]


_TRUTH: Final = (False, None, True)
_RANK: Final = {truth: rank for rank, truth in enumerate(_TRUTH)}


def quotient(a: Any, b: Any) -> Decimal | None:
    """`a / b` in 34 digits; unknown when `b` is zero.  Of two durations, both in months or both without."""
    if isinstance(a, Duration):
        in_months = bool(a.months or b.months)
        a, b = (one.months if in_months else _microseconds(one) for one in (a, b))
    return bounded(Decimal(a) / b) if b else None


def _microseconds(duration: Duration) -> int:
    """A duration without months; a day has 24 hours."""
    elapsed = timedelta(hours=24) // timedelta(seconds=1) * duration.days + duration.seconds
    return elapsed * 10**6 + duration.microseconds


def times(a: Any, b: Any) -> Duration:
    """A duration and an integer, in either order."""
    duration, number = (a, b) if isinstance(a, Duration) else (b, a)
    return Duration(*(number * part for part in structs.astuple(duration)))


def reversed_(duration: Duration) -> Duration:
    """The opposite of a duration."""
    return Duration(*(-part for part in structs.astuple(duration)))


def member(value: Any, *members: Any) -> bool:
    """Whether a value is one of `members`."""
    return any(value == one for one in members)


def listed(value: Any, items: Sequence[Any]) -> bool:
    """Whether a value is one of the items of a list."""
    return any(value == one for one in items)


def on_slices(scale: Scale, base: Any) -> Any:
    """The value of a scale for a number, bounded as any product."""
    found = in_slices(scale, base)
    return bounded(found) if scale.marginal and found is not None else found


def clear_delay(day: date, delay: Duration, holidays: History) -> date | None:
    """The last day of a delay of which neither the first nor the last day counts, carried to a working day."""
    return working_days.next_worked(date.fromordinal(_moved_day(day, delay, "fin_de_mois").toordinal() + 1), holidays)


def least(*values: Any) -> Any:
    """The smallest value; the first among equals."""
    found = values[0]
    for value in values[1:]:
        found = value if value < found else found
    return found


def greatest(*values: Any) -> Any:
    """The largest value; the first among equals."""
    found = values[0]
    for value in values[1:]:
        found = value if found < value else found
    return found


@_remembered
def rounded(value: Decimal | int, step: str, direction: str) -> Decimal | None:
    """Round to a multiple of `step`, with integers: both are scaled to integers, then divided."""
    given, unit = Decimal(value), Decimal(step)
    decimals = max(0, -_exponent(given), -_exponent(unit))
    count, rest = divmod(_scaled(given, decimals), _scaled(unit, decimals))
    twice = 2 * rest - _scaled(unit, decimals)
    if direction == "superieur":
        count += rest > 0
    elif direction == "demi_pair":
        count += twice > 0 or (twice == 0 and count % 2 == 1)
    elif direction == "demi_superieur":
        # away from zero: for negative numbers, `count` is already the farther multiple
        count += twice > 0 or (twice == 0 and count >= 0)
    result = count * _scaled(unit, -_exponent(unit))
    if abs(result) >= 10**DIGITS:
        return None
    return Decimal(result).scaleb(_exponent(unit))


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def _scaled(value: Decimal, decimals: int) -> int:
    """`value` times ten to the power `decimals`, which makes it an integer."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    whole: int = int("".join(map(str, digits))) * 10 ** (exponent + decimals)
    return -whole if sign else whole


@_remembered
def local_day(zone: tzinfo, moment: datetime) -> date:
    """The local date of a UTC instant in a zone."""
    return zone.fromutc(moment.replace(tzinfo=zone)).date()


@_remembered
def day_starts(zone: tzinfo, day: date) -> datetime:
    """The first instant of a local day in a zone, in UTC."""
    return _utc(datetime.combine(day, time()), zone)


@_remembered
def day_ends(zone: tzinfo, day: date) -> datetime:
    """The last instant of a local day in a zone, in UTC."""
    return _utc(datetime.combine(day, time(23, 59, 59, 999_999)), zone)


def _utc(local: datetime, zone: tzinfo) -> datetime:
    offset = zone.utcoffset(local.replace(tzinfo=zone))
    assert offset is not None
    return (local - offset).replace(tzinfo=UTC)


def _local(moment: datetime, zone: tzinfo) -> datetime:
    return zone.fromutc(moment.replace(tzinfo=zone)).replace(tzinfo=None)


def moved(zone: tzinfo, moment: Any, duration: Duration, overflow: str) -> Any:
    """Add months, then days, in local time; then seconds."""
    if not isinstance(moment, datetime):
        return _moved_day(moment, duration, overflow)
    local = _local(moment, zone)
    day = _moved_day(local.date(), duration, overflow)
    local = local.replace(year=day.year, month=day.month, day=day.day)
    return _utc(local, zone) + timedelta(seconds=duration.seconds, microseconds=duration.microseconds)


def _moved_day(day: date, duration: Duration, overflow: str) -> date:
    if duration.months:
        # months counted from year 0
        month = day.year * 12 + (day.month - 1) + duration.months
        first = date(month // 12, month % 12 + 1, 1)
        missing = day.day - last_day(first.year, first.month)
        if missing <= 0:
            day = first + timedelta(days=day.day - 1)
        else:
            day = first + timedelta(days=day.day - missing - (overflow == "fin_de_mois"))
    return day if not duration.days else date.fromordinal(day.toordinal() + duration.days)


def plus(zone: tzinfo, a: Any, b: Any) -> Any:
    """A moment or a duration, plus a duration."""
    if isinstance(a, Duration):
        return Duration(*map(sum, zip(structs.astuple(a), structs.astuple(b), strict=True)))
    return moved(zone, a, b, "fin_de_mois")


def minus(zone: tzinfo, a: Any, b: Any) -> Any:
    """A moment or a duration, minus a duration; or the duration between two moments."""
    if isinstance(b, Duration):
        return plus(zone, a, reversed_(b))
    if isinstance(a, datetime):
        rest, microseconds = divmod((a - b) // timedelta(microseconds=1), 1_000_000)
        whole, seconds = divmod(rest, 86_400)
        return Duration(0, whole, seconds, microseconds)
    return Duration(days=a.toordinal() - b.toordinal())


def days(count: int) -> Duration:
    """A duration of `count` days."""
    return Duration(0, count, 0)


def days_apart(first: date, last: date) -> int:
    """The days from a date to another."""
    return last.toordinal() - first.toordinal()


def months_apart(first: date, last: date, which: str) -> int:
    """The months from a date to another, of which the last may be only begun."""
    if first > last:
        return -months_apart(last, first, which)
    months = 12 * (last.year - first.year) + last.month - first.month
    # the day of the month of `last` on which a month ends
    end = _moved_day(first, Duration(months), "fin_de_mois")
    if which == "commences":
        return months + (end < last)
    return months - (last < end)


def years_old(birth: date, day: date) -> int | None:
    """Complete years: birthdays up to the day, as text, where 29 February comes just before 1 March."""
    if day < birth:
        return None
    return day.year - birth.year - (day.isoformat()[4:] < birth.isoformat()[4:])


def year_of(day: date) -> int:
    """The year."""
    return day.timetuple().tm_year


def month_of(day: date) -> int:
    """The month, from 1 to 12."""
    return day.timetuple().tm_mon


def day_of_month(day: date) -> int:
    """The day of the month, from 1 to 31."""
    return day.timetuple().tm_mday


# Each sign, and what stands for it.
_UNIFIED: Final = (('"«»“”„‟', " "), ("’‘‛′", "'"), ("–—‐‑‒−", "-"))
_BLANKS: Final = pattern(r"\s+")


@_remembered
def normalised(text: str) -> str:
    """Case folded, with spaces, dashes and apostrophes unified, and quotation marks removed."""
    text = unicodedata.normalize("NFC", text)
    for signs, plain in _UNIFIED:
        for sign in signs:
            text = text.replace(sign, plain)
    return _BLANKS.sub(" ", text.casefold()).strip()


_GROUPING: Final = " \u00a0\u2007\u2009\u202f"
_SIGNS: Final = _FIGURES + _CAPITALS
_BASE_36: Final = {sign: str(rank) for rank, sign in enumerate(_SIGNS)}


def has_form(text: str, pattern: str) -> bool:
    """Whether a whole text has the form of a pattern: the name of a member is compared, not a value."""
    return _named(pattern)({text: None})


@_remembered
def _named(pattern: str) -> Callable[[object], bool]:
    # imported late, as in `operations.py`
    import jsonschema_rs

    from recevable.language.patterns import LINEAR, whole

    forms = {"patternProperties": {whole(pattern): True}, "additionalProperties": False}
    return jsonschema_rs.Draft202012Validator(forms, pattern_options=LINEAR).is_valid


def spaceless(text: str) -> str:
    """Without the spaces that separate groups."""
    for space in _GROUPING:
        text = text.replace(space, "")
    return text


def _made_of(signs: str, *parts: str) -> bool:
    return all(sign in signs for part in parts for sign in part)


@_remembered
def compact_code(text: str) -> str:
    """Without spaces; in capitals when it is all ASCII."""
    text = spaceless(text)
    return text.upper() if all(ord(sign) < 128 for sign in text) else text


def _luhn_sum(digits: str) -> int:
    doubled = digits[-2::-2].translate(str.maketrans(*_LUHN))
    return sum(map(int, digits[-1::-2])) + sum(map(int, doubled))


@_remembered
def siret_is_valid(text: str) -> bool:
    """Fourteen digits with valid SIRET and SIREN check digits; La Poste has its own rule."""
    text = spaceless(text)
    head = text[:9]
    if len(text) != 14 or not _made_of(_FIGURES, text) or head == "000000000" or _luhn_sum(head) % 10:
        return False
    return not _luhn_sum(text) % 10 or (head == "356000000" and not sum(map(int, text)) % 5)


def siren_part(text: str) -> str | None:
    """The first nine digits of a valid SIRET, else None."""
    return spaceless(text)[:9] if siret_is_valid(text) else None


@_remembered
def iban_is_valid(text: str) -> bool:
    """The ISO 13616 check digits, and the RIB key of a French account."""
    code = compact_code(text)
    country, key, account = code[:2], code[2:4], code[4:]
    if not (11 <= len(account) <= 30 and _made_of(_CAPITALS, country) and _made_of(_FIGURES, key)):
        return False
    if not _made_of(_SIGNS, account):
        return False
    rest = 0
    for sign in account + country + key:
        for digit in _BASE_36[sign]:
            rest = (rest * 10 + int(digit)) % 97
    if rest != 1 or country != "FR":
        return rest == 1
    counter, number, last = account[:10], account[10:21], account[21:]
    if len(last) != 2 or not _made_of(_FIGURES, counter, last) or not 1 <= int(last) <= 97:
        return False
    return int(counter + "".join(map(_rib_digit, number)) + last) % 97 == 0


def _rib_digit(sign: str) -> str:
    """A to I are 1 to 9, J to R too, S to Z are 2 to 9."""
    if sign in _FIGURES:
        return sign
    rank = _CAPITALS.index(sign)
    return str((rank + (rank >= 18)) % 9 + 1)


@_remembered
def bic_is_valid(text: str) -> bool:
    """Eight or eleven characters in BIC format."""
    code = compact_code(text)
    return len(code) in (8, 11) and _made_of(_CAPITALS, code[:6]) and _made_of(_SIGNS, code[6:])


@_remembered
def bic_of_branch(text: str) -> str:
    """Eleven characters: the branch of the head office is XXX."""
    code = compact_code(text)
    return code.ljust(11, "X") if len(code) == 8 else code


# Operations that are called, by name; those of ZONED take the zone first.
CALLED: Final[dict[str, Callable[..., Any]]] = {
    "dans": member, "+": plus, "-": minus, "/": quotient, "min": least, "max": greatest, "arrondi": rounded,
    "*": times, "oppose": reversed_,
    "date_de": local_day, "debut_de_jour": day_starts, "fin_de_jour": day_ends, "decale": moved, "jours": days,
    "nombre_de_jours": days_apart, "nombre_de_mois": months_apart, "age": years_old, "annee": year_of,
    "mois": month_of, "jour": day_of_month,
    "normalise": normalised, "siret_valide": siret_is_valid, "siret_compact": spaceless, "siren_de": siren_part,
    "iban_valide": iban_is_valid, "iban_compact": compact_code, "bic_valide": bic_is_valid,
    "bic_complet": bic_of_branch, "motif": has_form, "parmi": listed, "au": value_on, "grille": in_table,
    "bareme": on_slices, "est_ferie": working_days.falls_on_holiday,
    "jours_ouvres": partial(working_days.counted, working_days.OPENED),
    "jours_ouvrables": partial(working_days.counted, working_days.WORKED),
    "ajoute_jours_ouvres": partial(working_days.moved, working_days.OPENED),
    "ajoute_jours_ouvrables": partial(working_days.moved, working_days.WORKED), "proroge": working_days.next_worked,
    "delai_franc": clear_delay,
}  # fmt: skip
# The same over a list of values, with the zero of a sum.
FOLDED: Final[dict[str, Callable[[Sequence[Any], Any], Any]]] = {
    "somme": total, "nombre": count, "tous": every, "certains": some, "minimum": smallest, "maximum": largest,
    "moyenne": mean, "premier": first, "liste": all_values,
}  # fmt: skip
ZONED: Final = frozenset({"+", "-", "date_de", "debut_de_jour", "fin_de_jour", "decale"})
