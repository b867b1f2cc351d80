"""Rewrite a JSON Schema, one subschema after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

# Keywords that contain schemas by name, and those that contain values.
NAMED: Final = ("properties", "patternProperties", "$defs", "dependentSchemas")
_VALUES: Final = ("enum", "const", "default", "examples")


def rewritten(schema: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """The schema with `change` applied to every subschema, innermost first."""
    if isinstance(schema, list):
        return [rewritten(item, change) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in NAMED and isinstance(value, Mapping):
            found[key] = {name: rewritten(item, change) for name, item in value.items()}
        else:
            found[key] = value if key in _VALUES else rewritten(value, change)
    return change(found)
