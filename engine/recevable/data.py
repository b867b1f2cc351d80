"""Finding the data shipped with the software: `schemas/` and `rules/`, in a wheel or in a checkout."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent


@cache
def shipped(name: str) -> Path:
    """The folder `name` of the shipped data: inside the installed package, else beside the checkout's pyproject.toml.

    Raises FileNotFoundError when neither holds it.
    """
    packed = PACKAGE / "_data" / name
    if packed.is_dir():
        return packed
    for parent in PACKAGE.parents:
        if (parent / "pyproject.toml").is_file():
            if (parent / name).is_dir():
                return parent / name
            break
    raise FileNotFoundError(f"shipped data not found: {name}")


def schema_file(name: str) -> Path:
    """The path of a shipped JSON Schema, given below `schemas/`; raises FileNotFoundError."""
    path = shipped("schemas") / name
    if not path.is_file() or not path.resolve().is_relative_to(shipped("schemas").resolve()):
        raise FileNotFoundError(name)
    return path


@cache
def read_schema(name: str) -> dict[str, Any]:
    """A shipped JSON Schema; raises FileNotFoundError."""
    schema: dict[str, Any] = json.loads(schema_file(name).read_bytes())
    return schema
