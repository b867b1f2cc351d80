"""Where the files of a pack come from: a folder, memory, or either with an editor's unsaved changes on top.

This module lists files and reads bytes, and finds the schema; it does not interpret the contents.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct

from recevable import data, files
from recevable.dossier.limits import MAX_BYTES as MAX_SCHEMA
from recevable.pack.model import MANIFEST

# Limits: bytes in one file, number of files in a folder, bytes in total.
MAX_BYTES: Final = 4_000_000
MAX_FILES: Final = 10_000
MAX_TOTAL: Final = 16 * MAX_BYTES


class TooManyFilesError(OSError):
    """The folder holds more files than any pack."""


def names(folder: Path) -> list[str]:
    """The sorted relative names, with slashes, of the files, links to folders and special files in a folder.

    Files that belong to editors or readers are left out.  An unreadable folder is listed, so that reading it reports
    the error.  Raises TooManyFilesError.
    """
    found: list[str] = []
    closed: list[str] = []
    for parent, folders, others in os.walk(folder, onerror=lambda error: closed.append(os.fsdecode(error.filename))):
        here = Path(parent).relative_to(folder)
        # a link to a folder is not followed but listed, so that its rules are not silently ignored
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [name for one in (*links, *others) if not is_ignored(name := (here / one).as_posix())]
        if len(found) > MAX_FILES:
            raise TooManyFilesError
    return sorted([*found, *(Path(one).relative_to(folder).as_posix() for one in closed)])


class SchemaFile(Struct, frozen=True):
    """A dossier schema: its bytes, its name relative to the pack, and its path when on disk."""

    content: bytes
    name: str
    path: Path | None


class PackSource(Protocol):
    """The files of a pack, by relative name (`regles/avance.yaml`), independent of storage."""

    @property
    def label(self) -> str:
        """The display name of the pack: its folder, or the name given to its bytes."""

    def names(self) -> list[str]:
        """Every file that belongs to the pack, sorted.  Raises TooManyFilesError."""

    def has(self, name: str) -> bool:
        """Whether there is such a file.  True for a broken link, false for a folder."""

    def is_folder(self, name: str) -> bool:
        """Whether that name is a folder."""

    def read(self, name: str) -> bytes:
        """The bytes of a file, read again at each call.  Raises OSError, as `files.read` does."""

    def schema(self, name: str) -> SchemaFile:
        """The dossier schema named by the manifest.  Raises OSError; FileNotFoundError when there is none."""


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
        """See PackSource: searched in the pack, in `schemas` beside it, then among those shipped."""
        root, path = data.schema_place(name, self.folder)
        # named relative to the folder of the pack, as its other files
        return SchemaFile(files.read(path, MAX_SCHEMA, root), Path(os.path.relpath(path, self.folder)).as_posix(), path)


class OverlaidSource(Struct, frozen=True):
    """A source with some files replaced: an editor's unsaved changes, or repairs being tried."""

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
        """See PackSource: overlaid files never replace the schema."""
        return self.below.schema(name)


class MemorySource(Struct, frozen=True):
    """Files held in memory, by name; the schema is one of them or a shipped one.

    Raises TypeError when the contents are not bytes by name.
    """

    contents: Mapping[str, bytes]
    label: str = "(en mémoire)"

    def __post_init__(self) -> None:
        """Check the types, which a caller without a type checker may have wrong."""
        if not isinstance(self.contents, Mapping):
            raise TypeError(f"a pack in memory is bytes by name, not {type(self.contents).__name__}")
        items: Iterable[tuple[object, object]] = self.contents.items()
        for name, content in items:
            if not isinstance(name, str) or not isinstance(content, bytes):
                raise TypeError(f"a pack in memory is bytes by name: {name!r} is {type(content).__name__}")

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


AnyPack = str | Path | PackSource


def shipped_programmes() -> tuple[str, ...]:
    """The names of the programmes shipped with the software."""
    return tuple(sorted(path.parent.name for path in data.shipped("rules").glob(f"*/{MANIFEST}")))


def source_of(pack: AnyPack) -> PackSource:
    """The source of a pack: a text is the name of a shipped one, else a folder, as a path is; a source is unchanged.

    Raises TypeError for anything else.
    """
    if isinstance(pack, str):
        pack = data.shipped("rules") / pack if pack in shipped_programmes() else Path(pack)
    if isinstance(pack, Path):
        return FolderSource(pack)
    if not hasattr(pack, "names"):
        raise TypeError(f"a pack is a folder (a path or its text) or a source, not {pack!r}")
    return pack


def is_ignored(name: str) -> bool:
    """Whether a file belongs to an editor or to readers rather than to the pack."""
    # `.` and `..` hide nothing: they are no names of a pack
    hidden = any(part.startswith(".") and part not in (".", "..") for part in name.split("/"))
    return hidden or name.endswith(("~", ".md", ".json"))
