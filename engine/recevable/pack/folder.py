"""The files of a pack's folder: which they are, and their bytes.  Nothing here knows what they mean."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from recevable import files

# More bytes than a file of a pack may have, more files than a folder of rules may hold, and more bytes in all.
MAX_BYTES: Final = 4_000_000
MAX_FILES: Final = 10_000
MAX_TOTAL: Final = 16 * MAX_BYTES


class TooManyFilesError(OSError):
    """The folder holds more files than any pack."""


def names(folder: Path) -> list[str]:
    """What a folder holds, sorted, named from it with slashes: files, links to folders, and what is no regular file.

    Folders and files that belong to an editor or to readers are left out.  A folder that cannot be listed is there too,
    to be told when it is read.  Raises TooManyFilesError.
    """
    found: list[str] = []
    closed: list[str] = []
    for parent, folders, others in os.walk(folder, onerror=lambda error: closed.append(os.fsdecode(error.filename))):
        here = Path(parent).relative_to(folder)
        # a link to a folder is not followed: it is told, rather than rules left out in silence
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [name for one in (*links, *others) if not is_ignored(name := (here / one).as_posix())]
        if len(found) > MAX_FILES:
            raise TooManyFilesError
    return sorted([*found, *(Path(one).relative_to(folder).as_posix() for one in closed)])


def is_missing(folder: Path, name: str) -> bool:
    """Whether there is no such file: nothing of that name, or a folder.  A link that leads nowhere is there."""
    return (folder / name).is_dir() or not os.path.lexists(folder / name)


def read(folder: Path, name: str) -> bytes:
    """The bytes of a file of the pack.  Raises OSError, as `files.read` does."""
    return files.read(folder / name, MAX_BYTES, folder)


def is_ignored(name: str) -> bool:
    """Files that belong to an editor or to readers, not to the pack."""
    return any(part.startswith(".") for part in name.split("/")) or name.endswith(("~", ".md", ".json"))
