"""Packs prepared once: verified, compiled, planned for the network, and kept in the user's cache (docs/adr/0008).

A command that finds its pack prepared reads no YAML and compiles nothing.  The key of an entry is the digest of all
that it was made from: the engine, what it stands on, every file of the pack.  An entry is used, or written, only if the
digests that the pack itself holds, taken of the bytes that were parsed, are those of the files and of the schema; and
read only if it belongs to the user and nobody else may write it or its folder, the rule by which compiled Python files
are trusted.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from recevable.decision.receipt import deciding_versions, engine_digest
from recevable.inference.network import Network
from recevable.pack.compiled import CompiledPack
from recevable.pack.source import FolderSource

VARIABLE: Final = "RECEVABLE_CACHE"
OFF: Final = "non"
KEPT: Final = 8
_DIGEST: Final = 32

Prepared = tuple[CompiledPack, Mapping[str, Network]]


def prepare(folder: Path) -> Prepared:
    """A verified pack and the network of each of its contexts; raises DiagnosticError when the pack is wrong."""
    cache = _folder()
    if cache is None:
        return _make(folder)
    try:
        there = _digests(folder)
    except OSError:
        # a file that cannot be read: the loader tells which, if it matters
        return _make(folder)
    made_from = (engine_digest(), dict(deciding_versions()), sys.version, str(folder.resolve()), sorted(there.items()))
    entry = cache / f"{hashlib.sha256(repr(made_from).encode()).hexdigest()}.paquet"
    known = _read(entry)
    if known is not None and _is_of(known, folder, there):
        return known
    made = _make(folder)
    # a file that was changed meanwhile: what was made is right, but is not what the entry is named after
    if _is_of(made, folder, there):
        _write(entry, made)
    return made


def _digests(folder: Path) -> dict[str, str]:
    """Every file of a pack with its digest: a file that nothing should read makes another pack too."""
    source = FolderSource(folder)
    return {name: hashlib.sha256(source.read(name)).hexdigest() for name in source.names()}


def _is_of(prepared: Prepared, folder: Path, there: Mapping[str, str]) -> bool:
    """Whether a pack was made from these files, and from the schema that is now where it is looked for first."""
    pack = prepared[0].pack
    if dict(pack.digests) != dict(there):
        return False
    try:
        schema = FolderSource(folder).schema(pack.manifest.schema)
    except OSError:
        return False
    return schema.path == pack.schema_file and hashlib.sha256(schema.content).hexdigest() == pack.schema_file_sha256


def _make(folder: Path) -> Prepared:
    from recevable.inference.verified import verified

    compiled = verified(folder)
    return compiled, {name: Network(compiled.context(name)) for name in compiled.context_names}


def _folder() -> Path | None:
    """The cache folder, made if needed; None when there is none to trust or the user wants none."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted == OFF or not hasattr(os, "geteuid"):
        return None
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        folder = Path(wanted) if wanted else base / "recevable"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if folder.is_absolute() and _ours(folder.lstat()) else None
    except (OSError, RuntimeError):  # no home, a file in the way: the cache is never a reason to fail
        return None


def _ours(status: os.stat_result) -> bool:
    """Whether a file or a folder is the user's and only the user may write it."""
    return status.st_uid == os.geteuid() and not stat.S_ISLNK(status.st_mode) and not status.st_mode & 0o022


def _read(entry: Path) -> Prepared | None:
    try:
        with entry.open("rb") as stream:
            if not _ours(os.fstat(stream.fileno())):
                return None
            digest, content = stream.read(_DIGEST), stream.read()
    except OSError:
        return None
    if hashlib.sha256(content).digest() != digest:
        return None
    try:
        found: Prepared = pickle.loads(content)  # see the module's docstring
        assert isinstance(found[0], CompiledPack)
    except Exception:  # noqa: BLE001  # whatever an old or foreign entry may hold, it is only made again
        return None
    return found


def _write(entry: Path, found: Prepared) -> None:
    """Put an entry in place at once or not at all, and drop the oldest beyond KEPT; a full disk changes nothing."""
    content = pickle.dumps(found, protocol=5)
    partial = entry.with_suffix(f".{os.getpid()}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(hashlib.sha256(content).digest() + content)
        partial.replace(entry)
        for old in sorted(entry.parent.glob("*.paquet"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        partial.unlink(missing_ok=True)
