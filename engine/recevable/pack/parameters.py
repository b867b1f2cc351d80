"""Read dated parameters: every value has a start and a source, and the list has an explicit end."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from recevable.language import habits
from recevable.language.calendar import Duration, parse_date, parse_instant
from recevable.language.check import parse_decimal
from recevable.language.diagnostics import Diagnostic
from recevable.language.syntax import UNITS, ExpressionError, parse
from recevable.language.types import (
    AMOUNT,
    BOOLEAN,
    DATE,
    DESIGNATION,
    DURATION,
    HOLIDAYS,
    INSTANT,
    INTEGER,
    NUMBER,
    NUMERAL,
    RATE,
    TABLES,
    TEXT,
    Kind,
    Type,
)
from recevable.pack import hints
from recevable.pack.model import Parameter, Value
from recevable.pack.nodes import Mapping, Scalar, Sequence
from recevable.pack.reader import Reader, is_name, name_help
from recevable.pack.tables import completed, duration_type, read_table, read_type

UNKNOWN: Final = "inconnue"
OPEN: Final = "ouvert"
_PLAIN: Final = (AMOUNT, RATE, INTEGER, NUMBER, DATE, INSTANT, TEXT, DURATION, BOOLEAN)
CALENDAR: Final = "jours_feries"
_LISTED: Final = {"liste_de_textes": TEXT, "liste_de_dates": DATE, CALENDAR: DATE}
_SINGLE: Final[dict[str, Type]] = {str(t.kind): t for t in _PLAIN}
TYPES: Final[dict[str, Type]] = {
    **_SINGLE,
    NUMERAL: DESIGNATION,
    **{name: Type(Kind.LIST, item=item) for name, item in _LISTED.items()},
    **{str(kind): Type(kind) for kind in (Kind.GRID, Kind.SCALE)},
    CALENDAR: Type(Kind.LIST, item=DATE, format=HOLIDAYS),
}
RECEPTION: Final = "reception"
DECISION: Final = "decision"
_TRUTHS: Final = {"vrai": True, "faux": False}


def read_parameters(node: Mapping, zone: tzinfo, diagnostics: list[Diagnostic]) -> dict[str, Parameter]:
    """Read every parameter of a `parametres:` block; faults are added to `diagnostics`."""
    block = Reader(node, diagnostics, "`parametres`")
    found: dict[str, Parameter] = {}
    for name, key in node.keys.items():
        body = block.mapping(name, f"le paramètre `{name}`")
        if not is_name(name):
            block.fault("PAQ-NOM", f"`{name}` ne peut pas nommer un paramètre", key.span, name_help(name))
        elif body is not None:
            parameter = _parameter(body, name, key, zone)
            if parameter is not None:
                found[name] = parameter
    block.finish()
    return found


def _parameter(reader: Reader, name: str, key: Scalar, zone: tzinfo) -> Parameter | None:
    title = reader.text("titre", required=False)
    kind = reader.choice("type", tuple(TYPES))
    reference = reader.text("reference", required=False)
    note = reader.text("note", required=False)
    house = reader.boolean("defaut_maison")
    verified = reader.day("verifie_le", required=False)
    one = str(_LISTED[kind].kind) if kind in _LISTED else kind
    table = read_type(reader, name, kind, _SINGLE) if kind in TABLES else None
    convert = _converter("" if kind in TABLES else one, zone)
    values: list[Value] = []
    for item in reader.mappings("valeurs", "une valeur datée"):
        start = item.day("a_partir_du")
        source = item.text("source")
        value: Any
        if not kind:
            # its type is unknown: its value cannot be checked
            item.node_at("valeur")
            value = None
        elif kind in TABLES:
            value = _table(item, table, title or name, reader.text("donne"), zone)
        else:
            value = _list(item, one, convert) if kind in _LISTED else _single(item, kind, convert)
        _ended(item)
        item.finish()
        if start is None or not kind:
            continue
        item.follows(start, [value.start for value in values], f"valeurs de `{name}`")
        values.append(Value(start, value, source))
    node = reader.node.entries.get("valeurs")
    if isinstance(node, Sequence) and not node.items:
        help = 'Écrivez `- {a_partir_du: "AAAA-MM-JJ", valeur: …, source: …}`.'
        reader.fault("PAQ-DATES", f"`{name}` n'a aucune valeur", node.span, help)
    until = _until(reader, values)
    if kind == CALENDAR:
        _calendar(reader, name, values, until)
    reader.finish()
    if not kind or not values:
        return None
    if kind in TABLES and table is None:
        return None
    type_ = TYPES[kind] if table is None else completed(table, values)
    if kind == Kind.DURATION:
        type_ = duration_type(value.value for value in values)
    read_on = "" if reference in ("", RECEPTION, DECISION) else reference
    return Parameter(
        name, title or name, type_, reference == DECISION, tuple(values), until, house, key.span, verified, reader.node,
        note, read_on, bool(reference),
    )  # fmt: skip


def _ended(item: Reader) -> None:
    """Report an end given to one value: it holds until the next one, and a gap is an unknown value."""
    if not item.has("jusqu_au"):
        return
    node = item.node.entries["jusqu_au"]
    help = "Retirez `jusqu_au`. Si rien ne vaut ensuite, ajoutez une valeur qui le dise"
    if isinstance(node, Scalar) and (last := hints.day(node.text)):
        following = date.fromisoformat(last) + timedelta(days=1)
        help += f' : `{{a_partir_du: "{following}", valeur: {UNKNOWN}, source: …}}`'
    item.fault("PAQ-DATES", "une valeur vaut jusqu'à la suivante", item.node.keys["jusqu_au"].span, f"{help}.")


def read_duration(text: str) -> Duration:
    """Parse a duration of the language (`2 ans`); raises ValueError with a French message."""
    try:
        syntax = parse(text)
    except ExpressionError:
        syntax = None
    if syntax is None or syntax.op != "duree":
        raise ValueError(f"`{text}` n'est pas une durée, comme `15 jours` ou `2 ans`")
    return Duration(syntax.value.months, syntax.value.days, syntax.value.seconds)


def _calendar(reader: Reader, name: str, values: list[Value], until: date | None) -> None:
    """Check that a calendar of holidays ends, and that each list holds the holidays of its own period."""
    keys = reader.node.keys
    if until is None:
        help = "Un jour férié oublié changerait un délai : écrivez le dernier jour de la dernière année donnée."
        span = keys["jusqu_au"].span if "jusqu_au" in keys else reader.node.span
        reader.fault("PAQ-DATES", f"le calendrier `{name}` n'a pas de fin", span, help)
        return
    for rank, value in enumerate(values):
        end = values[rank + 1].start if rank + 1 < len(values) else until + timedelta(days=1)
        if value.value is None:
            help = "Donnez les jours fériés de chaque année."
            reader.fault("PAQ-VALEUR", f"le calendrier `{name}` a des jours inconnus", keys["valeurs"].span, help)
            return
        outside = next((day for day in value.value if day is not None and not value.start <= day < end), None)
        if outside is not None:
            help = "Rangez-le dans la liste dont la période le contient."
            message = (
                f"le {outside} n'est pas dans la période de sa liste, du {value.start} au {end - timedelta(days=1)}"
            )
            reader.fault("PAQ-DATES", message, keys["valeurs"].span, help)
            return


def _until(reader: Reader, values: list[Value]) -> date | None:
    end = reader.scalar("jusqu_au")
    if end is None or end.text == OPEN:
        return None
    if not any(char.isdigit() for char in end.text):
        help = f'Écrivez `{OPEN}`, ou le dernier jour sous la forme `"AAAA-MM-JJ"`.'
        reader.fault("PAQ-VALEUR", f"`{end.text}` n'est pas une valeur de `jusqu_au`", end.span, help)
        return None
    until = reader.day("jusqu_au")
    if until is not None and values and until < values[-1].start:
        help = f"Sa dernière valeur commence le {values[-1].start} : corrigez l'une des deux dates."
        reader.fault("PAQ-DATES", "le paramètre finit avant sa dernière valeur", end.span, help)
    return until


def _single(reader: Reader, kind: str, convert: Callable[[str], Any]) -> Any:
    """The value of a plain parameter."""
    raw = reader.scalar("valeur")
    return None if raw is None or not kind else _value(reader, raw, kind, convert)


def _table(reader: Reader, type_: Type | None, title: str, given: str, zone: tzinfo) -> Any:
    """The value of a grid or a scale; None when declared unknown."""
    node = reader.node_at("valeur")
    if type_ is None or (isinstance(node, Scalar) and node.text == UNKNOWN and not node.quoted):
        return None

    def convert(one: Reader, word: Scalar, kind: Kind) -> Any:
        if word.text == UNKNOWN and not word.quoted:
            help = f"Écrivez `valeur: {UNKNOWN}` pour tout le tableau."
            one.fault("PAQ-VALEUR", "un tableau n'a pas de valeur inconnue", word.span, help)
        return _value(one, word, str(kind), _converter(str(kind), zone))

    return read_table(reader, type_, title, Kind(given), convert)


def _list(reader: Reader, kind: str, convert: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """The values of a parameter that is a list; None when declared unknown."""
    node = reader.node_at("valeur")
    if isinstance(node, Scalar) and node.text == UNKNOWN and not node.quoted:
        return None
    found: list[Any] = []
    for word in reader.words("valeur"):
        value = _value(reader, word, kind, convert)
        if value in found:
            reader.fault("PAQ-DOUBLON", f"`{word.text}` figure deux fois", word.span, "Gardez-le une seule fois.")
        found.append(value)
    return tuple(found)


def _value(reader: Reader, node: Scalar, kind: str, convert: Callable[[str], Any]) -> Any:
    """The converted value; None when declared unknown or unreadable."""
    if node.text == UNKNOWN and not node.quoted:
        return None
    if kind != Kind.TEXT and node.text == UNKNOWN:
        help = f"Écrivez `valeur: {UNKNOWN}`."
        reader.fault("PAQ-VALEUR", f"`{UNKNOWN}` s'écrit sans guillemets", node.span, help, UNKNOWN)
        return None
    meant = _meant(node.text, kind)
    fix = f'"{meant}"' if meant and hints.certain(node.text, meant) else ""
    if kind in (Kind.AMOUNT, Kind.RATE, Kind.NUMBER) and not node.quoted:
        help = f'Écrivez `"{meant}"`.' if meant else _advice(node.text, Kind(kind))
        if meant:
            reader.fault("PAQ-GUILLEMETS", f"un {kind} s'écrit entre guillemets", node.span, help, fix)
        else:
            reader.fault("PAQ-VALEUR", f"`{node.text}` n'est pas un {kind}", node.span, help)
        return None
    try:
        value = convert(node.text)
    except ValueError as error:
        help = f'Écrivez `"{meant}"`.' if meant else _advice(node.text, Kind(kind))
        if meant == node.text:  # well formed but not an existing moment: the message says what to write
            help, fix = "Choisissez l'heure que le texte vise.", ""
        # a rate of 20 may mean 20 % or be a mistake: only its form is certain
        reader.fault("PAQ-VALEUR", str(error), node.span, help, "" if kind == Kind.RATE else fix)
        return None
    if kind == Kind.RATE and not 0 <= value <= 1:
        help = f'Écrivez `"{meant}"`.' if meant else 'Écrivez `"0.20"` pour 20 %.'
        reader.fault("PAQ-VALEUR", f"le taux `{node.text}` n'est pas entre 0 et 1", node.span, help)
    return value


_FORMS: Final = {
    Kind.AMOUNT: "Un montant s'écrit en chiffres, avec un point, sans unité, entre guillemets.",
    Kind.RATE: "Un taux s'écrit en décimal, de 0 à 1, entre guillemets.",
    Kind.NUMBER: "Un nombre s'écrit en chiffres, avec un point, entre guillemets.",
    Kind.INTEGER: "Un nombre entier s'écrit en chiffres, sans unité.",
    Kind.DURATION: "Une durée est un nombre suivi de `jours`, `mois`, `ans`, `heures`, `minutes` ou `secondes`.",
    Kind.BOOLEAN: "Écrivez `vrai` ou `faux`.",
}


def _advice(text: str, kind: Kind) -> str:
    """What to write instead of a text that is no value of a kind, and whose meaning is not certain."""
    if hints.nearest(text, (UNKNOWN,)):
        return f"Vouliez-vous dire `{UNKNOWN}`, sans guillemets ?"
    if kind is Kind.DATE:
        return hints.about_day(text)
    if kind is Kind.INSTANT:
        return hints.about_instant(text)
    unit = re.fullmatch(r"\s*(\d+)\s*([^\W\d_]+)\s*", text)
    meant = habits.unit(unit[1], unit[2], tuple(UNITS)) if kind is Kind.DURATION and unit is not None else ""
    return meant or _FORMS[kind]


def _meant(text: str, kind: str) -> str:
    """The probable meaning of a badly written value."""
    if kind == Kind.BOOLEAN:
        return {"true": "vrai", "oui": "vrai", "false": "faux", "non": "faux"}.get(text.lower(), "")
    if kind == Kind.DATE:
        return hints.day(text)
    if kind == Kind.INSTANT:
        return hints.instant(text)
    if kind == Kind.RATE:
        number = hints.number(text)
        return hints.number(f"{number} %") if number and Decimal(number) > 1 else number.removeprefix("-")
    if kind == Kind.INTEGER:
        number = hints.number(text)
        return number if number.isdigit() else ""
    return hints.number(text) if kind in (Kind.AMOUNT, Kind.NUMBER) else ""


def _converter(kind: str, zone: tzinfo) -> Callable[[str], Any]:
    def integer(text: str) -> int:
        if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 18):
            raise ValueError(f"`{text}` n'est pas un nombre entier")
        return int(text)

    def truth(text: str) -> bool:
        if text not in _TRUTHS:
            raise ValueError(f"`{text}` n'est ni `vrai` ni `faux`")
        return _TRUTHS[text]

    return {
        Kind.BOOLEAN: truth,
        Kind.DATE: parse_date,
        Kind.INSTANT: lambda text: parse_instant(text, zone),
        Kind.INTEGER: integer,
        NUMERAL: integer,
        Kind.DURATION: read_duration,
        Kind.TEXT: lambda text: text,
    }.get(kind or Kind.TEXT, parse_decimal)
