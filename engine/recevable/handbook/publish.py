"""Publish the site into a folder: write it elsewhere first, then move each file.

A list in the folder records the digests of generated files; only these are replaced or removed.  Files added or changed
by a person are kept; if one is in the way of a page, nothing is written and the file is reported.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from recevable import files

# The file that identifies a generated site: a sentence, then the files in sha256sum format.
MARKER: Final = ".recevable-doc"
_HEAD: Final = "# Site écrit par recevable doc, qui ne remplace que ces fichiers.\n"
# An upper bound on the size of a page; a longer file was not generated.
_MOST: Final = 64_000_000

# The possible digests of each generated file, by name: two while one site replaces another.
Produced = Mapping[str, frozenset[str]]


class NotOurs(Exception):
    """The folder contains something other than a generated site; `names`: the files in the way."""

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.names = names


def refuse_foreign(target: Path) -> None:
    """Raises NotOurs unless a folder is absent, empty, or an unchanged generated site."""
    _known(target)


def publish(target: Path, write: Callable[[Path, Path], None]) -> None:
    """Call `write(work, output)` to write a site, then put its files in the folder `target`.

    Nothing is changed until everything is written and no file of a person is in the way.  Raises NotOurs, OSError, and
    any exception of `write`.
    """
    refuse_foreign(target)
    parent = target.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".recevable-", dir=parent) as name:
        work, output = Path(name, "travail"), Path(name, "site")
        work.mkdir()
        output.mkdir()
        write(work, output)
        new = {
            path.relative_to(output).as_posix(): frozenset([_sha256(path.read_bytes())])
            for path in output.rglob("*")
            if path.is_file()
        }
        old = _known(target)
        _refuse_obstacles(target, new, old)
        target.mkdir(exist_ok=True)
        # if interrupted after this, the files of both sites are recorded as ours
        _mark(target, {one: old.get(one, frozenset()) | new.get(one, frozenset()) for one in {*old, *new}})
        for one in sorted(old.keys() - new.keys(), reverse=True):
            (target / one).unlink(missing_ok=True)
            for above in PurePosixPath(one).parents[:-1]:
                with contextlib.suppress(OSError):  # it contains a file of a person
                    (target / above).rmdir()
        for one in sorted(new):
            (target / one).parent.mkdir(parents=True, exist_ok=True)
            (output / one).replace(target / one)
        _mark(target, new)


def _known(target: Path) -> Produced:
    """The unchanged generated files of a folder; raises NotOurs."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise NotOurs
    if not target.is_dir() or not any(target.iterdir()):
        return {}
    try:
        lines = files.read(target / MARKER, _MOST, target).decode("utf-8").splitlines()
    except (OSError, ValueError):
        raise NotOurs from None
    listed: dict[str, frozenset[str]] = {}
    for line in lines:
        digest, _, name = line.partition("  ")
        if not line.startswith("#") and _is_below(name):
            listed[name] = listed.get(name, frozenset()) | {digest}
    if not listed:
        raise NotOurs
    # a changed file belongs to the person who changed it
    return {name: digests for name, digests in listed.items() if _digest(target, name) in digests}


def _refuse_obstacles(target: Path, new: Produced, old: Produced) -> None:
    """Raises NotOurs when a person's file has the name of a file or folder of the new site."""
    wanted = {one for one in new if one not in old}
    folders = {above.as_posix() for one in new for above in PurePosixPath(one).parents[:-1]}
    taken = [one for one in wanted if os.path.lexists(target / one)]
    taken += [one for one in folders if (target / one).is_symlink() or ((target / one).is_file() and one not in old)]
    if taken:
        raise NotOurs(tuple(sorted(taken)))


def _digest(target: Path, name: str) -> str:
    """The digest of a file of a site; empty when it is not a file any more."""
    path = target / name
    try:
        return "" if path.is_symlink() else _sha256(files.read(path, _MOST, target))
    except (OSError, ValueError):
        return ""


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_below(name: str) -> bool:
    parts = name.split("/")
    return not {"", ".", ".."} & {*parts} and parts != [MARKER]


def _mark(target: Path, produced: Produced) -> None:
    listed = [f"{digest}  {name}\n" for name in sorted(produced) for digest in sorted(produced[name])]
    partial = target / f"{MARKER}.{len(listed)}"
    partial.write_text("".join([_HEAD, *listed]), "utf-8")
    partial.replace(target / MARKER)
