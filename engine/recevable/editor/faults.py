"""The faults of a pack for an editor: per file, ranges, messages and repairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from msgspec import Struct

from recevable.editor.positions import offsets_of
from recevable.inference.verified import verified
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity
from recevable.lint import tolerances
from recevable.lint.run import lint
from recevable.pack.model import MANIFEST
from recevable.pack.source import PackSource
from recevable.trials.proved import Answers, Status, of_properties


class PlacedDiagnostic(Struct, frozen=True):
    """A diagnostic for the characters from `start` to `end` of a text."""

    diagnostic: Diagnostic
    start: int
    end: int

    @property
    def message(self) -> str:
        """The fault, then the help."""
        return "\n".join(line for line in (self.diagnostic.message, self.diagnostic.help) if line)


class FaultyFile(Struct, frozen=True):
    """A file with its text and faults; its name is relative to the pack (`../../schemas/…` for the schema)."""

    name: str
    text: str
    faults: tuple[PlacedDiagnostic, ...]


def faulty_files(
    source: PackSource,
    today: date | None = None,
    beside: Callable[[str], str] = lambda _: "",
    folder: Path | None = None,
) -> list[FaultyFile]:
    """Every file of a pack with faults; those without a place are put at the top of the manifest.

    `today`: see `lint`.  `beside` gives the text of a file outside the pack, such as its schema; `folder` is that of
    the pack, of which some properties may be known not to hold.
    """
    by_file: dict[str, list[Diagnostic]] = {}
    for one in (*lint(source, today), *refuted(source, today, folder)):
        by_file.setdefault(one.span.file if one.span is not None else MANIFEST, []).append(one)
    found: list[FaultyFile] = []
    for name, diagnostics in by_file.items():
        text = beside(name) if name.startswith("../") else _text(source, name)
        faults = tuple(_fault(one, text) for one in diagnostics)
        found.append(FaultyFile(name, text, faults))
    return found


def refuted(source: PackSource, today: date | None, folder: Path | None) -> Iterator[Diagnostic]:
    """The properties that a dossier refutes, by the answers kept: nothing is asked of the solver.

    Those that the pack accepts are left out; so is everything while the pack or its properties are invalid.
    """
    if not Answers(folder):
        return
    try:
        compiled = verified(source)
        found = of_properties(compiled, source, folder)
        excused = [one for one in tolerances.read(source) if one.check.text == tolerances.PROOF]
    except DiagnosticError:
        return
    today = today or compiled.pack.manifest.today()
    accepted = {one.subject.text for one in excused if one.expires >= today}
    for name, (one, kept) in found.items():
        if kept.answer.status is Status.REFUTED and name not in accepted:
            help = " ".join((*(f"{text}." for text in kept.shown), f"`recevable prove --propriete {name}` le montre."))
            message = f"un dossier réfute `{name}` : {one.title}"
            yield Diagnostic(tolerances.PROOF, message, one.id.span, help, Severity.WARNING, subject=name)


def _fault(one: Diagnostic, text: str) -> PlacedDiagnostic:
    start, end = offsets_of(one.span, text) if one.span is not None else (0, 0)
    return PlacedDiagnostic(one, start, end)


def _text(source: PackSource, name: str) -> str:
    """The text of a file as the editor counts it; empty when unreadable."""
    try:
        data = source.read(name)
    except OSError:
        return ""
    return data.decode("utf-8", "replace")
