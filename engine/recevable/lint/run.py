"""Linting a pack: what its readers and its compiler refuse, then, when it can be run, what the checks say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from recevable.inference.verified import verified
from recevable.language.diagnostics import Diagnostic, DiagnosticError, position
from recevable.lint import tolerances
from recevable.lint.checks import CHECKS
from recevable.lint.model import View
from recevable.lint.reading import Reading
from recevable.pack import removals, requirements
from recevable.pack.examples import read_examples
from recevable.pack.yaml_strict import SAVED, Unsaved


def lint(folder: Path, today: date, unsaved: Unsaved = SAVED) -> list[Diagnostic]:
    """Every diagnostic on a pack, in the order of files and lines; their files are named from the pack's folder."""
    try:
        compiled = verified(folder, unsaved)
    except DiagnosticError as error:
        return list(error.diagnostics)
    found: list[Diagnostic] = []
    # an example that cannot be read cannot be run either
    list(read_examples(compiled, found))
    inventory = None
    try:
        inventory = requirements.read(folder, unsaved)
        found += requirements.compare(compiled.pack, inventory)
    except DiagnosticError as error:
        found += error.diagnostics
    found += removals.verify(folder, compiled.pack, unsaved)
    view = View(folder, compiled.pack, compiled, inventory, today, Reading(compiled))
    found += _said(view)
    try:
        excused = tolerances.read(folder, unsaved)
        found = tolerances.applied(excused, found, CHECKS, _subjects(view), today)
    except DiagnosticError as error:
        found += error.diagnostics
    return sorted(found, key=position)


def _subjects(view: View) -> set[str]:
    """Everything that a pack gives an identifier or a name to, and that a check may be about."""
    known = {view.pack.manifest.programme, *view.pack.rules, *view.pack.parameters}
    return known | (set(view.inventory.requirements) if view.inventory is not None else set())


def _said(view: View) -> Iterator[Diagnostic]:
    for code, check in CHECKS.items():
        for fault in check.check(view):
            yield Diagnostic(
                code, fault.message, fault.place, fault.help, fault.severity or check.SEVERITY, fault.fix, fault.subject
            )
