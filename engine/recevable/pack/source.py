"""Where a pack comes from: a folder, bytes in memory, or either under what an editor has not saved.

Nothing here knows what the files of a pack mean: only which they are, their bytes, and the schema that they name.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct

from recevable import data, files
from recevable.dossier.json_reader import MAX_BYTES as MAX_SCHEMA

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


class SchemaFile(Struct, frozen=True):
    """A dossier schema as it was found: its bytes, its name seen from the pack, its path when it is on a disk."""

    content: bytes
    name: str
    path: Path | None


class PackSource(Protocol):
    """The files of a pack, by their names in it (`regles/avance.yaml`), whatever holds them."""

    @property
    def label(self) -> str:
        """What people call the pack: its folder, or the name that was given to its bytes."""

    def names(self) -> list[str]:
        """Every file that belongs to the pack, sorted.  Raises TooManyFilesError."""

    def has(self, name: str) -> bool:
        """Whether there is such a file.  A link that leads nowhere is there; a folder is no file."""

    def is_folder(self, name: str) -> bool:
        """Whether a folder stands where a file of that name would."""

    def read(self, name: str) -> bytes:
        """The bytes of a file, read again at each call.  Raises OSError, as `files.read` does."""

    def schema(self, name: str) -> SchemaFile:
        """The dossier schema that the manifest names.  Raises OSError, FileNotFoundError when there is none."""


class FolderSource(Struct, frozen=True):
    """A folder of files."""

    folder: Path

    @property
    def label(self) -> str:
        """See PackSource."""
        return str(self.folder)

    def names(self) -> list[str]:
        """See PackSource."""
        return names(self.folder)

    def has(self, name: str) -> bool:
        """See PackSource."""
        path = self.folder / name
        return os.path.lexists(path) and not path.is_dir()

    def is_folder(self, name: str) -> bool:
        """See PackSource."""
        return (self.folder / name).is_dir()

    def read(self, name: str) -> bytes:
        """See PackSource."""
        return files.read(self.folder / name, MAX_BYTES, self.folder)

    def schema(self, name: str) -> SchemaFile:
        """See PackSource: in the pack, in the `schemas` beside it, or shipped."""
        root, path = data.schema_place(name, self.folder)
        # named from the folder of the pack, as every other file of it
        return SchemaFile(files.read(path, MAX_SCHEMA, root), Path(os.path.relpath(path, self.folder)).as_posix(), path)


class OverlaidSource(Struct, frozen=True):
    """A source of which some files have other bytes: what an editor has not saved, or repairs that are tried."""

    below: PackSource
    contents: Mapping[str, bytes]

    @property
    def label(self) -> str:
        """See PackSource."""
        return self.below.label

    def names(self) -> list[str]:
        """See PackSource."""
        return sorted({*self.below.names(), *(name for name in self.contents if not is_ignored(name))})

    def has(self, name: str) -> bool:
        """See PackSource."""
        return name in self.contents or self.below.has(name)

    def is_folder(self, name: str) -> bool:
        """See PackSource."""
        return name not in self.contents and self.below.is_folder(name)

    def read(self, name: str) -> bytes:
        """See PackSource."""
        return self.contents[name] if name in self.contents else self.below.read(name)

    def schema(self, name: str) -> SchemaFile:
        """See PackSource: what is laid over the pack is its rules."""
        return self.below.schema(name)


class MemorySource(Struct, frozen=True):
    """Bytes that no disk holds, by the names of their files; the schema is one of them, or a shipped one."""

    contents: Mapping[str, bytes]
    label: str = "(en mémoire)"

    def names(self) -> list[str]:
        """See PackSource."""
        found = sorted(name for name in self.contents if not is_ignored(name))
        if len(found) > MAX_FILES:
            raise TooManyFilesError
        return found

    def has(self, name: str) -> bool:
        """See PackSource."""
        return name in self.contents

    def is_folder(self, name: str) -> bool:
        """See PackSource."""
        return False

    def read(self, name: str) -> bytes:
        """See PackSource."""
        if name not in self.contents:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        return self.contents[name]

    def schema(self, name: str) -> SchemaFile:
        """See PackSource."""
        if name in self.contents:
            if len(self.contents[name]) > MAX_SCHEMA:
                raise files.TooLargeError(errno.EFBIG, "too large", name)
            return SchemaFile(self.contents[name], name, None)
        root, path = data.schema_place(name)
        return SchemaFile(files.read(path, MAX_SCHEMA, root), name, path)


AnyPack = Path | PackSource


def source_of(pack: AnyPack) -> PackSource:
    """A folder as a source; a source as it is."""
    return FolderSource(pack) if isinstance(pack, Path) else pack


def is_ignored(name: str) -> bool:
    """Files that belong to an editor or to readers, not to the pack."""
    return any(part.startswith(".") for part in name.split("/")) or name.endswith(("~", ".md", ".json"))
