"""Parquet and Zstandard, which an extra of the installation brings; nothing else imports what it brings."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, cast

import pyarrow
from pyarrow import parquet, types

# How many rows are in memory at once.
_READ: Final = 1_000
_WRITTEN: Final = 20_000
# The types of columns.
_TYPES: Final = {
    "text": pyarrow.string(),
    "boolean": pyarrow.bool_(),
    "texts": pyarrow.list_(pyarrow.string()),
    # exact, to the cent
    "euros": pyarrow.decimal128(18, 2),
}


class DamagedError(OSError):
    """The file is no table, or not one with the column that is looked for."""


def zstandard(stream: IO[bytes]) -> IO[bytes]:
    """The content of a compressed stream, decompressed as it is read; reading raises OSError when it is damaged."""
    return cast("IO[bytes]", io.BufferedReader(pyarrow.CompressedInputStream(stream, "zstd")))


def cells(stream: IO[bytes], name: str) -> Iterator[str | bytes | None]:
    """The texts of the column `name` of a Parquet file, or of its only column of texts.  Raises DamagedError."""
    try:
        table = parquet.ParquetFile(stream)
        texts = [field.name for field in table.schema_arrow if _is_text(field.type)]
        if name not in texts and len(texts) != 1:
            raise DamagedError
        for batch in table.iter_batches(_READ, columns=[name if name in texts else texts[0]]):
            for value in batch.column(0):
                yield value.as_py()
    except pyarrow.ArrowException as error:
        raise DamagedError from error


def texts(batch: Any, name: str) -> Iterator[bytes | None]:
    """The texts or bytes of a column of a RecordBatch; None: an empty cell.  Raises ValueError."""
    rank = batch.schema.get_field_index(name)
    if rank < 0 or not _is_text(batch.schema.field(rank).type):
        raise ValueError(f"the batch has no column {name!r} of texts or bytes, or more than one")
    for value in batch.column(rank):
        found = value.as_py()
        yield found.encode() if isinstance(found, str) else found


def answered(kept: Any, columns: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Any:
    """The columns of a RecordBatch, then those of `rows`, of which there are as many; `columns` as for `write`."""
    added = pyarrow.RecordBatch.from_pylist(list(rows), schema=_schema(columns))
    schema = pyarrow.schema([*kept.schema, *added.schema])
    return pyarrow.RecordBatch.from_arrays([*kept.columns, *added.columns], schema=schema)


def _schema(columns: Mapping[str, Any]) -> Any:
    return pyarrow.schema([pyarrow.field(name, _type(type_)) for name, type_ in columns.items()])


def _type(type_: Any) -> Any:
    """The type of a column; one that has columns of its own is a list of rows of them."""
    return _TYPES[type_] if isinstance(type_, str) else pyarrow.list_(pyarrow.struct(_schema(type_)))


def _is_text(type_: Any) -> bool:
    tests = (types.is_string, types.is_large_string, types.is_binary, types.is_large_binary)
    return any(test(type_) for test in tests)


def write(path: Path, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a Parquet file in constant memory; `columns` gives the type of each: text, boolean, texts or euros.

    What a row lacks is null.
    """
    schema = _schema(columns)
    left = iter(rows)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while chunk := list(islice(left, _WRITTEN)):
            writer.write_table(pyarrow.Table.from_pylist(chunk, schema=schema))
