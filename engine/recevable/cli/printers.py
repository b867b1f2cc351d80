"""The output of `recevable check` by format: decisions as they come, faults, the end of the run, its exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from recevable.cli.app import page
from recevable.cli.exits import ACCEPTED, INVALID_RULES, NOT_ACCEPTED, USAGE
from recevable.cli.inputs import Content
from recevable.cli.outputs import emit
from recevable.decision.model import Decision, Verdict
from recevable.language.diagnostics import Diagnostic, Severity
from recevable.outputs.formats import FORMATS
from recevable.outputs.run import READING, Case, Run, annotation, placed
from recevable.printed import say
from recevable.programme import Programme
from recevable.report.layout import Page

# Gives the text of a line (file, number), for the excerpt of a diagnostic.
Excerpts = Callable[[str, int], str]


def exit_code(*, without: int, unreadable: int, decided: int, failing: int) -> int:
    """The exit code of a run, from how many dossiers came to what."""
    if without:
        return INVALID_RULES
    if unreadable or not decided:
        return USAGE
    return NOT_ACCEPTED if failing else ACCEPTED


class Printer:
    """Counts and prints decisions as they come, and computes the exit code of the run.

    The run fails when a decision is as serious as `level` or more; None: never.
    """

    def __init__(self, page: Page, level: Severity | None = Severity.WARNING) -> None:
        self.page, self.level = page, level
        self.accepted = self.refused = self.unreadable = self.without = self.failing = 0
        self.verdicts: dict[Verdict, int] = dict.fromkeys(Verdict, 0)

    @property
    def code(self) -> int:
        """The most severe exit code of the run."""
        decided = self.accepted + self.refused
        return exit_code(without=self.without, unreadable=self.unreadable, decided=decided, failing=self.failing)

    @property
    def dossiers(self) -> int:
        """The number of dossiers read."""
        return self.accepted + self.refused + self.unreadable + self.without

    def decision(self, decision: Decision, programme: Programme, content: Content) -> None:
        """Count and print a decision."""
        if decision.accepted:
            self.accepted += 1
        else:
            self.refused += 1
        self.failing += self._fails(decision)
        for request in decision.requests:
            self.verdicts[request.verdict] += 1
        self.show(decision, programme, content)

    def _fails(self, decision: Decision) -> bool:
        if self.level is Severity.WARNING:
            return not decision.accepted
        from recevable.outputs import annotations as dossier_annotations

        level = self.level
        return level is not None and any(s.weight <= level.weight for s in dossier_annotations.severities(decision))

    def fault(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None = None) -> None:
        """Count and print an input that cannot be read."""
        self.unreadable += 1
        self.show_fault(name, diagnostics, excerpts)

    def undecided(self, name: str, diagnostics: Sequence[Diagnostic]) -> None:
        """Count and print a valid dossier for which the rules give no decision."""
        self.without += 1
        self.show_fault(name, diagnostics, None)

    def stop(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None = None) -> None:
        """End the run on an error: print it, and leave the output well formed."""
        self.show_fault(name, diagnostics, excerpts)

    def show(self, decision: Decision, programme: Programme, content: Content) -> None:
        """Print a decision."""
        raise NotImplementedError

    def show_fault(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None) -> None:
        """Print diagnostics on standard error, in every format."""
        # imported late, as each format is: a run writes one, and most have no fault
        from recevable.report import diagnostics as diagnostics_text

        shown = diagnostics_text.render(diagnostics, page(sys.stderr), excerpts)
        say(shown, err=True, nl=False)

    def abort(self) -> None:
        """End the run on an unexpected error, reported elsewhere; leave the output well formed."""

    def close(self) -> None:
        """End the run."""


class TextPrinter(Printer):
    """Decisions as text, and a summary when there are several."""

    def show(self, decision: Decision, programme: Programme, content: Content) -> None:
        """Print a decision, separated from the previous one."""
        from recevable.report import text

        if self.accepted + self.refused > 1:
            say()
        say(text.render(decision, programme.pack.manifest.zone, self.page, content.name), nl=False)

    def close(self) -> None:
        """Print the summary."""
        from recevable.report import text

        if self.dossiers < 2:
            return
        counts = [
            (self.dossiers, "dossier", "dossiers"),
            (self.accepted, "accepté", "acceptés"),
            (self.refused, "non accepté ou en attente d'un humain", "non acceptés ou en attente d'un humain"),
            (self.unreadable, "illisible", "illisibles"),
            (self.without, "sans décision", "sans décision"),
        ]
        say()
        say(text.summary(counts, self.page), nl=False)


class NdjsonPrinter(Printer):
    """One line per dossier: its decision, or its faults."""

    def show(self, decision: Decision, programme: Programme, content: Content) -> None:
        """Print a line."""
        emit(whole_line(decision, content.name) + b"\n")

    def show_fault(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None) -> None:
        """Print a line too, so that every dossier is in the output."""
        super().show_fault(name, diagnostics, excerpts)
        emit(fault_line(name, diagnostics) + b"\n")


class ResumePrinter(NdjsonPrinter):
    """One short line per dossier."""

    def show(self, decision: Decision, programme: Programme, content: Content) -> None:
        """Print a line."""
        emit(short_line(decision, content.name) + b"\n")


def whole_line(decision: Decision, name: str) -> bytes:
    """A decision as a line of `ndjson`."""
    from recevable.report import json_format

    return json_format.decision_line(decision, name)


def short_line(decision: Decision, name: str) -> bytes:
    """A decision as a line of `resume`."""
    from recevable.report.resume import resume_line

    return resume_line(decision, name)


def fault_line(name: str | None, diagnostics: Sequence[Diagnostic]) -> bytes:
    """What stands for the decision of a dossier that has none, in both."""
    from recevable.report import json_format

    return json_format.line(json_format.fault_data(name, diagnostics))


class JsonPrinter(Printer):
    """One JSON report; decisions are printed as they come, so memory use is constant."""

    def __init__(self, page: Page, level: Severity | None = Severity.WARNING) -> None:
        super().__init__(page, level)
        self.errors: list[dict[str, Any]] = []
        self.printed = 0

    def show(self, decision: Decision, programme: Programme, content: Content) -> None:
        """Print the next member of the list."""
        from recevable.report import json_format

        emit(",\n" if self.printed else '{"decisions":[\n')
        emit(json_format.indented(json_format.decision_line(decision, content.name)))
        self.printed += 1

    def show_fault(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None) -> None:
        """Keep the fault for the end of the report."""
        from recevable.report import json_format

        super().show_fault(name, diagnostics, excerpts)
        self.errors.append(json_format.fault_data(name, diagnostics))

    def stop(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None = None) -> None:
        """Close the report; the error that stopped the run comes last."""
        super().stop(name, diagnostics, excerpts)
        self.close()

    def abort(self) -> None:
        """Close the report as it is."""
        self.close()

    def close(self) -> None:
        """Print the errors and the summary."""
        from recevable.report import json_format

        balance = {
            "dossiers": self.dossiers,
            "acceptes": self.accepted,
            "non_acceptes": self.refused,
            "illisibles": self.unreadable,
            "sans_decision": self.without,
            "demandes": {str(verdict): count for verdict, count in self.verdicts.items()},
        }
        head = '{"decisions":[' if not self.printed else ""
        errors, totals = (json_format.dump(data, indent=True) for data in (self.errors, balance))
        emit(f'{head}],\n"erreurs":{errors},\n"bilan":{totals}}}\n')


class RunPrinter(Printer):
    """A format for continuous integration: everything is printed at the end."""

    def __init__(self, page: Page, level: Severity | None, render: Callable[[Run], str]) -> None:
        super().__init__(page, level)
        self.render, self.cases, self.about = render, list[Case](), dict[str, str]()

    def show(self, decision: Decision, programme: Programme, content: Content) -> None:
        """Keep the decision for the end."""
        from recevable.outputs import annotations as dossier_annotations

        places = dossier_annotations.Places(content.file, content.data, content.line)
        found = dossier_annotations.cases(decision, programme.compiled, places, content.name)
        for one in (one for case in found for one in case.annotations if one.code in programme.pack.rules):
            self.about[one.code] = programme.pack.rules[one.code].title
        self.cases += found

    def show_fault(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None) -> None:
        """Keep the fault for the end, as its own case."""
        super().show_fault(name, diagnostics, excerpts)
        annotations = tuple(annotation(diagnostic) for diagnostic in diagnostics)
        self.cases.append(Case(name or "règles", READING, annotations[0].span if annotations else None, annotations))

    def stop(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None = None) -> None:
        """Add the error that stopped the run as the last case."""
        super().stop(name, diagnostics, excerpts)
        self.close()

    def close(self) -> None:
        """Print the whole run."""
        emit(self.render(Run("check", tuple(map(placed, self.cases)), self.level, self.about)))


PRINTERS: Final[dict[str, type[Printer]]] = {
    "text": TextPrinter,
    "json": JsonPrinter,
    "ndjson": NdjsonPrinter,
    "resume": ResumePrinter,
}
# `json` is the report of `check` itself: decisions rather than cases
RUNS: Final = {name: render for name, render in FORMATS.items() if name not in PRINTERS}
NAMES: Final = (*PRINTERS, *RUNS)


def printer(fmt: str, page: Page, level: Severity | None) -> Printer:
    """The printer of a format."""
    return RunPrinter(page, level, RUNS[fmt]) if fmt in RUNS else PRINTERS[fmt](page, level)
