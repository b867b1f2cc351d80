"""Read dossiers from files, folders, NDJSON or standard input; each gives a content or a diagnostic."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, Final

from msgspec import Struct

from recevable import files
from recevable.dossier.json_reader import too_large
from recevable.dossier.limits import MAX_BYTES
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span
from recevable.outputs.run import printable

STDIN: Final = "-"
# The maximum number of dossiers in one folder, whose names are sorted in memory.
MOST: Final = 500_000
LINES: Final = (".ndjson", ".jsonl")
# Read by `cli.packed`.
_COMPRESSED: Final = (".gz", ".zst")
_TABLES: Final = (".parquet",)
_RIGHTS: Final = "Vérifiez le nom et les droits."


class Content(Struct, frozen=True):
    """The bytes of one dossier, its displayed name, its file and its first line."""

    name: str
    file: str
    data: bytes
    line: int = 1

    def line_text(self, file: str, line: int) -> str:
        """A line of the file, for an excerpt; empty when it is outside this dossier."""
        if file != self.file:
            return ""
        lines = self.data.split(b"\n", line - self.line + 1)
        return lines[line - self.line].decode("utf-8", "replace") if 0 <= line - self.line < len(lines) else ""


class ProofFault(DiagnosticError):
    """A file that is not a valid proof (`--preuve`), so no dossier can be compared with it."""


def contents(names: Sequence[str]) -> Iterator[Content | Diagnostic]:
    """Every dossier named on the command line, in order; folders are sorted alphabetically."""
    for name in names:
        if name == STDIN:
            if sys.stdin is None:
                yield Diagnostic("ENTREE-LECTURE", "l'entrée standard est fermée")
            else:
                yield from _stream(sys.stdin.buffer, "(entrée standard)", lines=None)
            continue
        path = Path(name)
        if path.is_dir():
            faults: list[Path] = []
            found = sorted(islice(_below(path, faults), MOST + 1))
            if len(found) > MOST:
                message = f"`{printable(path)}` contient plus de {MOST} fichiers .json"
                yield Diagnostic("ENTREE-LECTURE", message, None, "Donnez un fichier .ndjson, un dossier par ligne.")
                continue
            yield from (
                Diagnostic("ENTREE-LECTURE", f"`{printable(p)}` ne peut pas être lu", None, _RIGHTS) for p in faults
            )
            if not found:
                message = f"`{printable(path)}` ne contient aucun fichier .json"
                yield Diagnostic("ENTREE-VIDE", message, None, "Donnez un répertoire qui en contient, ou un fichier.")
            for one in found:
                yield from _file(one, lines=False, inside=path)
        elif path.suffix.lower() in _TABLES:
            yield from _table(path)
        else:
            inner = path.with_suffix("") if path.suffix.lower() in _COMPRESSED else path
            yield from _file(path, lines=inner.suffix.lower() in LINES)


def _below(folder: Path, faults: list[Path]) -> Iterator[Path]:
    """Every .json (any case) below a folder, readable or not; unreadable folders are added to `faults`."""

    def unreadable(error: OSError) -> None:
        faults.append(Path(os.fsdecode(error.filename)))

    for parent, _, names in os.walk(folder, onerror=unreadable):
        yield from (Path(parent, name) for name in names if name.lower().endswith(".json"))


def _file(path: Path, *, lines: bool, inside: Path | None = None) -> Iterator[Content | Diagnostic]:
    """The contents of a regular file; `inside` requires it to be in that folder once links are resolved."""
    name = printable(path)
    try:
        with files.open_regular(path, inside) as stream:
            if path.suffix.lower() in _COMPRESSED:
                # imported late, as below: most runs read plain files
                from recevable.cli.packed import DamagedError, uncompressed

                try:
                    yield from _stream(uncompressed(stream, path), name, lines=lines)
                except DamagedError:
                    message = f"`{name}` ne se décompresse pas jusqu'au bout"
                    help = "Le fichier est tronqué ou abîmé ; ce qui suit n'est pas lu."
                    yield Diagnostic("ENTREE-LECTURE", message, None, help)
            else:
                yield from _stream(stream, name, lines=lines)
    except files.NotRegularError as error:
        help = f"Donnez un fichier, ou `{STDIN}` pour lire l'entrée standard."
        yield Diagnostic("ENTREE-LECTURE", f"`{name}` {files.reason(error)}", None, help)
    except (OSError, ValueError, RuntimeError) as error:
        yield Diagnostic("ENTREE-LECTURE", f"`{name}` {files.reason(error)}", None, _RIGHTS)


def _table(path: Path) -> Iterator[Content | Diagnostic]:
    """One dossier per row of a table."""
    from recevable.cli.packed import DamagedError, rows

    name, rank = printable(path), 0
    try:
        for rank, data in enumerate(rows(path), start=1):
            if data is None:
                from recevable.outputs.batch.arrow import empty_cell

                yield empty_cell(Span(name, rank, 1))
            elif len(data) > MAX_BYTES:
                yield _too_long(name, rank)
            else:
                yield Content(f"{name}:{rank}", name, data, rank)
    except DamagedError:
        message = f"`{name}` n'est pas une table de dossiers lisible"
        help = "Donnez un fichier Parquet dont une colonne de textes, seule ou nommée `dossier`, contient du JSON."
        yield Diagnostic("ENTREE-LECTURE", message, None, help)
    except (OSError, ValueError, RuntimeError) as error:
        yield Diagnostic("ENTREE-LECTURE", f"`{name}` {files.reason(error)}", None, _RIGHTS)
    else:
        if not rank:
            yield _without_dossiers(name)


def _too_long(name: str, number: int) -> Diagnostic:
    message = f"la ligne dépasse {MAX_BYTES} octets, le plus qu'un dossier puisse compter"
    return Diagnostic("JSON-TAILLE", message, Span(name, number, 1), "Vérifiez que chaque dossier tient sur sa ligne.")


def _without_dossiers(name: str) -> Diagnostic:
    help = "Écrivez un dossier par ligne."
    return Diagnostic("ENTREE-VIDE", f"`{name}` ne contient aucun dossier", None, help)


def _stream(stream: IO[bytes], name: str, *, lines: bool | None) -> Iterator[Content | Diagnostic]:
    """One dossier, or one per line; when `lines` is None, several lines that are each an object are NDJSON."""
    if lines:
        yield from _lines(stream, name, b"")
        return
    data = stream.read(MAX_BYTES + 1)
    if lines is None and _looks_like_lines(data):
        yield from _lines(stream, name, data)
    elif len(data) > MAX_BYTES:
        yield from too_large(name, _size(stream, data)).diagnostics
    else:
        yield Content(name, name, data)


def _size(stream: IO[bytes], data: bytes) -> int:
    return stream.seek(0, 2) if stream.seekable() else len(data)


def _looks_like_lines(data: bytes) -> bool:
    """Whether the first two lines each start an object, which no single dossier does except after `:`, `,`, `[`."""
    head = [line for line in islice((line.strip() for line in BytesIO(data)), 100) if line][:2]
    return len(head) == 2 and all(line.startswith(b"{") for line in head) and head[0][-1:] not in b":,[{"


def _lines(stream: IO[bytes], name: str, start: bytes) -> Iterator[Content | Diagnostic]:
    """One dossier per non-blank line; a line beyond MAX_BYTES is reported and skipped."""
    seen = False
    for number, line in enumerate(_raw_lines(BytesIO(start), stream), start=1):
        if line is None or len(line) > MAX_BYTES:
            seen = True
            yield _too_long(name, number)
        elif line.strip():
            seen = True
            yield Content(f"{name}:{number}", name, line, number)
    if not seen:
        yield _without_dossiers(name)


def _raw_lines(head: IO[bytes], stream: IO[bytes]) -> Iterator[bytes | None]:
    """The lines of `head` followed by `stream`, without line endings; None for a line that is too long."""
    most = MAX_BYTES + 2
    while line := head.readline() or stream.readline(most):
        if not line.endswith(b"\n") and len(line) < most:
            # the last line of the head continues in the stream
            line += stream.readline(most)
        if line.endswith(b"\n") or len(line) < most:
            yield line.rstrip(b"\r\n")
            continue
        while (more := stream.readline(most)) and not more.endswith(b"\n"):
            pass
        yield None
