"""Dossiers in compressed files and in Parquet; imported only for such a file."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final, cast

from recevable import files
from recevable.cli.exits import usage
from recevable.outputs.run import printable

_GZIP: Final = ".gz"
# The column of dossiers of a table that has several of texts.
COLUMN: Final = "dossier"


class DamagedError(OSError):
    """The file does not decompress, or not to its end; or it is no table of dossiers."""


class _Decompressed:
    """The few methods of a stream that are used, with one error for all that may be wrong."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, most: int) -> bytes:
        return self._safely(self._stream.read, most)

    def readline(self, most: int) -> bytes:
        return self._safely(self._stream.readline, most)

    def seekable(self) -> bool:
        # to know its size is to decompress it whole
        return False

    def _safely(self, read: Callable[[int], bytes], most: int) -> bytes:
        try:
            return read(most)
        except (EOFError, zlib.error, OSError, ValueError) as error:
            raise DamagedError from error


def uncompressed(stream: IO[bytes], path: Path) -> IO[bytes]:
    """The content of a file, decompressed as it is read.  Its methods raise DamagedError."""
    if path.suffix.lower() == _GZIP:
        inner = cast("IO[bytes]", gzip.GzipFile(fileobj=stream, mode="rb"))
    else:
        need_parquet(f"lire `{printable(path)}`")
        from recevable.tables import zstandard

        inner = zstandard(stream)
    return cast("IO[bytes]", _Decompressed(inner))


def need_parquet(what: str) -> None:
    """Raises click.UsageError when what reads and writes Parquet and Zstandard is not installed."""
    try:
        from recevable import tables  # noqa: F401
    except ImportError:
        raise usage(f"{what} demande l'option d'installation : pip install 'recevable[parquet]'.") from None


def rows(path: Path) -> Iterator[bytes | None]:
    """The dossiers of a table: its only column of texts or bytes, or COLUMN; None: an empty cell.

    Raises DamagedError, OSError.
    """
    need_parquet(f"lire `{printable(path)}`")
    from recevable import tables

    with files.open_regular(path) as stream:
        try:
            for found in tables.cells(stream, COLUMN):
                yield found.encode() if isinstance(found, str) else found
        except tables.DamagedError as error:
            raise DamagedError from error
