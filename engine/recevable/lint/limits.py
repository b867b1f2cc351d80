"""The constraints that the dossier schema puts on a field, following its references and `allOf`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from recevable.language.tree import ELEMENT
from recevable.language.types import referred

# For a lower and an upper bound, the inclusive and the exclusive keyword.
_BOUNDS: Final = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))


def declared(schema: Mapping[str, Any], *paths: str) -> list[Mapping[str, Any]]:
    """Every schema that a field must satisfy.  A second path is relative to the elements of the first, a list."""
    found = list(_all(schema, schema))
    for rank, path in enumerate(paths):
        if rank:
            found = [part for node in found for part in _all(schema, node.get("items"))]
        for name in path.split(".") if path else ():
            member = name.removesuffix(ELEMENT)
            found = [part for node in found for part in _all(schema, node.get("properties", {}).get(member))]
            if member != name:
                found = [part for node in found for part in _all(schema, node.get("items"))]
    return found


def whole_numbers(schema: Mapping[str, Any], path: str) -> tuple[int | None, int | None]:
    """The minimum and maximum whole number of a field; None: no bound."""
    ends: list[list[int]] = [[], []]
    for node in declared(schema, path):
        for end, keywords, inwards in zip(ends, _BOUNDS, (1, -1), strict=True):
            for keyword, step in zip(keywords, (0, inwards), strict=True):
                if isinstance(node.get(keyword), int):
                    end.append(node[keyword] + step)
    return max(ends[0], default=None), min(ends[1], default=None)


def is_optional(schema: Mapping[str, Any], path: str) -> bool:
    """Whether no enclosing object requires the field."""
    above, _, name = path.rpartition(".")
    return not any(name in node.get("required", ()) for node in declared(schema, above))


def _all(schema: Mapping[str, Any], node: Any) -> Iterator[Mapping[str, Any]]:
    """A schema, its references and all parts that must hold with it."""
    if not isinstance(node, dict):
        return
    yield node
    if "$ref" in node:
        yield from _all(schema, referred(schema, node["$ref"]))
    for part in node.get("allOf", ()):
        yield from _all(schema, part)
