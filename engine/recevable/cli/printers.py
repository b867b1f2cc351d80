"""What `recevable check` prints, by format: decisions as they come, faults, the end of the run and its exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from recevable.cli.app import page
from recevable.cli.exits import ACCEPTED, NOT_ACCEPTED, USAGE
from recevable.cli.programmes import Programme
from recevable.decision.model import Decision, Verdict
from recevable.language.diagnostics import Diagnostic
from recevable.report import diagnostics as diagnostics_text
from recevable.report import json_format, text
from recevable.report.layout import Page

# The text of a line (file, number), for the excerpt of a diagnostic.
Excerpts = Callable[[str, int], str]


class Printer:
    """Counts, prints decisions as they come, and knows the exit code of the run."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.accepted = self.refused = self.unreadable = 0
        self.verdicts: dict[Verdict, int] = dict.fromkeys(Verdict, 0)

    @property
    def code(self) -> int:
        """The heaviest code of the run."""
        if self.unreadable or not self.accepted + self.refused:
            return USAGE
        return NOT_ACCEPTED if self.refused else ACCEPTED

    def decision(self, decision: Decision, programme: Programme) -> None:
        """Count and print a decision."""
        if decision.accepted:
            self.accepted += 1
        else:
            self.refused += 1
        for request in decision.requests:
            self.verdicts[request.verdict] += 1
        self.show(decision, programme)

    def fault(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None = None) -> None:
        """Count and print an input that cannot be read."""
        self.unreadable += 1
        self.show_fault(name, diagnostics, excerpts)

    def stop(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None = None) -> None:
        """The run ends on an error: print it, and leave what was printed well formed."""
        self.show_fault(name, diagnostics, excerpts)

    def show(self, decision: Decision, programme: Programme) -> None:
        """Print a decision."""
        raise NotImplementedError

    def show_fault(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None) -> None:
        """Diagnostics go to standard error, whatever the format."""
        shown = diagnostics_text.render(diagnostics, page(sys.stderr), excerpts)
        click.echo(shown, err=True, nl=False)

    def abort(self) -> None:
        """The run ends on something unforeseen, told elsewhere: leave what was printed well formed."""

    def close(self) -> None:
        """The run is over."""


class TextPrinter(Printer):
    """Decisions for people, and a balance when there are several."""

    def show(self, decision: Decision, programme: Programme) -> None:
        """A decision, apart from the one before."""
        if self.accepted + self.refused > 1:
            click.echo()
        click.echo(text.render(decision, programme.pack.manifest.zone, self.page), nl=False)

    def close(self) -> None:
        """The balance."""
        dossiers = self.accepted + self.refused + self.unreadable
        if dossiers < 2:
            return
        counts = [
            ("dossiers", dossiers),
            ("acceptés", self.accepted),
            ("non acceptés ou en attente d'un humain", self.refused),
            ("illisibles", self.unreadable),
        ]
        click.echo()
        click.echo(text.summary(counts, self.page), nl=False)


def _write(data: str, *, nl: bool = True) -> None:
    """JSON is UTF-8 whatever the terminal."""
    click.echo(f"{data}\n".encode() if nl else data.encode(), nl=False)


def _fault_data(name: str | None, diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    return {"dossier": name, "erreurs": [json_format.diagnostic_data(d) for d in diagnostics]}


class NdjsonPrinter(Printer):
    """One line per dossier: its decision, or its faults."""

    def show(self, decision: Decision, programme: Programme) -> None:
        """A line."""
        _write(json_format.dump(json_format.decision_data(decision), indent=False))

    def show_fault(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None) -> None:
        """A line too, so that no dossier is missing from the output."""
        super().show_fault(name, diagnostics, excerpts)
        _write(json_format.dump(_fault_data(name, diagnostics), indent=False))


class JsonPrinter(Printer):
    """One report: decisions are printed as they come, so that a large run needs no memory."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.errors: list[dict[str, Any]] = []
        self.printed = 0

    def show(self, decision: Decision, programme: Programme) -> None:
        """The next member of the list."""
        _write('{"decisions":[' if not self.printed else ",", nl=not self.printed)
        _write(json_format.dump(json_format.decision_data(decision), indent=True), nl=False)
        self.printed += 1

    def show_fault(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None) -> None:
        """Kept for the end of the report."""
        super().show_fault(name, diagnostics, excerpts)
        self.errors.append(_fault_data(name, diagnostics))

    def stop(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None = None) -> None:
        """The report is closed: what stopped the run is the last of its errors."""
        super().stop(name, diagnostics, excerpts)
        self.close()

    def abort(self) -> None:
        """The report is closed as it is."""
        self.close()

    def close(self) -> None:
        """The errors and the balance."""
        balance = {
            "dossiers": self.accepted + self.refused + self.unreadable,
            "acceptes": self.accepted,
            "non_acceptes": self.refused,
            "illisibles": self.unreadable,
            "demandes": {str(verdict): count for verdict, count in self.verdicts.items()},
        }
        head = '{"decisions":[' if not self.printed else ""
        errors, totals = (json_format.dump(data, indent=True) for data in (self.errors, balance))
        _write(f'{head}],\n"erreurs":{errors},\n"bilan":{totals}}}')


PRINTERS: Final[dict[str, type[Printer]]] = {"text": TextPrinter, "json": JsonPrinter, "ndjson": NdjsonPrinter}
