"""Finding the data shipped with the software: `schemas/` and `rules/`, in a wheel or in a checkout."""

from __future__ import annotations

import os
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
    """Where a JSON Schema is; raises FileNotFoundError."""
    return schema_place(name, folder)[1]


def schema_place(name: str, folder: Path | None = None) -> tuple[Path, Path]:
    """The folder that a JSON Schema belongs to, and its file: of the pack, of the `schemas` next to it, or shipped.

    Raises FileNotFoundError.  The file may be any thing: a pipe that hides a schema is to be told, not passed over.
    """
    if name.startswith("/") or ".." in name.split("/"):
        raise FileNotFoundError(name)
    roots = [folder, folder.parent.parent / "schemas"] if folder is not None else []
    for root in (*roots, shipped("schemas")):
        if os.path.lexists(root / name):
            return root, root / name
    raise FileNotFoundError(name)


@cache
def read_schema(name: str) -> dict[str, Any]:
    """A shipped JSON Schema; raises FileNotFoundError."""
    from json import loads  # no decision reads a schema by here

    schema: dict[str, Any] = loads(schema_file(name).read_bytes())
    return schema
