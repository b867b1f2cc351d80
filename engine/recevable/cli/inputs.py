"""Where dossiers come from: files, folders, NDJSON, standard input; each yields contents or a diagnostic."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from msgspec import Struct

from recevable.dossier.json_reader import MAX_BYTES, too_large
from recevable.language.diagnostics import Diagnostic, Span

STDIN: Final = "-"
LINES: Final = (".ndjson", ".jsonl")


class Content(Struct, frozen=True):
    """The bytes of one dossier, the name to call it by, the file and the line where it starts."""

    name: str
    file: str
    data: bytes
    line: int = 1


def contents(names: Sequence[str]) -> Iterator[Content | Diagnostic]:
    """Every dossier named on the command line, in order; folders in alphabetical order."""
    for name in names:
        if name == STDIN:
            yield from _stream(sys.stdin.buffer, "(entrée standard)", lines=None)
            continue
        path = Path(name)
        if path.is_dir():
            found = sorted(p for p in path.rglob("*.json") if p.is_file())
            if not found:
                help = "Un dossier de fichiers doit en contenir au moins un."
                yield Diagnostic("ENTREE-VIDE", f"`{name}` ne contient aucun fichier .json", None, help)
            for one in found:
                yield from _file(one, lines=False)
        else:
            yield from _file(path, lines=path.suffix in LINES)


def _file(path: Path, *, lines: bool) -> Iterator[Content | Diagnostic]:
    name = str(path)
    try:
        with path.open("rb") as stream:
            yield from _stream(stream, name, lines=lines)
    except OSError as error:
        reason = "n'existe pas" if isinstance(error, FileNotFoundError) else f"ne peut pas être lu ({error.strerror})"
        yield Diagnostic("ENTREE-LECTURE", f"`{name}` {reason}")


def _stream(stream: IO[bytes], name: str, *, lines: bool | None) -> Iterator[Content | Diagnostic]:
    """One dossier, or one per line; with `lines` None, several lines that are each an object are NDJSON."""
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
    head = [line.strip() for line in data.split(b"\n", 2)[:2]]
    return len(head) == 2 and all(line.startswith(b"{") for line in head) and head[0].endswith(b"}")


def _lines(stream: IO[bytes], name: str, start: bytes) -> Iterator[Content | Diagnostic]:
    """Line by line, never more than MAX_BYTES in memory for one; blank lines do not count."""
    pending, number, seen = start, 0, False
    while True:
        end = pending.find(b"\n")
        if end < 0:
            if len(pending) > MAX_BYTES:
                fault = too_large(name, len(pending)).diagnostics[0]
                yield Diagnostic(
                    fault.code,
                    fault.message,
                    Span(name, number + 1, 1),
                    "Vérifiez que chaque dossier tient sur sa ligne.",
                )
                return
            more = stream.read(1 << 20)
            if more:
                pending += more
                continue
            end = len(pending)
        line, pending = pending[:end], pending[end + 1 :]
        number += 1
        if line.strip():
            seen = True
            yield Content(f"{name}:{number}", name, line, number)
        if end >= 0 and not pending:
            pending = stream.read(1 << 20)
            if not pending:
                break
    if not seen:
        yield Diagnostic("ENTREE-VIDE", f"`{name}` ne contient aucun dossier")


def line_reader(file: str, line: int) -> str:
    """The text of a line, for an excerpt; empty when it cannot be read again or is too far."""
    try:
        with Path(file).open("rb") as stream:
            for _ in range(line - 1):
                stream.readline(MAX_BYTES)
            return stream.readline(4_000).decode("utf-8", "replace")
    except OSError:
        return ""
