"""Values in French: amounts, rates, dates, instants, as an instructor writes them."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any, Final

from recevable.language.calendar import Duration
from recevable.language.types import Kind, Type

NARROW_SPACE: Final = "\u202f"
NO_BREAK_SPACE: Final = "\u00a0"
MONTHS: Final = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
NOT_GIVEN: Final = "non renseigné"
MINUS: Final = "\N{MINUS SIGN}"


def number(value: Decimal | int) -> str:
    """Thousands apart by a narrow no-break space, decimal comma, a true minus sign: 250 000,00."""
    sign = MINUS if value < 0 else ""
    whole, _, decimals = f"{Decimal(value).copy_abs():f}".partition(".")
    groups = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)]
    return sign + NARROW_SPACE.join(reversed(groups)) + (f",{decimals}" if decimals else "")


def count(number_: int, one: str, many: str) -> str:
    """`1 dossier`, `0 dossier`, `12 dossiers`."""
    return f"{number(number_)} {one if number_ < 2 else many}"


def cents(value: Decimal | int) -> Decimal:
    """Euros with two decimals, more only where they say something: 250.00, 0.125."""
    whole, _, decimals = f"{Decimal(value):f}".partition(".")
    return Decimal(f"{whole}.{decimals.rstrip('0'):0<2}")


def amount(value: Decimal | int) -> str:
    """Euros, as people read them: 250 000,00 €."""
    return f"{number(cents(value))}{NO_BREAK_SPACE}€"


def rate(value: Decimal) -> str:
    """A percentage: 20 %, 8,5 %."""
    percent = (value * 100).normalize()
    return f"{number(Decimal(f'{percent:f}'))}{NO_BREAK_SPACE}%"


def day(value: date) -> str:
    """26 juillet 2023."""
    rank = "1er" if value.day == 1 else str(value.day)
    return f"{rank} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, zone: tzinfo) -> str:
    """26 juillet 2023 à 14:00:01, in the programme's zone; the end of a day is its last second, 23:59:59."""
    local = value.astimezone(zone)
    whole = local.microsecond == 0 or local.time() == time.max
    fraction = "" if whole else f",{local.microsecond:06d}".rstrip("0")
    return f"{day(local.date())} à {local:%H:%M:%S}{fraction}"


def duration(value: Duration) -> str:
    """2 ans, 15 jours."""
    parts = []
    years, months = divmod(value.months, 12)
    units = (
        (years, "an", "ans"),
        (months, "mois", "mois"),
        (value.days, "jour", "jours"),
        (value.seconds, "seconde", "secondes"),
    )
    for count, one, many in units:
        if count:
            parts.append(f"{count} {one if abs(count) == 1 else many}")
    return " ".join(parts) or "0 jour"


def words(value: Any, type_: Type, zone: tzinfo) -> str:
    """A value as it stands in a sentence."""
    if value is None:
        return NOT_GIVEN
    if type_.kind is Kind.BOOLEAN:
        return "oui" if value else "non"
    if type_.kind is Kind.AMOUNT:
        return amount(value)
    if type_.kind is Kind.RATE:
        return rate(Decimal(value))
    if type_.kind in (Kind.INTEGER, Kind.NUMBER):
        return number(value)
    if type_.kind is Kind.DATE:
        return day(value)
    if type_.kind is Kind.INSTANT:
        return moment(value, zone)
    if type_.kind is Kind.DURATION:
        return duration(value)
    if type_.kind is Kind.LIST:
        return f"{len(value)} élément(s)"
    if type_.kind is Kind.OBJECT:
        return "fourni"
    return str(value)
