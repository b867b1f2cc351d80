"""Compute the certain repairs of the files of a pack, for `--fix` and `--diff`.

This module writes no file.  A repair replaces only the characters of its diagnostic: comments, line endings and a byte
order mark are preserved.
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

# A repair may reveal another fault; this many rounds suffice for any pack.
_ROUNDS: Final = 50


class Repaired(Struct, frozen=True):
    """The result: changed files by name, with new and original bytes.

    Then the repaired diagnostics, and those that remain.
    """

    files: Mapping[str, bytes]
    before: Mapping[str, bytes]
    done: tuple[Diagnostic, ...]
    left: tuple[Diagnostic, ...]


def repaired(pack: AnyPack, today: date | None = None) -> Repaired:
    """Apply certain repairs to a pack until none is left; `today`: see `lint`."""
    files: dict[str, bytes] = {}
    # read once: faults found in these bytes are repaired in these bytes
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
    """The readable files of a pack; lint reports why the others are not."""
    found: dict[str, bytes] = {}
    with suppress(TooManyFilesError):
        for name in source.names():
            if name.endswith(".yaml"):
                with suppress(OSError):
                    found[name] = source.read(name)
    return found


def _applied(data: bytes, diagnostics: list[Diagnostic]) -> tuple[bytes, list[Diagnostic]]:
    """Apply repairs from the end so that places stay valid; of two that overlap, the first waits for the next round."""
    text = data.decode("utf-8")
    made: list[Diagnostic] = []
    after = len(text)
    for diagnostic in sorted(diagnostics, key=position, reverse=True):
        assert diagnostic.span is not None
        start, end = offsets(text, diagnostic.span)
        # skip a repair that changes nothing: it would be repeated forever
        if end <= after and text[start:end] != diagnostic.fix:
            text = text[:start] + (diagnostic.fix or "") + text[end:]
            after = start
            made.insert(0, diagnostic)
    return text.encode("utf-8"), made
