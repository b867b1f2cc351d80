"""Dated parameters: every value has a start, a source, and the list an explicit end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, tzinfo
from typing import Any, Final

from recevable.language.calendar import parse_date, parse_instant
from recevable.language.check import parse_decimal
from recevable.language.diagnostics import Diagnostic
from recevable.language.syntax import ExpressionError, parse
from recevable.language.types import AMOUNT, DATE, DURATION, INSTANT, INTEGER, NUMBER, RATE, TEXT, Kind, Type
from recevable.pack.model import Parameter, Value
from recevable.pack.reader import Reader
from recevable.pack.yaml_strict import Mapping, Scalar

UNKNOWN: Final = "inconnue"
OPEN: Final = "ouvert"
TYPES: Final[dict[str, Type]] = {str(t.kind): t for t in (AMOUNT, RATE, INTEGER, NUMBER, DATE, INSTANT, TEXT, DURATION)}


def read_parameters(node: Mapping, zone: tzinfo, diagnostics: list[Diagnostic]) -> dict[str, Parameter]:
    """Every parameter of a `parametres:` block."""
    block = Reader(node, diagnostics, "`parametres`")
    found: dict[str, Parameter] = {}
    for name, key in node.keys.items():
        body = block.mapping(name, f"le paramètre `{name}`")
        if not name.isidentifier() or not name.isascii():
            block.fault(
                "PAQ-NOM",
                f"`{name}` ne peut pas nommer un paramètre",
                key.span,
                "Lettres sans accent et `_` seulement.",
            )
        elif body is not None:
            parameter = _parameter(body, name, key, zone)
            if parameter is not None:
                found[name] = parameter
    return found


def _parameter(reader: Reader, name: str, key: Scalar, zone: tzinfo) -> Parameter | None:
    title = reader.text("titre", required=False)
    kind = reader.choice("type", tuple(TYPES))
    by_decision = reader.choice("reference", ("reception", "decision"), required=False) == "decision"
    reader.text("note", required=False)
    house = reader.boolean("defaut_maison")
    convert = _converter(kind, zone)
    values: list[Value] = []
    for item in reader.mappings("valeurs", "une valeur datée"):
        start = _day(item, "a_partir_du")
        source = item.text("source")
        raw = item.scalar("valeur")
        item.finish()
        if start is None or raw is None or not kind:
            continue
        if values and start <= values[-1].start:
            item.fault(
                "PAQ-DATES",
                f"les valeurs de `{name}` ne sont pas dans l'ordre des dates",
                item.node.span,
                "Rangez-les de la plus ancienne à la plus récente, sans répéter de date.",
            )
        values.append(Value(start, _value(item, raw, kind, convert), source))
    until = _until(reader, values)
    reader.finish()
    if not kind or not values:
        return None
    type_ = _duration_type(values) if kind == Kind.DURATION else TYPES[kind]
    return Parameter(name, title or name, type_, by_decision, tuple(values), until, house, key.span)


def _duration_type(values: list[Value]) -> Type:
    """With the units that the values count, so that months are never added as if they had a length."""
    known = [value.value for value in values if value.value is not None]
    units = {"mois": any(v.months for v in known), "secondes": any(v.seconds for v in known)}
    return Type(Kind.DURATION, format=" ".join(unit for unit, used in units.items() if used))


def _until(reader: Reader, values: list[Value]) -> date | None:
    end = reader.scalar("jusqu_au")
    if end is None or end.text == OPEN:
        return None
    until = _day(reader, "jusqu_au")
    if until is not None and values and until < values[-1].start:
        reader.fault("PAQ-DATES", "le paramètre finit avant sa dernière valeur", end.span)
    return until


def _day(reader: Reader, key: str) -> date | None:
    node = reader.scalar(key)
    if node is None:
        return None
    try:
        return parse_date(node.text)
    except ValueError as error:
        hint = "Écrivez l'année, le mois puis le jour : 2023-07-31." if "/" in node.text else ""
        reader.fault("PAQ-DATE", f"`{node.text}` : {error}", node.span, hint)
        return None


def _value(reader: Reader, node: Scalar, kind: str, convert: Callable[[str], Any]) -> Any:
    if node.text == UNKNOWN and not node.quoted:
        return None
    if kind in (Kind.AMOUNT, Kind.RATE, Kind.NUMBER) and not node.quoted:
        reader.fault(
            "PAQ-GUILLEMETS",
            f"un {kind} s'écrit entre guillemets",
            node.span,
            f'Écrivez `"{node.text.replace(",", ".")}"`.',
        )
        return None
    try:
        return convert(node.text)
    except ValueError as error:
        hint = ""
        if "," in node.text:
            hint = f'Écrivez `"{node.text.replace(",", ".").replace(" ", "")}"`.'
        elif "/" in node.text:
            hint = "Écrivez l'année, le mois puis le jour : 2023-07-31."
        reader.fault("PAQ-VALEUR", str(error), node.span, hint)
        return None


def _converter(kind: str, zone: tzinfo) -> Callable[[str], Any]:
    def integer(text: str) -> int:
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"`{text}` n'est pas un nombre entier")
        return int(text)

    def duration(text: str) -> Any:
        try:
            syntax = parse(text)
        except ExpressionError:
            syntax = None
        if syntax is None or syntax.op != "duree":
            raise ValueError(f"`{text}` n'est pas une durée, comme `15 jours` ou `2 ans`")
        return syntax.value

    return {
        Kind.DATE: parse_date,
        Kind.INSTANT: lambda text: parse_instant(text, zone),
        Kind.INTEGER: integer,
        Kind.DURATION: duration,
        Kind.TEXT: lambda text: text,
    }.get(Kind(kind) if kind else Kind.TEXT, parse_decimal)
