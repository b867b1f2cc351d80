"""SHA-256 digests of what a decision was computed from."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import msgspec

from recevable import data, digests

# The packages besides the engine that affect a decision: another version may decide differently.
DECIDING: Final = ("durable-rules", "jsonschema", "jsonschema-rs", "msgspec", "PyYAML", "tzdata")


def digest_of(found: Mapping[str, str]) -> str:
    """One digest for a set of files: of the sorted lines `digest  name`, as sha256sum writes them."""
    return digests.sha256("".join(f"{value}  {name}\n" for name, value in sorted(found.items())).encode())


def schema_digest(schema: Mapping[str, Any]) -> str:
    """The digest of a schema, independent of its layout: sorted keys, no spaces, UTF-8."""
    return digests.sha256(msgspec.json.encode(schema, order="sorted"))


# An upper bound on the size of our modules, in bytes.
_MOST: Final = 4_000_000


@cache
def engine_digest() -> str:
    """The digest of every Python file of the installed package."""
    names = list(_modules(str(data.PACKAGE), ""))
    return digests.of_modules(data.PACKAGE, names, _MOST, digest_of)


def _modules(folder: str, within: str) -> Iterator[str]:
    """The Python files below a folder, each start of a command: `os.walk` looks up more."""
    with os.scandir(folder) as found:
        for one in found:
            if one.name.endswith(".py"):
                yield f"{within}{one.name}"
            elif one.name != "__pycache__" and one.is_dir(follow_symlinks=False):
                yield from _modules(one.path, f"{within}{one.name}/")


@cache
def deciding_versions() -> dict[str, str]:
    """The version of Python and of each package that affects decisions; `absent` if not installed."""
    return {"python": platform.python_version()} | {name.lower(): version(name) for name in DECIDING}


def version(name: str) -> str:
    """The version of an installed package, or `absent`."""
    wanted = name.lower().replace("-", "_")
    for folder in sys.path:
        for place in _installed(folder or "."):
            if place.lower().partition("-")[0] == wanted:
                _, _, rest = _metadata(f"{folder or '.'}/{place}").partition("\nVersion:")
                if found := rest.partition("\n")[0].strip():
                    return found
    # what is not plainly in a folder: importing this takes as long as all our own modules of a first decision
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


_HEADERS: Final = 2_000


@cache
def _installed(folder: str) -> list[str]:
    """The metadata folders in a folder of installed packages."""
    try:
        return [name for name in os.listdir(folder) if name.endswith(".dist-info")]  # noqa: PTH208
    except OSError:
        return []


def _metadata(place: str) -> str:
    """The first headers of a package's metadata file: its name and its version come before what may be long."""
    try:
        with open(f"{place}/METADATA", "rb") as stream:  # noqa: PTH123  # a path takes longer to make than to read
            return stream.read(_HEADERS).decode("utf-8", "replace").partition("\n\n")[0]
    except OSError:
        return ""
