"""What a run of any verb has to show a machine: cases, each clean or with annotations at a file and a line.

`check`, `lint` and `test` each build one `Run`; `formats` writes it for whoever reads it.  Paths are as the reader of
the run sees them: relative to the folder that the command was started in, when they are below it.
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

# The suite of what could not be read.
READING: Final = "lecture"
# The largest file whose lines are shown: more than any file of a pack or any dossier has.
_EXCERPT: Final = 16_000_000


class Annotation(Struct, frozen=True):
    """One thing to show at one place; `code` is that of a diagnostic or the identifier of a rule; `help` has lines."""

    code: str
    severity: Severity
    message: str
    span: Span | None
    help: str = ""


class Case(Struct, frozen=True):
    """One thing that was looked at (a file of a pack, a dossier and its request, an example) and what was found."""

    suite: str
    name: str
    span: Span | None = None
    annotations: tuple[Annotation, ...] = ()


class Run(Struct, frozen=True):
    """A whole run; `about` says in one line what each code stands for.

    An annotation as serious as `level`, or more, makes the run fail; None: nothing does.
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
        """Whether something does."""
        return any(map(self.counts, self.annotations))


def annotation(diagnostic: Diagnostic) -> Annotation:
    """A diagnostic whose path is already as the reader sees it."""
    help = "\n".join([*diagnostic.notes, *([diagnostic.help] if diagnostic.help else [])])
    return Annotation(diagnostic.code, diagnostic.severity, diagnostic.message, diagnostic.span, help)


def printable(path: Path) -> str:
    """A path as it can be printed, even when its bytes are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def seen_from_here(path: Path) -> str:
    """A path relative to the current folder when it is below it, else absolute; with slashes, and printable.

    A link keeps its own name: what it leads to may be nobody's to see.
    """
    here = Path.cwd().resolve()
    # its folder is followed, whatever links lead there; the name is empty for `.`, and is none for `..`
    known = path.name not in ("", "..")
    whole = Path(os.path.realpath(path.parent), path.name) if known else Path(os.path.realpath(path))
    return printable(whole.relative_to(here) if whole.is_relative_to(here) else whole).replace(os.sep, "/")


def placed(case: Case) -> Case:
    """A case whose files, named as they were typed, are named as the reader sees them; what is no file stays."""

    def moved(span: Span | None) -> Span | None:
        return replace(span, file=seen_from_here(Path(span.file))) if span and Path(span.file).is_file() else span

    told = tuple(replace(one, span=moved(one.span)) for one in case.annotations)
    return replace(case, span=moved(case.span), annotations=told)


def relocated(diagnostics: Iterable[Diagnostic], folder: Path) -> list[Diagnostic]:
    """Diagnostics whose files are named from a pack's folder, named as the reader of the run sees them."""
    root = Path(os.path.realpath(folder))

    def seen(span: Span) -> Span:
        # a schema may be named from the pack, `../../schemas/…`; no folder of a pack is a link
        return replace(span, file=seen_from_here(Path(os.path.normpath(root / span.file))))

    return [replace(d, span=seen(d.span)) if d.span else d for d in diagnostics]


def line_of(file: str, number: int) -> str:
    """A line of a file, for an excerpt; empty when there is none, or when a link leads out of the file's folder."""
    try:
        # as readers count lines and columns: only an end of line ends one, a byte order mark is no character
        lines = files.read(Path(file), _EXCERPT, Path(file).parent).decode("utf-8-sig", "replace").split("\n")
    except (OSError, ValueError):
        return ""
    return lines[number - 1] if 0 < number <= len(lines) else ""
