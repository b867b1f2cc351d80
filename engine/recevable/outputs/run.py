"""A run of any verb for machines: cases, each clean or with annotations at a file and a line.

`check`, `lint` and `test` each build one `Run`, and `formats` writes it.  Paths are relative to the current folder when
they are below it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from recevable import files
from recevable.language.diagnostics import Diagnostic, Severity, Span

# The suite of the inputs that could not be read.
READING: Final = "lecture"
# The size limit of files whose lines are shown, larger than any pack file or dossier.
_EXCERPT: Final = 16_000_000


class Annotation(Struct, frozen=True):
    """A message at one place; `code` is a diagnostic code or a rule id; `help` may have several lines."""

    code: str
    severity: Severity
    message: str
    span: Span | None
    help: str = ""


class Case(Struct, frozen=True):
    """An item that was checked (a pack file, a dossier and its request, an example), and its annotations."""

    suite: str
    name: str
    span: Span | None = None
    annotations: tuple[Annotation, ...] = ()


class Run(Struct, frozen=True):
    """A whole run; `about` describes each code in one line.

    An annotation as serious as `level`, or more, makes the run fail; None: never.
    """

    verb: str
    cases: tuple[Case, ...]
    level: Severity | None
    about: Mapping[str, str] = {}

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """Every annotation, in the order of the cases."""
        return tuple(annotation for case in self.cases for annotation in case.annotations)

    def counts(self, found: Annotation) -> bool:
        """Whether an annotation makes the run fail."""
        return self.level is not None and found.severity.weight <= self.level.weight

    @property
    def failed(self) -> bool:
        """Whether an annotation makes the run fail."""
        return any(map(self.counts, self.annotations))


def annotation(diagnostic: Diagnostic) -> Annotation:
    """The annotation of a diagnostic whose path is already a displayed one."""
    help = "\n".join([*diagnostic.notes, *([diagnostic.help] if diagnostic.help else [])])
    return Annotation(diagnostic.code, diagnostic.severity, diagnostic.message, diagnostic.span, help)


def printable(path: Path) -> str:
    """A printable form of a path, even when its bytes are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def seen_from_here(path: Path) -> str:
    """A path relative to the current folder when below it, else absolute; with slashes, and printable.

    A link keeps its own name, since its target may be private.
    """
    here = Path.cwd().resolve()
    # links in its folder are resolved; the name is empty for `.`, and unusable for `..`
    known = path.name not in ("", "..")
    whole = Path(os.path.realpath(path.parent), path.name) if known else Path(os.path.realpath(path))
    return printable(whole.relative_to(here) if whole.is_relative_to(here) else whole).replace(os.sep, "/")


def placed(case: Case) -> Case:
    """The case with the displayed names of its files; other names are unchanged."""

    def moved(span: Span | None) -> Span | None:
        return replace(span, file=seen_from_here(Path(span.file))) if span and Path(span.file).is_file() else span

    annotations = tuple(replace(one, span=moved(one.span)) for one in case.annotations)
    return replace(case, span=moved(case.span), annotations=annotations)


def relocated(diagnostics: Iterable[Diagnostic], folder: Path) -> list[Diagnostic]:
    """Convert file names relative to a pack's folder into displayed names."""
    root = Path(os.path.realpath(folder))

    def seen(span: Span) -> Span:
        # a schema may be named relative to the pack, `../../schemas/…`; no folder of a pack is a link
        return replace(span, file=seen_from_here(Path(os.path.normpath(root / span.file))))

    return [replace(d, span=seen(d.span)) if d.span else d for d in diagnostics]


def line_of(file: str, number: int) -> str:
    """A line of a file, for an excerpt; empty when missing, or when a link leads out of the file's folder."""
    try:
        # as readers count them: only line endings end a line, and a byte order mark is not a character
        lines = files.read(Path(file), _EXCERPT, Path(file).parent).decode("utf-8-sig", "replace").split("\n")
    except (OSError, ValueError):
        return ""
    return lines[number - 1] if 0 < number <= len(lines) else ""
