"""Facts written by hand in a pack, converted to the types that the schema gives to their fields.

Examples are not validated against the schema: without this check, a text such as `"non"` for a boolean would be true.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Any, Final

from recevable.dossier.formats import ImplausibleYear, plausible
from recevable.language.calendar import parse_date, parse_instant
from recevable.language.check import parse_decimal
from recevable.language.types import Kind, Type, lookup
from recevable.pack import hints
from recevable.pack.model import Manifest
from recevable.pack.nodes import Mapping, Node, Scalar, Sequence
from recevable.pack.parameters import read_duration
from recevable.pack.reader import Reader

CODE: Final = "EXE-FAIT"
# The expected form of a fact of each type, in French.
_MODELS: Final = {
    Kind.BOOLEAN: "`true` ou `false`, sans guillemets",
    Kind.INTEGER: "un nombre entier, comme `12`",
    Kind.NUMBER: 'un nombre entre guillemets, comme `"1.5"`',
    Kind.AMOUNT: 'un montant entre guillemets, comme `"1234.50"`',
    Kind.RATE: 'un taux entre guillemets, comme `"0.20"`',
    Kind.DATE: 'une date, comme `"2023-06-30"`',
    Kind.INSTANT: 'un instant, comme `"2023-07-26T14:00:00"`',
    Kind.DURATION: 'une durée, comme `"15 jours"`',
    Kind.TEXT: "un texte",
    Kind.LIST: "une liste, comme `[{…}, {…}]`",
    Kind.OBJECT: "des clés, comme `{cle: valeur}`",
}


def read_fact(node: Node, type_: Type, path: str, reader: Reader, manifest: Manifest) -> Any:
    """The JSON value of a fact, as in a dossier; None, with a fault added to `reader`, when it is invalid."""
    if type_.kind is Kind.OBJECT and isinstance(node, Mapping):
        found = {}
        for key, child in node.entries.items():
            if key in type_.fields:
                found[key] = read_fact(child, type_.fields[key], f"{path}.{key}", reader, manifest)
            else:
                help = _nested(key, type_) or hints.did_you_mean(key, type_.fields)
                help = help or f"Champs de `{path}` : {', '.join(type_.fields)}."
                reader.fault("EXE-CHAMP", f"champ inconnu : `{path}.{key}`", node.keys[key].span, help)
        return found
    if type_.kind is Kind.LIST and isinstance(node, Sequence) and type_.item is not None:
        return [read_fact(item, type_.item, path, reader, manifest) for item in node.items]
    if not isinstance(node, Scalar) or type_.kind in (Kind.LIST, Kind.OBJECT):
        reader.fault(CODE, f"`{path}` attend {_MODELS[type_.kind].split(',')[0]}", node.span, _help(type_, ""))
        return None
    return _scalar(node, type_, path, reader, manifest)


def _nested(key: str, type_: Type) -> str:
    """The nested form to write for a dotted path where only keys are allowed."""
    above, _, last = key.rpartition(".")
    if not above or lookup(type_, key) is None:
        return ""
    written = f"{above.replace('.', ': {')}: {{{last}: …{'}' * key.count('.')}"
    return f"Un chemin à points ne s'écrit qu'au premier niveau : ici, `{written}`."


def _scalar(node: Scalar, type_: Type, path: str, reader: Reader, manifest: Manifest) -> Any:
    text = node.text
    try:
        if type_.values and text not in type_.values:
            fix = hints.sure(text, type_.values)
            message = f"`{text}` n'est pas une valeur de `{path}`"
            reader.fault(CODE, message, node.span, _values(text, type_.values), fix)
            return None
        if type_.kind is Kind.BOOLEAN:
            return _BOOLEANS[text if not node.quoted else ""]
        if type_.kind is Kind.INTEGER:
            return _integer(text if not node.quoted else "")
        if type_.kind in _READERS:
            _READERS[type_.kind](text, manifest.zone)
        if type_.kind in (Kind.DATE, Kind.INSTANT):
            plausible(text, manifest.years)
        if type_.kind in (Kind.AMOUNT, Kind.RATE, Kind.NUMBER) and not node.quoted:
            raise ValueError
    except ImplausibleYear as error:
        reader.fault(CODE, f"`{path}` : {str(error).split(' : ')[0]}", node.span, "Vérifiez l'année.")
        return None
    except (ValueError, KeyError) as error:
        if type_.kind in (Kind.DATE, Kind.INSTANT) and _meant(type_, text) == f'"{text}"':
            # well formed but not an existing moment: the message says what to write
            reader.fault(CODE, f"`{path}` : {error}", node.span, "Choisissez celle que vous visez.")
            return None
        message = f"`{path}` attend {_MODELS[type_.kind].split(',')[0]}, pas `{text}`"
        meant = _meant(type_, text)
        help = f"Écrivez `{meant}`." if meant else f"Écrivez {_MODELS[type_.kind]}."
        reader.fault(CODE, message, node.span, help, meant if hints.certain(text, meant) else "")
        return None
    return text


_BOOLEANS: Final = {"true": True, "false": False}
_READERS: Final[dict[Kind, Callable[[str, tzinfo], Any]]] = {
    Kind.AMOUNT: lambda text, _: parse_decimal(text),
    Kind.RATE: lambda text, _: parse_decimal(text),
    Kind.NUMBER: lambda text, _: parse_decimal(text),
    Kind.DATE: lambda text, _: parse_date(text),
    Kind.INSTANT: parse_instant,
    Kind.DURATION: lambda text, _: read_duration(text),
}


def _integer(text: str) -> int:
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 18):
        raise ValueError(text)
    return int(text)


def _values(text: str, values: tuple[str, ...]) -> str:
    return hints.did_you_mean(text, values) or f"Valeurs possibles : {', '.join(f'`{value}`' for value in values)}."


def _help(type_: Type, text: str) -> str:
    meant = _meant(type_, text)
    return f"Écrivez `{meant}`." if meant else f"Écrivez {_MODELS[type_.kind]}."


def _meant(type_: Type, text: str) -> str:
    """The text to write instead, quotes included; an empty string when uncertain."""
    if type_.kind is Kind.BOOLEAN:
        return hints.boolean(text)
    if type_.kind is Kind.INTEGER:
        return hints.number(text) if hints.number(text).isdigit() else ""
    meant = ""
    if type_.kind is Kind.DATE:
        meant = hints.day(text)
    elif type_.kind is Kind.INSTANT:
        meant = hints.instant(text)
    elif type_.kind in (Kind.AMOUNT, Kind.RATE, Kind.NUMBER):
        meant = hints.number(text)
    return f'"{meant}"' if meant else ""
