"""The user's cache: a folder that only the user may write, with files written and read atomically.

A cache failure is never an error: without a trusted folder, nothing is cached.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final


def _digest(name: str, module: str) -> Any:
    """The digest function of a module that this Python may lack; `hashlib` has them all."""
    with suppress(ImportError):
        return getattr(import_module(module), name)
    return getattr(import_module("hashlib"), name)


# The interpreter's own, as `random` has it: `hashlib` loads OpenSSL, which takes a quarter of Python's own start.
sha256: Final[Callable[..., Any]] = _digest("sha256", "_sha2" if sys.version_info >= (3, 12) else "_sha256")
_blake2b: Final[Callable[..., Any]] = _digest("blake2b", "_blake2")

VARIABLE: Final = "RECEVABLE_CACHE"
OFF: Final = "non"
_SIZE: Final = 32


def folder() -> Path | None:
    """The cache folder, created if needed; None when it cannot be trusted or the user disabled it."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted == OFF or not hasattr(os, "geteuid"):
        return None
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        found = Path(wanted) if wanted else base / "recevable"
        found.mkdir(mode=0o700, parents=True, exist_ok=True)
        return found if found.is_absolute() and _is_ours(found.lstat()) else None
    except (OSError, RuntimeError):  # no home directory, or a file in the way
        return None


def read(path: Path) -> memoryview | None:
    """The content of a cache file; None when it is missing, damaged, or writable by others."""
    try:
        # read at once and not copied: an entry is large
        with path.open("rb", buffering=0) as stream:
            if not _is_ours(os.fstat(stream.fileno())):
                return None
            whole = memoryview(stream.read())
    except OSError:
        return None
    content = whole[_SIZE:]
    return content if _checked(content) == whole[:_SIZE] else None


def write(path: Path, content: bytes, most: int) -> None:
    """Write a file atomically, and delete the oldest files of the same suffix beyond `most`.

    Write errors, such as a full disk, are ignored.
    """
    partial = path.with_suffix(f".{os.getpid()}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(_checked(content) + content)
        partial.replace(path)
        for old in sorted(path.parent.glob(f"*{path.suffix}"), key=lambda one: one.stat().st_mtime)[:-most]:
            old.unlink(missing_ok=True)
    except OSError:
        partial.unlink(missing_ok=True)


def _checked(content: bytes | memoryview) -> bytes:
    """The digest by which damage shows; three times as fast as a SHA-256 without OpenSSL."""
    found: bytes = _blake2b(content, digest_size=_SIZE).digest()
    return found


def _is_ours(status: os.stat_result) -> bool:
    """Whether a file or a folder belongs to the user and only the user may write it."""
    return status.st_uid == os.geteuid() and not stat.S_ISLNK(status.st_mode) and not status.st_mode & 0o022
