"""The fields of a dossier as a tree, for entry forms, documentation and applicants.

Everything comes from the schema: titles, descriptions, formats, closed values and what each is called, bounds, and who
supplies each field (`x-fourni-par`, on a field or on an enclosing object).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from recevable.dossier.limits import pointer
from recevable.language.tree import ELEMENT as ELEMENT
from recevable.language.types import NOTHING, Immutable, called, choices, referred, schema_type

# The party who files the dossier; a programme names the others.
APPLICANT: Final = "demandeur"
# The schema annotation for who supplies a field: one party of the programme, or several.
SUPPLIED_BY: Final = "x-fourni-par"
_BOUNDS: Final = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern")
# A reference to a definition, or into it.
_DEFINITION: Final = re.compile(r"#/\$defs/([^/~%]+)(?:/|$)")


class Field(Immutable, frozen=True):
    """A field: its path (`paiements[].montant`), and what is needed to fill it in.

    `kind` is its type in words (`texte`, `booleen`, `entier`, `montant`, `taux`, `date`, `instant`, `objet`, `liste`);
    `format` that of the schema; `choices` the only values allowed, empty when free, and `labels` what each is called;
    `bounds` the JSON Schema keywords that limit a value; `supplied_by` the parties who supply it; `required` whether
    its object must have it.  `fields` are those of an object, `element` the item of a list; `pointer` is its
    declaration in the schema.
    """

    path: str
    title: str
    description: str
    kind: str
    format: str
    choices: tuple[Any, ...]
    bounds: Mapping[str, Any]
    supplied_by: tuple[str, ...]
    required: bool
    pointer: str
    fields: tuple[Field, ...] = ()
    element: Field | None = None
    labels: Mapping[Any, str] = NOTHING

    def walk(self) -> Iterator[Field]:
        """This field, then every field below it."""
        yield self
        for below in (*self.fields, *([self.element] if self.element is not None else [])):
            yield from below.walk()


def fields(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """The top-level fields of a dossier schema parsed by `schema.read`, in order."""
    return _Reader(schema).members(schema, "", (), ())


def declaration(schema: Mapping[str, Any], field: Field) -> dict[str, Any]:
    """A schema that accepts the values of one field alone, for a form that asks for it.

    It holds the definitions that the field refers to, and no other: a validator of it costs what the field costs.
    """
    node = referred(schema, field.pointer)
    definitions, names = schema.get("$defs", {}), dict[str, None]()
    waiting = [*_references(node)]
    while waiting:
        found = _DEFINITION.match(waiting.pop())
        if found is None or found[1] not in definitions:
            # somewhere among the fields, or written otherwise: all of the schema may be needed
            kept = {key: schema[key] for key in ("$schema", "$defs", "properties") if key in schema}
            return {**kept, "$ref": f"#{field.pointer}"}
        if found[1] not in names:
            names[found[1]] = None
            waiting += _references(definitions[found[1]])
    return {**node, "$defs": {name: definitions[name] for name in names}}


def _references(node: Any) -> Iterator[str]:
    """Every `$ref` of a part of a schema."""
    for key, below in node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ():
        if key == "$ref" and isinstance(below, str):
            yield below
        yield from _references(below)


class _Reader:
    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = schema

    def members(
        self, node: Mapping[str, Any], path: str, supplied_by: tuple[str, ...], where: tuple[str, ...]
    ) -> tuple[Field, ...]:
        required = node.get("required", ())
        return tuple(
            self.field(
                child, f"{path}.{name}" if path else name, supplied_by, name in required, (*where, "properties", name)
            )
            for name, child in node.get("properties", {}).items()
        )

    def field(
        self,
        written: Mapping[str, Any],
        path: str,
        supplied_by: tuple[str, ...],
        required: bool,
        where: tuple[str, ...],
    ) -> Field:
        # keywords beside a reference take precedence over its target
        node, inside = dict(written), where
        while "$ref" in node:
            inside = tuple(node["$ref"].removeprefix("#/").split("/"))
            node = {**referred(self.schema, node.pop("$ref")), **node}
        by = node.get(SUPPLIED_BY, supplied_by)
        by = (by,) if isinstance(by, str) else tuple(by)
        items = node.get("items")
        known = choices(node)
        return Field(
            path,
            node.get("title", ""),
            node.get("description", ""),
            str(schema_type(self.schema, node)),
            node.get("format", ""),
            tuple(known),
            {key: node[key] for key in _BOUNDS if key in node},
            by,
            required,
            pointer(*where),
            self.members(node, path, by, inside),
            self.field(items, path + ELEMENT, by, True, (*inside, "items")) if isinstance(items, Mapping) else None,
            {value: label or called(value) for value, label in known.items()},
        )
