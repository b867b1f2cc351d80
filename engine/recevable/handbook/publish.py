"""The folder that the site is put into: written elsewhere first, then swapped in, so that it is never half a site."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

# What tells a folder that may be replaced from one that belongs to somebody.
MARKER: Final = ".recevable-doc"


class NotOurs(Exception):
    """The folder holds something else than a site that was published before."""


def refuse_foreign(target: Path) -> None:
    """Raises NotOurs when a folder is neither absent, nor empty, nor a site published before."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise NotOurs
    if target.is_dir() and any(target.iterdir()) and not (target / MARKER).is_file():
        raise NotOurs


def publish(target: Path, write: Callable[[Path, Path], None]) -> None:
    """Have `write(work, output)` write a site and put it in the place of the folder `target`.

    Whatever stops it leaves the folder as it was.  Raises NotOurs, OSError, and what `write` raises.
    """
    refuse_foreign(target)
    parent = target.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".recevable-", dir=parent) as name:
        work, output = Path(name, "travail"), Path(name, "site")
        work.mkdir()
        output.mkdir()
        write(work, output)
        (output / MARKER).write_text(
            "Site écrit par recevable doc, qui le remplace quand il l'écrit de nouveau.\n", "utf-8"
        )
        refuse_foreign(target)
        before = Path(name, "avant")
        if target.exists():
            target.replace(before)
        try:
            output.replace(target)
        except OSError:
            if before.exists():
                before.replace(target)
            raise
        shutil.rmtree(before, ignore_errors=True)
