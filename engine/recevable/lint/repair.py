"""The repairs that are certain, made on the texts of a pack: what `--fix` writes and `--diff` shows.

Nothing is written here.  A repair replaces the characters of its diagnostic and nothing else: comments, ends of lines
and a byte order mark stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from recevable.language.diagnostics import Diagnostic, Span, position
from recevable.lint.run import lint
from recevable.pack.folder import TooManyFilesError, names, read

# A repair may uncover another fault; more rounds than any pack needs.
_ROUNDS: Final = 50


class Repaired(Struct, frozen=True):
    """The files that change, by name, with their bytes and those they had when they were read.

    Then the diagnostics repaired, and what is left to say.

    A file that is reached through a link out of the pack is nobody's to change here: what could be repaired in it is
    left, and a note says why.
    """

    files: Mapping[str, bytes]
    before: Mapping[str, bytes]
    done: tuple[Diagnostic, ...]
    left: tuple[Diagnostic, ...]


def repaired(folder: Path, today: date) -> Repaired:
    """A pack with every certain repair made, until none is left."""
    files: dict[str, bytes] = {}
    # read once: what is found in these bytes is repaired in these bytes
    before = _contents(folder)
    done: list[Diagnostic] = []
    for _ in range(_ROUNDS):
        found = [_ours(diagnostic, folder) for diagnostic in lint(folder, today, before | files)]
        chosen: dict[str, list[Diagnostic]] = {}
        for diagnostic in found:
            if diagnostic.fix is not None and diagnostic.span is not None:
                chosen.setdefault(diagnostic.span.file, []).append(diagnostic)
        changed = False
        for name, diagnostics in chosen.items():
            repaired, made = _applied(files.get(name, before[name]), diagnostics)
            if made:
                files[name] = repaired
                done += made
                changed = True
        if not changed:
            break
    return Repaired(files, before, tuple(done), tuple(found))


def _contents(folder: Path) -> dict[str, bytes]:
    """The files of a pack that can be read; of the others, lint says why."""
    found: dict[str, bytes] = {}
    with suppress(TooManyFilesError):
        for name in names(folder):
            if name.endswith(".yaml"):
                with suppress(OSError):
                    found[name] = read(folder, name)
    return found


def _ours(diagnostic: Diagnostic, folder: Path) -> Diagnostic:
    """A diagnostic, without its repair when its file is not of the pack."""
    if diagnostic.fix is None or diagnostic.span is None:
        return diagnostic
    if (folder / diagnostic.span.file).resolve().is_relative_to(folder.resolve()):
        return diagnostic
    note = "ce fichier est un lien vers l'extérieur du paquet : `--fix` n'y écrit pas"
    return replace(diagnostic, fix=None, notes=(*diagnostic.notes, note))


def _applied(data: bytes, diagnostics: list[Diagnostic]) -> tuple[bytes, list[Diagnostic]]:
    """A text with its repairs, from the end so that places hold; of two that overlap, the first waits for a round."""
    text = data.decode("utf-8")
    made: list[Diagnostic] = []
    after = len(text)
    for diagnostic in sorted(diagnostics, key=position, reverse=True):
        assert diagnostic.span is not None
        start, end = _offsets(text, diagnostic.span)
        # what is there already is no repair: it would be done again, for ever
        if end <= after and text[start:end] != diagnostic.fix:
            text = text[:start] + (diagnostic.fix or "") + text[end:]
            after = start
            made.insert(0, diagnostic)
    return text.encode("utf-8"), made


def _offsets(text: str, span: Span) -> tuple[int, int]:
    """Where a span starts and ends in a text; columns do not count a byte order mark."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: span.line - 1]) + span.column - 1
    start += text.startswith("\ufeff") and span.line == 1
    return start, min(start + span.length, len(text))
