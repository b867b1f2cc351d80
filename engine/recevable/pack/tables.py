"""Read the tables of a pack: a `grille` gives a value for each category, a `bareme` one for each slice of a number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from msgspec.structs import replace

from recevable.language.calendar import Duration
from recevable.language.operations import FUNCTIONS, OPERATIONS, TypeFault
from recevable.language.tables import Grid, Scale, Slice
from recevable.language.tree import Expr
from recevable.language.types import DURATION, INTEGER, NUMERIC, TEXT, Kind, Type
from recevable.pack.model import Value
from recevable.pack.nodes import Mapping, Node, Scalar, Sequence
from recevable.pack.reader import Reader

MARGINAL: Final = "marginal"
_CATEGORIES: Final = {str(type_.kind): type_ for type_ in (TEXT, INTEGER)}
_UP_TO, _UNDER = "jusqu_a", "moins_de"
_SLICE: Final = 'Écrivez `- {jusqu_a: "10000.00", valeur: …}`, et la dernière sans `jusqu_a`.'

# Converts a text of the pack to a value of a kind, or records a fault and returns None.
Convert = Callable[[Reader, Scalar, Kind], Any]


def read_type(reader: Reader, name: str, kind: str, results: dict[str, Type]) -> Type | None:
    """The type of a table from `selon`, `donne` and `marginal`; None when one is wrong."""
    if name in FUNCTIONS:
        place = reader.node.span
        reader.fault("PAQ-NOM", f"`{name}` est une fonction du langage", place, "Choisissez un autre nom.")
    result = results.get(reader.choice("donne", tuple(results)))
    if kind == Kind.GRID:
        words = reader.words("selon", required=False)
        keys = [_CATEGORIES.get(word.text) for word in words] if words else [TEXT]
        for word, key in zip(words, keys, strict=False):
            if key is None:
                help = f"Valeurs possibles : {', '.join(f'`{one}`' for one in _CATEGORIES)}."
                reader.fault("PAQ-VALEUR", f"une grille ne se lit pas selon un `{word.text}`", word.span, help)
        if result is None or None in keys:
            return None
        named = {"categorie" if len(keys) == 1 else f"categorie_{n}": key for n, key in enumerate(keys, start=1) if key}
        return Type(Kind.GRID, item=result, fields=named)
    numbers = {word: type_ for word, type_ in results.items() if type_.kind in NUMERIC}
    base = numbers.get(reader.choice("selon", tuple(numbers)))
    marginal = reader.boolean(MARGINAL)
    if base is None or result is None:
        return None
    if marginal:
        try:
            result = OPERATIONS["*"].typing([Expr("", (), base), Expr("", (), result)])
        except TypeFault:
            help = "Un barème marginal applique à chaque tranche un taux, un prix ou un nombre."
            message = f"un `{base.kind}` ne se multiplie pas par un `{result.kind}`"
            reader.fault("PAQ-VALEUR", message, reader.node.keys["donne"].span, help)
            return None
    return Type(Kind.SCALE, item=result, fields={"nombre": base}, format=MARGINAL if marginal else "")


def completed(type_: Type, values: list[Value]) -> Type:
    """The type of a table, closed on the categories and the texts that it has at any date."""
    tables = [value.value for value in values if value.value is not None]
    item, fields = type_.item, dict(type_.fields)
    results = dict.fromkeys(result for table in tables for result in table.results)
    if item is not None and item.kind is Kind.TEXT:
        item = replace(item, values=tuple(results))
    if item is not None and item.kind is Kind.DURATION:
        item = duration_type(results)
    for rank, (name, key) in enumerate(type_.fields.items()):
        if type_.kind is Kind.GRID and key.kind is Kind.TEXT:
            fields[name] = replace(
                key, values=tuple(dict.fromkeys(cell[rank] for table in tables for cell, _ in table.cells))
            )
    return replace(type_, item=item, fields=fields)


def duration_type(durations: Iterable[Duration | None]) -> Type:
    """The type of durations, with their units: months have no fixed length, so the types differ."""
    known = [one for one in durations if one is not None]
    units = {
        "mois": any(one.months for one in known),
        "jours": any(one.days for one in known),
        "secondes": any(one.seconds for one in known),
    }
    return replace(DURATION, format=" ".join(unit for unit, used in units.items() if used))


def read_table(reader: Reader, type_: Type, title: str, given: Kind, convert: Convert) -> Grid | Scale | None:
    """The value of a table under `valeur`; `given` is the kind of the values written in it."""
    node = reader.node_at("valeur")
    if node is None:
        return None
    if type_.kind is Kind.GRID:
        keys = [key.kind for key in type_.fields.values()]
        cells = tuple(_cells(reader, node, keys, given, convert))
        return Grid(title, cells) if cells else None
    slices = _slices(reader, node, next(iter(type_.fields.values())).kind, given, convert)
    return Scale(title, type_.format == MARGINAL, slices, given) if slices else None


def _cells(
    reader: Reader, node: Node, keys: list[Kind], given: Kind, convert: Convert
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each line of a grid; a second entry is a block under each category of the first."""
    if not isinstance(node, Mapping) or not node.keys:
        help = 'Écrivez une ligne par catégorie : `petite: "0.40"`.'
        reader.fault("PAQ-BLOC", "une grille contient une ligne par catégorie", node.span, help)
        return
    for name, place in node.keys.items():
        category = convert(reader, place, keys[0])
        below = node.entries[name]
        if len(keys) > 1:
            for cell, value in _cells(reader, below, keys[1:], given, convert):
                yield (category, *cell), value
        elif isinstance(below, Scalar):
            yield (category,), convert(reader, below, given)
        else:
            reader.fault("PAQ-TEXTE", f"`{name}` doit avoir une seule valeur", below.span, "Donnez la valeur.")


def _slices(reader: Reader, node: Node, base: Kind, given: Kind, convert: Convert) -> tuple[Slice, ...]:
    if not isinstance(node, Sequence) or not node.items:
        reader.fault("PAQ-LISTE", "un barème contient une tranche par tiret", node.span, _SLICE)
        return ()
    found: list[Slice] = []
    items = list(reader.mappings("valeur", "une tranche"))
    for rank, item in enumerate(items):
        raw = item.scalar("valeur")
        limits = {key: item.scalar(key, required=False) for key in (_UP_TO, _UNDER) if item.has(key)}
        for key in (_UP_TO, _UNDER):
            item.has(key)
        item.finish()
        limit = next(iter(limits.values()), None)
        value = None if raw is None else convert(item, raw, given)
        end = None if limit is None else convert(item, limit, base)
        if len(limits) > 1:
            reader.fault("PAQ-VALEUR", "une tranche a une seule limite", item.node.span, _SLICE)
        elif limit is None and rank < len(items) - 1:
            reader.fault("PAQ-VALEUR", "seule la dernière tranche est sans limite", item.node.span, _SLICE)
        elif end is not None and found and found[-1].limit is not None and end <= found[-1].limit:
            help = "Rangez-les de la plus basse à la plus haute."
            reader.fault("PAQ-VALEUR", "les tranches ne sont pas dans l'ordre", item.node.span, help)
        elif end is not None and end <= 0:
            help = "La première tranche part de zéro."
            reader.fault("PAQ-VALEUR", "la limite d'une tranche est positive", item.node.span, help)
        found.append(Slice(end, _UP_TO in limits, value))
    return tuple(found)
