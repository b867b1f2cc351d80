"""Digests of the files of a folder; unchanged files are not read again.

A change is detected from the device, inode, size, modification time and status change time.  Programs cannot set the
last one, so a file copied with its date, or swapped with one of the same size and date, is read again.  A digest is
remembered only if the file was unchanged for a while: two changes within a clock tick look like one.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from recevable import cache, files

# Nanoseconds.  Longer than any clock tick, and than the clock difference of two machines sharing a disk.
SETTLED: Final = 10_000_000_000
# File systems with a resolution of hundredths of a second, or more, also invent the status change time.
_COARSE: Final = 10_000_000
KEPT: Final = 16


class Status(Struct, frozen=True, array_like=True):
    """The status of a file as the system reports it; times in nanoseconds."""

    device: int
    number: int
    size: int
    modified: int
    changed: int


class Memory(Struct, array_like=True):
    """The remembered digests of a folder, by file name, and the time at which they were recorded."""

    root: str = ""
    written: int = 0
    files: dict[str, tuple[Status, str]] = {}


class Together(Struct, array_like=True):
    """What was computed of all the modules of a folder, as long as each has its status, and when it was recorded."""

    statuses: bytes
    written: int
    found: str


_quick: Callable[..., Any] = cache.sha256


def sha256(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    found: str = _quick(content).hexdigest()
    return found


def for_many() -> None:
    """Take the SHA-256 of OpenSSL, several times as fast and slow to load, for the digests of many contents."""
    global _quick
    import hashlib

    _quick = hashlib.sha256


def of_files(root: Path, names: Iterable[str], most: int, *, modules: bool = False) -> dict[str, str]:
    """The digest of each file of a folder, at most `most` bytes each.  Raises as `files.read`.

    `modules`: Python files, of which the system is asked the status without opening them, as Python itself does before
    it runs what it compiled of them.
    """
    return _of_files(root, names, most, modules=modules)[0]


_Settled = dict[str, tuple[Status, str]]


def _of_files(root: Path, names: Iterable[str], most: int, *, modules: bool) -> tuple[dict[str, str], _Settled]:
    """The digest of each file; those to remember, with the status of the file that was read."""
    place = _place(root, "empreintes")
    if place is None:
        return {name: sha256(files.read(root / name, most, root)) for name in names}, {}
    now = time.time_ns()
    known = _load(place, root, now)
    found: dict[str, str] = {}
    settled: _Settled = {}
    status_of = _status_of_module if modules else _status_of
    folder = str(root)
    for name in names:
        if name in known and status_of(f"{folder}/{name}") == known[name][0]:
            found[name] = known[name][1]
            settled[name] = known[name]
            continue
        path = root / name
        with files.open_regular(path, root) as stream:
            # of the file actually read, even if its name is redirected meanwhile
            before = _status(os.fstat(stream.fileno()))
            found[name] = sha256(files.read_open(stream, most, path))
            after = _status(os.fstat(stream.fileno()))
        if before == after and _is_settled(before, now):
            settled[name] = (before, found[name])
    if settled != known:
        cache.write(place, msgspec.json.encode(Memory(folder, now, settled)), KEPT)
    return found, settled


def of_modules(root: Path, names: Sequence[str], most: int, summary: Callable[[dict[str, str]], str]) -> str:
    """What `summary` makes of the digests of these modules, remembered until the status of one of them changes.

    They are compared all at once: to look each up, as `of_files` does, takes twice as long, and few change.
    """
    place = _place(root, "ensemble")
    if place is None:
        return summary(of_files(root, names, most, modules=True))
    now = time.time_ns()
    folder = str(root)
    statuses = _encoded(folder, names, [_status_of_module(f"{folder}/{name}") for name in names])
    content = cache.read(place)
    with suppress(msgspec.DecodeError):
        known = None if content is None else msgspec.msgpack.decode(content, type=Together)
        # after the clock is set back, a file may get the date of an earlier change
        if known is not None and known.statuses == statuses and known.written <= now:
            return known.found
    digests, settled = _of_files(root, names, most, modules=True)
    found = summary(digests)
    if len(settled) == len(digests):
        # the statuses of the files that were read, even if their names led elsewhere before
        statuses = _encoded(folder, names, [settled[name][0] for name in names])
        cache.write(place, msgspec.msgpack.encode(Together(statuses, now, found)), KEPT)
    return found


def _encoded(folder: str, names: Sequence[str], statuses: Sequence[Status | None]) -> bytes:
    return msgspec.msgpack.encode((folder, names, statuses))


def _place(root: Path, kind: str) -> Path | None:
    folder = cache.folder()
    return None if folder is None else folder / f"{sha256(os.fsencode(root))}.{kind}"


def _load(place: Path, root: Path, now: int) -> _Settled:
    content = cache.read(place)
    try:
        memory = Memory() if content is None else msgspec.json.decode(content, type=Memory)
    except msgspec.DecodeError:
        return {}
    # after the clock is set back, a file may get the date of an earlier change
    return memory.files if memory.root == str(root) and memory.written <= now else {}


def _status_of(path: str) -> Status | None:
    """The status of a regular file that can be opened; None for anything else, links included."""
    try:
        # opened first: a network disk may otherwise answer from a cache some seconds old
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    return _status(found) if stat.S_ISREG(found.st_mode) else None


def _status_of_module(path: str) -> Status | None:
    """The status of a regular file; None for anything else, links included."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return _status(found) if stat.S_ISREG(found.st_mode) else None


def _status(found: os.stat_result) -> Status:
    return Status(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _is_settled(status: Status, now: int) -> bool:
    """Whether any later change of the file will change its status."""
    return max(status.modified, status.changed) + SETTLED <= now and status.changed % _COARSE != 0
