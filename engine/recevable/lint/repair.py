"""The repairs that are certain, made on the texts of a pack: what `--fix` writes and `--diff` shows.

Nothing is written here.  A repair replaces the characters of its diagnostic and nothing else: comments, ends of lines
and a byte order mark stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Final

from msgspec import Struct

from recevable.language.diagnostics import Diagnostic, position
from recevable.lint.run import lint, offsets
from recevable.pack.source import AnyPack, OverlaidSource, PackSource, TooManyFilesError, source_of

# A repair may uncover another fault; more rounds than any pack needs.
_ROUNDS: Final = 50


class Repaired(Struct, frozen=True):
    """The files that change, by name, with their bytes and those they had when they were read.

    Then the diagnostics repaired, and what is left to say.
    """

    files: Mapping[str, bytes]
    before: Mapping[str, bytes]
    done: tuple[Diagnostic, ...]
    left: tuple[Diagnostic, ...]


def repaired(pack: AnyPack, today: date) -> Repaired:
    """A pack with every certain repair made, until none is left."""
    files: dict[str, bytes] = {}
    # read once: what is found in these bytes is repaired in these bytes
    source = source_of(pack)
    before = _contents(source)
    done: list[Diagnostic] = []
    for _ in range(_ROUNDS):
        found = lint(OverlaidSource(source, before | files), today)
        chosen: dict[str, list[Diagnostic]] = {}
        for diagnostic in found:
            if diagnostic.fix is not None and diagnostic.span is not None and diagnostic.span.file in before:
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


def _contents(source: PackSource) -> dict[str, bytes]:
    """The files of a pack that can be read; of the others, lint says why."""
    found: dict[str, bytes] = {}
    with suppress(TooManyFilesError):
        for name in source.names():
            if name.endswith(".yaml"):
                with suppress(OSError):
                    found[name] = source.read(name)
    return found


def _applied(data: bytes, diagnostics: list[Diagnostic]) -> tuple[bytes, list[Diagnostic]]:
    """A text with its repairs, from the end so that places hold; of two that overlap, the first waits for a round."""
    text = data.decode("utf-8")
    made: list[Diagnostic] = []
    after = len(text)
    for diagnostic in sorted(diagnostics, key=position, reverse=True):
        assert diagnostic.span is not None
        start, end = offsets(text, diagnostic.span)
        # what is there already is no repair: it would be done again, for ever
        if end <= after and text[start:end] != diagnostic.fix:
            text = text[:start] + (diagnostic.fix or "") + text[end:]
            after = start
            made.insert(0, diagnostic)
    return text.encode("utf-8"), made
