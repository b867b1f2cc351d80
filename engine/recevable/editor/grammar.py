"""Look up places in the JSON Schema of a pack file: keys, closed values, titles and descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from recevable import data
from recevable.editor.outline import Path

_TYPES: Final = {
    "object": "des clés",
    "array": "une liste",
    "string": "un texte",
    "boolean": "true ou false",
    "integer": "un entier",
    "number": "un nombre",
    "null": "null",
}
_MAX_DEPTH: Final = 12


class Entry(Struct, frozen=True):
    """The schema of a place: title, description, closed values, and the definitions it passes through."""

    title: str
    description: str
    type: str
    values: tuple[str, ...]
    names: frozenset[str]

    @property
    def markdown(self) -> str:
        """The entry formatted as Markdown, for a hover."""
        lines = [f"**{self.title}** : {self.type}" if self.type else f"**{self.title}**", self.description]
        if self.values:
            lines.append(f"Valeurs : {', '.join(f'`{value}`' for value in self.values)}.")
        return "\n\n".join(line for line in lines if line)


class Key(Struct, frozen=True):
    """A key allowed in a block."""

    name: str
    entry: Entry
    required: bool


def schema_of(name: str) -> dict[str, Any] | None:
    """The schema of a file, by its name in the pack; None when the file is not part of a pack."""
    stem = name.removesuffix(".yaml") if "/" not in name else name.split("/")[0]
    if not name.endswith(".yaml"):
        return None
    try:
        return data.read_schema(f"{stem}.schema.json")
    except FileNotFoundError:
        return None


def entry(schema: dict[str, Any], path: Path) -> Entry | None:
    """The entry for the value at a path; None when the schema has none."""
    found = list(_at(schema, path))
    if not found:
        return None
    nodes = [part for node, _ in found for part in _parts(schema, node)]
    names = frozenset(name for _, passed in found for name in passed) | {n for node, _ in found for n in _names(node)}
    values = dict.fromkeys(value for node in nodes for value in _values(node))
    types = dict.fromkeys(name for node in nodes for name in _types(node))
    return Entry(
        _first(nodes, "title") or str(path[-1] if path else ""),
        _first(nodes, "description"),
        "" if values else " ou ".join(_TYPES[name] for name in types if name in _TYPES),
        tuple(values),
        names,
    )


def keys(schema: dict[str, Any], path: Path, present: tuple[str, ...] = ()) -> list[Key]:
    """The keys allowed in the block at a path; `present` selects among exclusive blocks."""
    nodes = [part for node, _ in _at(schema, path) for part in _parts(schema, node)]
    required = {name for node in nodes for name in node.get("required", ())}
    allowed = _allowed(nodes, present)
    found: dict[str, Key] = {}
    for node in nodes:
        for name in node.get("properties", {}):
            about = entry(schema, (*path, name))
            if about is not None and name not in found and (allowed is None or name in allowed):
                found[name] = Key(name, about, name in required)
    return list(found.values())


def _allowed(nodes: list[dict[str, Any]], present: tuple[str, ...]) -> set[str] | None:
    """The keys allowed by the `if`/`then` conditions, given the present ones; None when unrestricted."""
    for node in nodes:
        for condition in node.get("allOf", ()):
            wanted = condition.get("if", {}).get("required", ())
            only = condition.get("then", {}).get("propertyNames", {}).get("enum")
            if only and wanted and set(wanted) <= set(present):
                return set(only)
    return None


def _at(schema: dict[str, Any], path: Path) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Every schema node that a path may lead to, with the definitions of its last step."""
    current: list[tuple[dict[str, Any], frozenset[str]]] = [(schema, frozenset())]
    for step in path:
        following: list[tuple[dict[str, Any], frozenset[str]]] = []
        for node, _ in current:
            for part in _parts(schema, node):
                following += [(child, _names(child)) for child in _children(part, step)]
        current = following
    yield from current


def _children(node: dict[str, Any], step: str | int) -> Iterator[dict[str, Any]]:
    if isinstance(step, int):
        items = node.get("items")
        if isinstance(items, dict):
            yield items
        return
    known = node.get("properties", {})
    if step in known:
        yield known[step]
        return
    matching = [child for pattern, child in node.get("patternProperties", {}).items() if re.search(pattern, step)]
    yield from matching
    more = node.get("additionalProperties")
    if not matching and isinstance(more, dict):
        yield more


def _parts(schema: dict[str, Any], node: dict[str, Any], depth: int = 0) -> Iterator[dict[str, Any]]:
    """A node, its references and its branches."""
    yield node
    if depth > _MAX_DEPTH:
        return
    reference = node.get("$ref", "")
    if reference.startswith("#/"):
        target: Any = schema
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        yield from _parts(schema, target, depth + 1)
    for keyword in ("anyOf", "oneOf", "allOf"):
        for branch in node.get(keyword, ()):
            if "if" not in branch and "not" not in branch:
                yield from _parts(schema, branch, depth + 1)


def _names(node: dict[str, Any]) -> frozenset[str]:
    branches = [node, *node.get("anyOf", ()), *node.get("allOf", ())]
    found = {str(branch["$ref"]).rpartition("/")[2] for branch in branches if "$ref" in branch}
    return frozenset(found)


def _values(node: dict[str, Any]) -> list[str]:
    if "enum" in node:
        return [str(value) for value in node["enum"] if value is not None]
    if "const" in node:
        return [str(node["const"])]
    return ["true", "false"] if node.get("type") == "boolean" else []


def _types(node: dict[str, Any]) -> list[str]:
    declared = node.get("type", [])
    return [declared] if isinstance(declared, str) else list(declared)


def _first(nodes: list[dict[str, Any]], key: str) -> str:
    return next((str(node[key]) for node in nodes if node.get(key)), "")
