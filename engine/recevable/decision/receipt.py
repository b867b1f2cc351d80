"""Digests of what a decision was computed from."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from typing import Any, Final

from recevable import data

# What a decision stands on beside the engine: another version of one may decide otherwise.
DECIDING: Final = ("durable-rules", "jsonschema", "jsonschema-rs", "msgspec", "PyYAML", "tzdata")


def digest(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest_of(digests: Mapping[str, str]) -> str:
    """One digest for a set of files: of the sorted lines `digest  name`, as sha256sum writes them."""
    return digest("".join(f"{value}  {name}\n" for name, value in sorted(digests.items())).encode())


def schema_digest(schema: Mapping[str, Any]) -> str:
    """The digest of a schema, independent of its layout: sorted keys, no spaces, UTF-8."""
    return digest(json.dumps(schema, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())


@cache
def engine_digest() -> str:
    """The digest of every Python file of the installed package."""
    files = sorted(data.PACKAGE.rglob("*.py"))
    return digest_of({path.relative_to(data.PACKAGE).as_posix(): digest(path.read_bytes()) for path in files})


@cache
def deciding_versions() -> dict[str, str]:
    """The version of Python and of each package that decides; `absent` for one that is not installed."""
    found = {"python": platform.python_version()}
    for name in DECIDING:
        try:
            found[name.lower()] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name.lower()] = "absent"
    return found
