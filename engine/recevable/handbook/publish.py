"""The folder that the site is put into: written elsewhere first, then swapped in, so that it is never half a site.

It holds the list of what was written in it, with digests: what a person put there, or changed, is kept.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

# What tells a folder that may be replaced from one that belongs to somebody, and lists what was written in it.
MARKER: Final = ".recevable-doc"
_HEAD: Final = "Site écrit par recevable doc, qui remplace les fichiers suivants quand il l'écrit de nouveau."


class NotOurs(Exception):
    """The folder holds something else than a site that was published before."""


def refuse_foreign(target: Path) -> None:
    """Raises NotOurs when a folder is neither absent, nor empty, nor a site published before."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise NotOurs
    marker = target / MARKER
    if target.is_dir() and any(target.iterdir()) and (marker.is_symlink() or not marker.is_file()):
        raise NotOurs


def publish(target: Path, write: Callable[[Path, Path], None]) -> None:
    """Have `write(work, output)` write a site and put it in the place of the folder `target`.

    Whatever stops it leaves the folder as it was.  What `target` holds beside the site is put in the new one; a file of
    a person's own where the site needs one raises NotOurs.  Raises OSError, and what `write` raises.
    """
    refuse_foreign(target)
    parent = target.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".recevable-", dir=parent) as name:
        work, output = Path(name, "travail"), Path(name, "site")
        work.mkdir()
        output.mkdir()
        write(work, output)
        lines = [f"{digest}  {one}" for one, digest in sorted(_digests(output).items())]
        (output / MARKER).write_text("\n".join([_HEAD, *lines, ""]), "utf-8")
        refuse_foreign(target)
        before = Path(name, "avant")
        if not target.exists():
            output.replace(target)
            return
        _keep(target, output)
        target.replace(before)
        try:
            output.replace(target)
        except OSError:
            before.replace(target)
            raise


def _keep(target: Path, output: Path) -> None:
    """Copy into the new site what the old folder holds that was not produced.  Raises NotOurs on a clash."""
    produced = _produced(target)
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target).as_posix()
        if name == MARKER or (path.is_dir() and not path.is_symlink() and any(path.iterdir())):
            continue
        if not path.is_symlink() and path.is_file() and produced.get(name) == _digest(path):
            continue
        there = output / name
        if path.is_dir() and not path.is_symlink():
            there.mkdir(parents=True, exist_ok=True)
            continue
        if there.exists() or any((output / one).is_file() for one in Path(name).parents):
            raise NotOurs
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, there, follow_symlinks=False)


def _produced(target: Path) -> dict[str, str]:
    """The files that were written last time, with their digests; none where the list is of before there was one."""
    lines = (target / MARKER).read_text("utf-8", "replace").splitlines()[1:]
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines) if name}


def _digests(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): _digest(path) for path in folder.rglob("*") if path.is_file()}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
