"""Values formatted in French: amounts, rates, dates, instants."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any, Final

from recevable.language.calendar import MONTHS as MONTHS
from recevable.language.calendar import Duration
from recevable.language.tables import Grid, Scale
from recevable.language.types import NUMERAL, TEXT, Kind, Type
from recevable.lazy import pattern
from recevable.pack.model import InForce

NARROW_SPACE: Final = "\u202f"
NO_BREAK_SPACE: Final = "\u00a0"
NOT_GIVEN: Final = "non renseigné"
# The French text for an unknown value.
_UNKNOWN: Final = {
    Kind.AMOUNT: "un montant non renseigné",
    Kind.RATE: "un taux non renseigné",
    Kind.INTEGER: "un nombre non renseigné",
    Kind.NUMBER: "un nombre non renseigné",
    Kind.DATE: "une date non renseignée",
    Kind.INSTANT: "une date non renseignée",
    Kind.DURATION: "une durée non renseignée",
}
# The end of the text before a date, and its replacement when the date is unknown; then the same for any value.
_BEFORE_DATE: Final = (
    (pattern(r"\bdatée?s? du $|\bdu $"), "de date non renseignée"),
    (pattern(r"\b(après|avant|depuis|dès) le $"), r"\1 une date non renseignée"),
    (pattern(r"\bque le $"), "qu'à une date non renseignée"),
    (pattern(r"\b(?:le|au) $"), "à une date non renseignée"),
    (pattern(r"\bLe $"), "À une date non renseignée"),
)
_BEFORE_ANY: Final = ((pattern(r"\b(d)e $"), r"\1'{}"), (pattern(r"(\w) $"), r"\1 {}"))
_DATED: Final = (Kind.DATE, Kind.INSTANT)
# Units of time that agree with the count before them, as they begin the text after it.
_UNITS: Final = pattern(r"^(?P<space>\s)(?P<one>an|année|semaine|jour|heure|minute|seconde)s\b")
MINUS: Final = "\N{MINUS SIGN}"


def number(value: Decimal | int) -> str:
    """Thousands separated by a narrow no-break space, decimal comma, true minus sign: 250 000,00."""
    sign = MINUS if value < 0 else ""
    whole, _, decimals = f"{Decimal(value).copy_abs():f}".partition(".")
    groups = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)]
    return sign + NARROW_SPACE.join(reversed(groups)) + (f",{decimals}" if decimals else "")


def count(number_: int, one: str, many: str) -> str:
    """`1 dossier`, `0 dossier`, `12 dossiers`."""
    return f"{number(number_)} {one if number_ < 2 else many}"


def initial(text: str) -> str:
    """A title inside a sentence: `Demande de solde` becomes `demande de solde`, `TVA` stays."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def cents(value: Decimal | int) -> Decimal:
    """Euros with at least two decimals, trailing zeros removed beyond: 250.00, 0.125."""
    whole, _, decimals = f"{Decimal(value):f}".partition(".")
    return Decimal(f"{whole}.{decimals.rstrip('0'):0<2}")


def amount(value: Decimal | int) -> str:
    """Euros, in French notation: 250 000,00 €."""
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
    """26 juillet 2023 à 14:00:01, in time zone `zone`; the end of a day is written 23:59:59."""
    local = value.astimezone(zone)
    whole = local.microsecond == 0 or local.time() == time.max
    fraction = "" if whole else f",{local.microsecond:06d}".rstrip("0")
    return f"{day(local.date())} à {local:%H:%M:%S}{fraction}"


def when(value: date, zone: tzinfo) -> str:
    """A date, or an instant in time zone `zone`."""
    return moment(value, zone) if isinstance(value, datetime) else day(value)


def hour(value: datetime, zone: tzinfo) -> str:
    """10 h 42, in time zone `zone`: the hour alone, without its day."""
    local = value.astimezone(zone)
    return f"{local.hour}{NO_BREAK_SPACE}h{NO_BREAK_SPACE}{local:%M}"


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
    """A value formatted for use inside a sentence."""
    if value is None:
        return NOT_GIVEN
    if type_.kind is Kind.BOOLEAN:
        return "oui" if value else "non"
    if type_.kind is Kind.AMOUNT:
        return amount(value)
    if type_.kind is Kind.RATE:
        return rate(Decimal(value))
    if type_.format == NUMERAL:
        return str(value)
    if type_.kind in (Kind.INTEGER, Kind.NUMBER):
        return number(value)
    if type_.kind is Kind.DATE:
        return day(value)
    if type_.kind is Kind.INSTANT:
        return moment(value, zone)
    if type_.kind is Kind.DURATION:
        return duration(value)
    if isinstance(value, Grid | Scale):
        return table(value, type_, zone)
    if type_.kind is Kind.LIST and isinstance(value, tuple) and type_.item is not None:
        *others, last = [words(one, type_.item, zone) for one in value] or ["aucun"]
        return f"{', '.join(others)} et {last}" if others else last
    if type_.kind is Kind.LIST:
        return count(len(value), "élément", "éléments")
    if type_.kind is Kind.OBJECT:
        return "fourni"
    return type_.labels.get(value) or str(value)


def in_force_words(in_force: InForce) -> str:
    """`Du 8 mars 2023 au 31 décembre 2024, selon la réception de la demande`."""
    start, end = in_force.start, in_force.end
    when = f"À partir du {day(start)}" if start is not None and end is None else ""
    if end is not None:
        when = f"Jusqu'au {day(end)}" if start is None else f"Du {day(start)} au {day(end)}"
    known = {
        None: "le texte appliqué à la demande",
        "reception": "la réception de la demande",
        "decision": "la décision",
    }
    on = in_force.on.text if in_force.on is not None else None
    return f"{when}, selon {known.get(on, f'`{on}`')}"


def table(value: Grid | Scale, type_: Type, zone: tzinfo) -> str:
    """A table on one line: `petite : 40 % ; moyenne : 30 %`, `jusqu'à 10 000,00 € : 50 % ; au-delà : 30 %`."""
    return " ; ".join(f"{head} : {text}" for head, text in lines(value, type_, zone))


def lines(value: Grid | Scale, type_: Type, zone: tzinfo) -> list[tuple[str, str]]:
    """Each line of a table: what it is for, and its value."""
    keys = list(type_.fields.values())
    result = type_.item or TEXT
    if isinstance(value, Grid):
        return [
            (" / ".join(words(one, key, zone) for one, key in zip(cell, keys, strict=True)), words(found, result, zone))
            for cell, found in value.cells
        ]
    heads = [
        ("au-delà" if rank else "dans tous les cas")
        if one.limit is None
        else f"{'jusqu’à' if one.included else 'moins de'} {words(one.limit, keys[0], zone)}"
        for rank, one in enumerate(value.slices)
    ]
    return [(head, words(one.value, Type(value.kind), zone)) for head, one in zip(heads, value.slices, strict=True)]


def filled(texts: Sequence[str], values: Sequence[tuple[Any, Type]], zone: tzinfo) -> str:
    """Join alternating texts and values: `reçue à une date non renseignée`, `un délai de 1 jour`."""
    text = texts[0]
    for (value, type_), after in zip(values, texts[1:], strict=True):
        text = _joined(text, value, type_, zone)
        if type_.kind in (Kind.INTEGER, Kind.NUMBER) and value is not None and abs(value) < 2:
            after = _UNITS.sub(r"\g<space>\g<one>", after)
        text += after
    return text


def _joined(before: str, value: Any, type_: Type, zone: tzinfo) -> str:
    if value is not None or type_.kind not in _UNKNOWN:
        return before + words(value, type_, zone)
    noun = _UNKNOWN[type_.kind]
    forms = (*_BEFORE_DATE, *_BEFORE_ANY) if type_.kind in _DATED else _BEFORE_ANY
    for end, form in forms:
        found = end.search(before)
        if found:
            return before[: found.start()] + found.expand(form.format(noun))
    return before + noun.partition(" ")[2]
