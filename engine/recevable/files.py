"""Reading files that somebody else put there: regular files only, within a bound, inside the folder they belong to.

A named pipe would wait for a writer, a device would never end, and a link may lead to what is nobody's to read.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from io import BufferedReader
from pathlib import Path
from typing import Final

_FLAGS: Final = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_BINARY", "O_CLOEXEC", "O_NOCTTY", "O_NONBLOCK"))

# A descriptor that this process was started with.
_OURS: Final = re.compile(r"/dev/stdin|/(?:dev|proc/self)/fd/([0-9]{1,9})", re.ASCII)


class NotRegularError(OSError):
    """A named pipe, a device or a socket."""


class OutsideError(OSError):
    """A link that leads out of the folder."""


class TooLargeError(OSError):
    """More bytes than the bound."""


def open_regular(path: Path, inside: Path | None = None) -> BufferedReader:
    """A regular file, open for reading; with `inside`, one that is below this folder once links are followed.

    Without, a person gave the path, and it may be that of a stream of ours: standard input, `<(command)` of a shell.
    Raises ValueError, and OSError, one of the classes above where the file is another than these.
    """
    if inside is not None and not is_inside(path, inside):
        raise OutsideError(errno.EPERM, "outside of its folder", str(path))
    ours = _OURS.fullmatch(str(path)) if inside is None else None
    if ours is not None and not path.is_file():
        return os.fdopen(os.dup(int(ours[1] or 0)), "rb")
    # asked before opening, which would act on some devices, and again of what was opened
    _refuse(path.stat(), path)
    descriptor = os.open(path, _FLAGS)
    try:
        _refuse(os.fstat(descriptor), path)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path, once links are followed, is below a folder; it need not exist."""
    # unlike `Path.resolve`, this stops at a link that leads to itself without raising
    whole, root = os.path.realpath(path), os.path.realpath(folder)
    return os.path.commonpath((whole, root)) == root


def read(path: Path, most: int, inside: Path | None = None) -> bytes:
    """The bytes of a regular file, at most `most`.  Raises as `open_regular`, and TooLargeError."""
    with open_regular(path, inside) as stream:
        return read_open(stream, most, path)


def read_open(stream: BufferedReader, most: int, path: Path) -> bytes:
    """The bytes of an open file, at most `most`.  Raises TooLargeError, OSError."""
    data = stream.read(most + 1)
    if len(data) > most:
        raise TooLargeError(errno.EFBIG, "too large", str(path))
    return data


def reason(error: Exception) -> str:
    """Why a file is not read, in French: the end of a sentence about it."""
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
