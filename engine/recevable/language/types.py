"""The static types of the language, and how a JSON Schema declares them.

Money, rates and plain numbers are different types on purpose: adding a rate to an amount is a mistake of the rule,
found when the pack is loaded and not when a dossier is decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NoReturn
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import force_setattr, replace


class ReadOnly(dict[Any, Any]):
    """A mapping that nobody can change; encoded and compared as a dict is.  Raises TypeError on every change."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this mapping is shared: copy it before a change")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return ReadOnly, (dict(self),)


# No entry at all, shared by those that have none.
NOTHING: Final[Mapping[Any, Any]] = ReadOnly()


class Immutable(Struct, frozen=True):
    """A value whose mappings nobody can change either, because threads and decisions share it; it can be pickled."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            given = getattr(self, name)
            if type(given) is dict:
                force_setattr(self, name, ReadOnly(given) if given else NOTHING)


class Kind(StrEnum):
    """Families of types; the values are words of the rule language."""

    BOOLEAN = "booleen"
    TEXT = "texte"
    INTEGER = "entier"
    NUMBER = "nombre"
    AMOUNT = "montant"
    RATE = "taux"
    DATE = "date"
    INSTANT = "instant"
    DURATION = "duree"
    LIST = "liste"
    OBJECT = "objet"
    GRID = "grille"
    SCALE = "bareme"


NUMERIC = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.AMOUNT, Kind.RATE})
# Read by giving what they depend on: `bareme_degressif(depenses)`.
TABLES = frozenset({Kind.GRID, Kind.SCALE})
ORDERED = NUMERIC | {Kind.DATE, Kind.INSTANT, Kind.DURATION}


class Type(Immutable, frozen=True, eq=False):
    """A type: its kind, the values of an enumerated text, the item of a list, the fields of an object.

    `labels` say what each value is called, in a schema that names them; they change nothing but sentences.
    `literal` marks a number written in an expression: it takes its unit from the other operand.  The `format` of a text
    is that of its JSON Schema, that of a whole number NUMERAL when it designates something; that of a duration names
    the units it may have besides days, when they are not written in the expression.  A table has the type of its
    results as item, those of what it depends on as fields, and the format `marginal` when each value applies to a part
    of a number.
    """

    kind: Kind
    values: tuple[str, ...] = ()
    item: Type | None = None
    fields: Mapping[str, Type] = NOTHING
    format: str = ""
    title: str = ""
    literal: bool = False
    labels: Mapping[str, str] = NOTHING

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Type) and self._key() == other._key()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return (self.kind, self.values, self.item, self.format, self.literal)

    def __str__(self) -> str:
        return str(self.kind)


# The public holidays of a place: a list of dates for each year, read by the functions on working days only.
HOLIDAYS = "feries"

# The format of a whole number that designates (a year, a rank, a file) instead of counting: written without separators.
NUMERAL = "numero"

BOOLEAN = Type(Kind.BOOLEAN)
TEXT = Type(Kind.TEXT)
INTEGER = Type(Kind.INTEGER)
NUMBER = Type(Kind.NUMBER)
AMOUNT = Type(Kind.AMOUNT)
RATE = Type(Kind.RATE)
DATE = Type(Kind.DATE)
INSTANT = Type(Kind.INSTANT)
DURATION = Type(Kind.DURATION)
DESIGNATION = Type(Kind.INTEGER, format=NUMERAL)
# The results of a rule that another may read, with their names in sentences; without one of them, it is unknown.
RESULTS = {"satisfait": "satisfait", "non_satisfait": "non satisfait", "sans_objet": "sans objet"}
RESULT_TYPE = Type(Kind.TEXT, values=tuple(RESULTS), labels=RESULTS)

_VALUES = {bool: Kind.BOOLEAN, int: Kind.INTEGER}
_FORMATS = {"date": Kind.DATE, "instant": Kind.INSTANT, "montant": Kind.AMOUNT, "taux": Kind.RATE}


def unify(left: Type, right: Type) -> Type | None:
    """The common type of two branches or operands, or None when they are incompatible."""
    if left.kind is right.kind:
        if left.kind is Kind.TEXT:
            if left.values != right.values:
                return TEXT
            return Type(Kind.TEXT, values=left.values, labels=left.labels if left.labels == right.labels else {})
        if left.kind is Kind.INTEGER and NUMERAL in (left.format, right.format):
            designates = all(one.format == NUMERAL or one.literal for one in (left, right))
            return DESIGNATION if designates else INTEGER
        return Type(left.kind, literal=True) if left.literal and right.literal else Type(left.kind)
    if {left.kind, right.kind} == {Kind.INTEGER, Kind.NUMBER}:
        return Type(Kind.NUMBER, literal=left.literal and right.literal)
    if left.kind in NUMERIC and right.kind in NUMERIC:
        if left.literal:
            return Type(right.kind)
        if right.literal:
            return Type(left.kind)
    return None


def schema_type(schema: Mapping[str, Any], node: Mapping[str, Any] | None = None) -> Type:
    """The type that a JSON Schema (2020-12, local `$ref` only) gives to its instances.

    Raises ValueError on a construct that has no type in the language.
    """
    node = schema if node is None else node
    title = str(node.get("title", ""))
    if "$ref" in node:
        base = schema_type(schema, referred(schema, node["$ref"]))
        return replace(base, title=title or base.title)
    declared = node.get("type")
    if declared == "object":
        members = node.get("properties", {})
        fields = {name: schema_type(schema, child) for name, child in members.items()}
        return Type(Kind.OBJECT, fields=fields, title=title)
    if declared == "array":
        return Type(Kind.LIST, item=schema_type(schema, node["items"]), title=title)
    if declared == "boolean":
        return Type(Kind.BOOLEAN, title=title)
    if declared == "integer":
        return Type(Kind.INTEGER, format=NUMERAL if node.get("format") == NUMERAL else "", title=title)
    known = choices(node)
    values = tuple(known)
    if declared == "string" or isinstance(next(iter(values), None), str):
        fmt = str(node.get("format", ""))
        labels = {value: label for value, label in known.items() if label}
        return Type(_FORMATS.get(fmt, Kind.TEXT), values=values, format=fmt, title=title, labels=labels)
    if values and type(values[0]) in _VALUES:
        return Type(_VALUES[type(values[0])], title=title)
    raise ValueError(f"no type of the language for the schema node {dict(node)!r}")


def choices(node: Mapping[str, Any]) -> dict[Any, str]:
    """The only values that a schema node allows, with what each is called; empty when they are not listed.

    `enum` and `const` list them without a name; `oneOf` lists texts, by the `const` and the `title` of each branch.
    """
    if "enum" in node:
        return dict.fromkeys(node["enum"], "")
    if "const" in node:
        return {node["const"]: ""}
    branches = node.get("oneOf", ())
    if branches and all(isinstance(one, Mapping) and isinstance(one.get("const"), str) for one in branches):
        return {one["const"]: str(one.get("title", "")) for one in branches}
    return {}


def called(value: Any) -> str:
    """What a value is called when the schema does not say: `non_assujetti`, « Non assujetti »."""
    words = str(value).replace("_", " ")
    return words[:1].upper() + words[1:]


def referred(schema: Mapping[str, Any], reference: str) -> Any:
    """The target of a local reference (`#/$defs/nom`) in a schema; raises KeyError, IndexError or ValueError."""
    found: Any = schema
    for part in unquote(reference.removeprefix("#")).split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        found = found[int(key)] if isinstance(found, list) else found[key]
    return found


def lookup(root: Type, path: str) -> Type | None:
    """The type at a dotted path below an object type, or None."""
    current = root
    for part in path.split("."):
        if current.kind is not Kind.OBJECT or part not in current.fields:
            return None
        current = current.fields[part]
    return current


def walk(root: Type, prefix: str = "") -> Iterator[tuple[str, Type]]:
    """Every dotted path below an object type with its type, parents first."""
    for name, child in root.fields.items():
        path = f"{prefix}{name}"
        yield path, child
        if child.kind is Kind.OBJECT:
            yield from walk(child, f"{path}.")
