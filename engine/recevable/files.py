"""Safely read files of other people: regular files only, within a size limit, inside their folder.

A named pipe would wait for a writer, a device would never end, and a link may lead to a private file.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from io import BufferedReader
from pathlib import Path
from typing import Final

from recevable.lazy import pattern

_FLAGS: Final = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_BINARY", "O_CLOEXEC", "O_NOCTTY", "O_NONBLOCK"))

# A file descriptor inherited by this process.
_OURS: Final = pattern(r"/dev/stdin|/(?:dev|proc/self)/fd/([0-9]{1,9})", re.ASCII)


class NotRegularError(OSError):
    """The path is a named pipe, a device or a socket."""


class OutsideError(OSError):
    """The path is a link that leads out of the folder."""


class TooLargeError(OSError):
    """The file exceeds the size limit."""


def open_regular(path: Path, inside: Path | None = None) -> BufferedReader:
    """Open a regular file for reading; with `inside`, it must be below this folder once links are followed.

    Without `inside`, the user gave the path, which may be standard input or `<(command)` of a shell.  Raises
    ValueError, or OSError: one of the classes above when the file is not acceptable.
    """
    if inside is not None and not is_inside(path, inside):
        raise OutsideError(errno.EPERM, "outside of its folder", str(path))
    # most paths are neither, and need no expression
    may_be_ours = inside is None and str(path).startswith(("/dev/", "/proc/"))
    ours = _OURS.fullmatch(str(path)) if may_be_ours else None
    if ours is not None and not path.is_file():
        return os.fdopen(os.dup(int(ours[1] or 0)), "rb")
    # checked before opening, which would act on some devices, and again on the open file
    _refuse(path.stat(), path)
    descriptor = os.open(path, _FLAGS)
    try:
        _refuse(os.fstat(descriptor), path)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path is below a folder once links are followed; it need not exist."""
    # unlike `Path.resolve`, this does not raise on a link that leads to itself
    whole, root = os.path.realpath(path), os.path.realpath(folder)
    return os.path.commonpath((whole, root)) == root


def read(path: Path, most: int, inside: Path | None = None) -> bytes:
    """Read a regular file of at most `most` bytes.  Raises as `open_regular`, and TooLargeError."""
    with open_regular(path, inside) as stream:
        return read_open(stream, most, path)


def read_open(stream: BufferedReader, most: int, path: Path) -> bytes:
    """Read an open file of at most `most` bytes.  Raises TooLargeError, OSError."""
    data = stream.read(most + 1)
    if len(data) > most:
        raise TooLargeError(errno.EFBIG, "too large", str(path))
    return data


def reason(error: Exception) -> str:
    """Why a file cannot be read, in French, as the end of a sentence."""
    if isinstance(error, NotRegularError):
        return "n'est pas un fichier ordinaire (tube, périphérique ou prise)"
    if isinstance(error, OutsideError):
        return "est un lien vers l'extérieur de son répertoire"
    if isinstance(error, IsADirectoryError):
        return "est un répertoire, non un fichier"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "n'existe pas"
    if isinstance(error, TooLargeError):
        return "est trop gros"
    if isinstance(error, PermissionError):
        return "ne peut pas être lu : accès refusé"
    if isinstance(error, OSError) and error.errno:
        return f"ne peut pas être lu (erreur {error.errno} du système)"
    return "ne peut pas être lu"


def _refuse(status: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a directory", str(path))
    if not stat.S_ISREG(status.st_mode):
        raise NotRegularError(errno.EINVAL, "not a regular file", str(path))
