"""Typed facts: the fields that rules read, taken out of a dossier in one walk and converted once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from decimal import Decimal
from typing import Any, Final

from recevable.dossier.formats import cached_date, cached_instant
from recevable.language.evaluate import Layout, Slots
from recevable.language.tree import FIELD
from recevable.language.types import Kind, Type

Convert = Callable[[Any], Any]
Fill = Callable[[Mapping[str, Any], Slots], None]
_NO_SLOT: Final = -1


def converter(type_: Type, zone: tzinfo) -> Convert | None:
    """How a JSON value becomes a value of the language; None when it already is one."""
    if type_.kind is Kind.INSTANT:
        return lambda text: cached_instant(text, zone)
    if type_.kind is Kind.DATE:
        return cached_date
    if type_.kind in (Kind.AMOUNT, Kind.RATE):
        return Decimal
    if type_.kind is Kind.LIST and type_.item is not None:
        item = converter(type_.item, zone)
        return None if item is None else lambda values: [item(value) for value in values]
    if type_.kind is Kind.OBJECT:
        members = {name: converter(child, zone) for name, child in type_.fields.items()}
        needed = {name: convert for name, convert in members.items() if convert is not None}
        if not needed:
            return None
        return lambda value: {k: needed[k](v) if k in needed else v for k, v in value.items()}
    return None


def extractor(fields: Mapping[str, Type], layout: Layout) -> Fill:
    """A function that fills the slots of the given fields; a field that is not there leaves its slot unknown."""
    tree: dict[str, Any] = {}
    for path in fields:
        node = tree
        for part in path.split("."):
            node = node.setdefault(part, {})
    return _fill(tree, "", fields, layout)


def _fill(tree: Mapping[str, Any], prefix: str, fields: Mapping[str, Type], layout: Layout) -> Fill:
    plan = []
    for name, below in tree.items():
        path = f"{prefix}{name}"
        slot, convert = _NO_SLOT, None
        if path in fields:
            slot = layout.slot(FIELD, path)
            # objects are only looked at for their presence: their members have slots of their own
            convert = None if fields[path].kind is Kind.OBJECT else converter(fields[path], layout.zone)
        plan.append((name, slot, convert, _fill(below, f"{path}.", fields, layout) if below else None))

    def fill(node: Mapping[str, Any], slots: Slots) -> None:
        for name, slot, convert, deeper in plan:
            value = node.get(name)
            if value is None:
                continue
            if slot >= 0:
                slots[slot] = value if convert is None else convert(value)
            if deeper is not None:
                deeper(value, slots)

    return fill
