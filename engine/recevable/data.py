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


def schema_file(name: str, folder: Path | None = None) -> Path:
    """Where a JSON Schema is: beside the pack `folder`, in the `schemas` next to the pack's own folder, or shipped.

    Raises FileNotFoundError.
    """
    if name.startswith("/") or ".." in name.split("/"):
        raise FileNotFoundError(name)
    roots = [folder, folder.parent.parent / "schemas"] if folder is not None else []
    for root in (*roots, shipped("schemas")):
        if (root / name).is_file():
            return root / name
    raise FileNotFoundError(name)


@cache
def read_schema(name: str) -> dict[str, Any]:
    """A shipped JSON Schema; raises FileNotFoundError."""
    schema: dict[str, Any] = json.loads(schema_file(name).read_bytes())
    return schema
