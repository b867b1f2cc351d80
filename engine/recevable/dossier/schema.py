"""The schema of the dossiers of a programme, read strictly: a keyword that nothing knows would let anything pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from recevable.dossier.formats import NAMES
from recevable.dossier.positions import pointer, scan
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span, suggest

CODE: Final = "PAQ-SCHEMA"
_TYPES: Final = ("object", "array", "string", "integer", "boolean")
# JSON Schema 2020-12: what holds no schema, one schema, a list of them, or one by name.
_PLAIN: Final = frozenset(
    "$schema $id $ref $comment title description default examples deprecated readOnly writeOnly type enum const "
    "required dependentRequired minProperties maxProperties minItems maxItems uniqueItems minContains maxContains "
    "minLength maxLength pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf".split()
)
_ONE: Final = frozenset(
    "not if then else items contains additionalProperties propertyNames unevaluatedItems unevaluatedProperties".split()
)
_SEVERAL: Final = frozenset("allOf anyOf oneOf prefixItems".split())
_NAMED: Final = frozenset("properties patternProperties $defs dependentSchemas".split())
_KEYWORDS: Final = _PLAIN | _ONE | _SEVERAL | _NAMED


class _Slip(Struct, frozen=True):
    """What is wrong at a pointer: at its key, or at its value."""

    pointer: str
    message: str
    help: str
    at_key: bool = False


def read(data: bytes, name: str) -> dict[str, Any]:
    """The schema; raises DiagnosticError with each slip at its place in the file `name`, and UnicodeDecodeError."""
    text = data.decode("utf-8-sig")
    try:
        schema: dict[str, Any] = json.loads(text, object_pairs_hook=_once, parse_constant=_refused)
        if not isinstance(schema, dict):
            _refused(text)
    except (ValueError, RecursionError):
        found = scan(text)
        places = [(fault.index, fault.message, fault.help) for fault in found.faults]
        if not places or text.lstrip()[:1] != "{":
            places = [(0, "ce n'est pas un schéma JSON", "Un schéma est un objet JSON : `{ … }`.")]
    else:
        slips = list(_slips(schema, ()))
        if not slips:
            return schema
        found = scan(text)
        places = [((found.keys if one.at_key else found.values)[one.pointer], one.message, one.help) for one in slips]
    raise DiagnosticError(
        [Diagnostic(CODE, message, Span(name, *found.line_column(index)), help) for index, message, help in places]
    )


def _refused(text: str) -> Any:
    raise ValueError(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _slips(node: Any, path: tuple[str | int, ...]) -> Iterator[_Slip]:
    """The keywords, types and formats that are misspelt; the rest of the form is left to who uses the schema."""
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        here = (*path, key)
        if key not in _KEYWORDS and not key.startswith("x-"):
            help = suggest(key, _KEYWORDS) or "Les champs d'un objet se déclarent sous `properties`."
            yield _Slip(pointer(*here), f"mot-clé inconnu de JSON Schema : `{key}`", help, at_key=True)
        elif key == "type" and value not in _TYPES:
            help = (suggest(value, _TYPES) if isinstance(value, str) else "") or f"Types : {', '.join(_TYPES)}."
            yield _Slip(pointer(*here), f"`{value}` n'est pas un type que les règles connaissent", help)
        elif key == "format" and isinstance(value, str) and value not in NAMES and suggest(value, NAMES):
            yield _Slip(pointer(*here), f"format inconnu : `{value}`", suggest(value, NAMES))
        elif key in _ONE:
            yield from _slips(value, here)
        elif key in _SEVERAL and isinstance(value, list):
            for rank, child in enumerate(value):
                yield from _slips(child, (*here, rank))
        elif key in _NAMED and isinstance(value, dict):
            for name, child in value.items():
                yield from _slips(child, (*here, name))
