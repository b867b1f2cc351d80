"""Find the data shipped with the software: `schemas/` and `rules/`, in a wheel or in a checkout."""

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
    """The path of a JSON Schema; raises FileNotFoundError."""
    return schema_place(name, folder)[1]


def schema_place(name: str, folder: Path | None = None) -> tuple[Path, Path]:
    """The folder and path of a JSON Schema: in the pack, in the `schemas` beside it, or shipped.

    Raises FileNotFoundError.  The path may not be a regular file: a pipe in its place must be reported, not skipped.
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
    from json import loads  # not used when deciding

    schema: dict[str, Any] = loads(schema_file(name).read_bytes())
    return schema
