"""Which files make a pack, and their digests: what a receipt states, and what a prepared pack is known by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path


def pack_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every YAML file below a folder: its name in the pack, its path, in order."""
    for path in sorted(folder.rglob("*.y*ml")):
        yield path.relative_to(folder).as_posix(), path


def pack_digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a pack.  Raises OSError."""
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in pack_files(folder)}
