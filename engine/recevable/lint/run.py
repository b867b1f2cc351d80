"""Lint a pack: report the faults of its readers and compiler, then run the checks if it is valid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date

from msgspec.structs import replace

from recevable.adapters.registry import verify as verify_import
from recevable.inference.verified import verified
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity, Span, position
from recevable.lint import tolerances
from recevable.lint.analysis import Analysis
from recevable.lint.checks import CHECKS
from recevable.lint.model import View
from recevable.pack import applicants, letters, properties, removals, requirements
from recevable.pack.examples import read_examples
from recevable.pack.source import AnyPack, PackSource, source_of


def lint(pack: AnyPack, today: date | None = None) -> list[Diagnostic]:
    """Every diagnostic on a pack, in the order of files and lines, with file names relative to the pack.

    `today` is the day used by the checks; by default, the current one in the time zone of the programme.
    """
    source = source_of(pack)
    try:
        compiled = verified(source)
    except DiagnosticError as error:
        return _repairable(error.diagnostics, source)
    today = today or compiled.pack.manifest.today()
    found: list[Diagnostic] = []
    # an unreadable example cannot be run either
    read = Counter(example.rule for example in read_examples(compiled, found))
    unread = frozenset(rule.id for rule in compiled.pack.rules.values() if read[rule.id] < len(rule.examples))
    inventory = None
    try:
        inventory = requirements.read(source)
        found += requirements.compare(compiled.pack, inventory)
    except DiagnosticError as error:
        found += error.diagnostics
    found += removals.verify(source, compiled.pack)
    found += properties.verify(source, compiled, inventory)
    found += applicants.verify(source, compiled.pack)
    found += letters.verify(source, compiled.pack)
    found += verify_import(source, compiled.pack)
    view = View(source, compiled.pack, compiled, inventory, today, Analysis(compiled), unread)
    found += _checked(view)
    try:
        excused = [one for one in tolerances.read(source) if one.check.text != tolerances.PROOF]
        found = tolerances.applied(excused, found, CHECKS, _subjects(view), today)
    except DiagnosticError as error:
        # what it excuses is not known: warnings wait until it can be read
        found = [one for one in found if one.severity is Severity.ERROR] + list(error.diagnostics)
    return sorted(_repairable(found, source), key=position)


def offsets(text: str, span: Span) -> tuple[int, int]:
    """The start and end of a span in a text; columns do not count a byte order mark."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: span.line - 1]) + span.column - 1
    start += text.startswith("\ufeff") and span.line == 1
    return start, min(start + span.length, len(text))


def _repairable(found: Iterable[Diagnostic], source: PackSource) -> list[Diagnostic]:
    """The diagnostics, without the repairs that would change nothing."""
    kept = []
    for diagnostic in found:
        if diagnostic.fix is not None and diagnostic.span is not None:
            name = diagnostic.span.file
            with suppress(OSError, ValueError):
                text = source.read(name).decode("utf-8")
                start, end = offsets(text, diagnostic.span)
                if text[start:end] == diagnostic.fix:
                    diagnostic = replace(diagnostic, fix=None)
        kept.append(diagnostic)
    return kept


def _subjects(view: View) -> set[str]:
    """Every identifier and name of a pack that a check may report on."""
    known = {view.pack.manifest.programme, *view.pack.rules, *view.pack.parameters}
    return known | (set(view.inventory.requirements) if view.inventory is not None else set())


def _checked(view: View) -> Iterator[Diagnostic]:
    for code, check in CHECKS.items():
        for fault in check.check(view):
            yield Diagnostic(
                code, fault.message, fault.place, fault.help, fault.severity or check.SEVERITY, fault.fix, fault.subject
            )
