"""`recevable check`: dossiers in, decisions out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from recevable.cli.app import FrenchCommand
from recevable.cli.exits import ACCEPTED, INTERNAL, INVALID_RULES, NOT_ACCEPTED, USAGE
from recevable.cli.inputs import Content, contents, line_reader
from recevable.cli.programmes import Programme, Programmes, pack_line
from recevable.decision.model import Decision, Verdict
from recevable.dossier.dossier import load
from recevable.dossier.json_reader import read
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import EngineDisagreement
from recevable.language.calendar import parse_date
from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.report import diagnostics as diagnostics_text
from recevable.report import json_format, text
from recevable.report.layout import Page


class Day(click.ParamType[date]):
    """A date given on the command line."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """AAAA-MM-JJ, or a refusal in French."""
        if isinstance(value, date):
            return value
        try:
            return parse_date(str(value))
        except ValueError as error:
            raise click.BadParameter(f"`{value}` : {error}", ctx, param) from None


@click.command(cls=FrenchCommand, short_help="Vérifier des dossiers.")
@click.argument("files", nargs=-1, required=True, metavar="FICHIER...")
@click.option(
    "--demande",
    "requests",
    multiple=True,
    metavar="NOM",
    help="Ne décider que cette demande (répétable) ; `recouvrement` en est une.",
)
@click.option(
    "--au",
    "today",
    type=Day(),
    metavar="AAAA-MM-JJ",
    help="Date de la décision ; par défaut, aujourd'hui à l'heure du programme.",
)
@click.option(
    "--format",
    "fmt",
    type=click.Choice(("text", "json", "ndjson")),
    default="text",
    metavar="FORMAT",
    help="text (défaut), json (un rapport) ou ndjson (une décision par ligne).",
)
@click.option("--trace", is_flag=True, help="Montrer pour chaque règle l'expression évaluée et les valeurs lues.")
@click.option(
    "--rules",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Dossier du paquet de règles, au lieu de ceux livrés.",
)
def check(
    files: tuple[str, ...],
    requests: tuple[str, ...],
    today: date | None,
    fmt: str,
    trace: bool,
    rules: Path | None,
) -> int:
    """Vérifier des dossiers et rendre une décision motivée.

    FICHIER : un dossier .json, un .ndjson (un dossier par ligne), un répertoire (tous ses .json), ou - pour l'entrée
    standard.

    Codes de sortie : 0 tout est accepté ; 1 un dossier au moins ne l'est pas, ou attend un humain ; 2 usage ou dossier
    illisible ; 3 règles invalides ; 4 erreur interne.
    """
    colour = fmt == "text" and sys.stdout.isatty()
    printer = _PRINTERS[fmt](Page(colour=colour), several=len(files) > 1)
    try:
        programmes = Programmes(rules)
        run = _Run(programmes, requests, today, trace, printer)
        for content in contents(files):
            run.one(content)
        printer.close()
    except DiagnosticError as error:
        # only a pack raises up to here: a dossier's own faults are counted and the others still run
        printer.stop()
        return report_pack_faults(error, rules)
    except EngineDisagreement as error:
        printer.stop()
        click.echo(
            f"recevable : erreur interne, les deux moteurs ne concluent pas de même sur `{error.rule}` "
            f"({error.context}) : réseau {error.network}, référence {error.reference}. Aucune décision n'est rendue.",
            err=True,
        )
        return INTERNAL
    except Contradiction as error:
        printer.stop()
        values = " ; ".join(f"{r} donne {v}" for r, v in zip(error.rules, error.values, strict=True))
        click.echo(
            f"recevable : règles contradictoires sur `{error.name}` : {values}. Aucune décision n'est rendue.",
            err=True,
        )
        return INVALID_RULES
    return printer.code


def report_pack_faults(error: DiagnosticError, rules: Path | None) -> int:
    """Print what is wrong with a pack, with excerpts when its folder was given; the exit code."""
    excerpts = None if rules is None else lambda file, line: pack_line(rules, file, line)
    click.echo(diagnostics_text.render(error.diagnostics, Page(), excerpts), err=True, nl=False)
    return INVALID_RULES


class _Run:
    """Decides one content after another."""

    def __init__(
        self,
        programmes: Programmes,
        requests: Sequence[str],
        today: date | None,
        trace: bool,
        printer: _Printer,
    ) -> None:
        self.programmes, self.requests, self.today, self.trace, self.printer = (
            programmes,
            requests,
            today,
            trace,
            printer,
        )

    def one(self, content: Content | Diagnostic) -> None:
        """Decide one dossier, or report why it cannot be read."""
        if isinstance(content, Diagnostic):
            self.printer.fault("", [content])
            return
        try:
            programme = self._programme(content)
        except _Unreadable as error:
            self.printer.fault(content.name, error.diagnostics)
            return
        try:
            dossier = load(content.data, content.file, programme.validator, content.line)
        except DiagnosticError as error:
            self.printer.fault(content.name, error.diagnostics)
            return
        unknown = [r for r in self.requests if r not in programme.compiled.context_names]
        if unknown:
            known = ", ".join(programme.compiled.context_names)
            raise click.UsageError(f"--demande : `{unknown[0]}` n'est pas une demande ; demandes : {known}")
        zone = programme.pack.manifest.zone
        today = self.today or datetime.now(zone).date()
        decision = programme.decider.decide(dossier.named(content.name), today, self.requests, trace=self.trace)
        if self.requests and not decision.requests and not decision.recovery and "recouvrement" not in self.requests:
            wanted = ", ".join(self.requests)
            self.printer.fault(
                content.name,
                [Diagnostic("ENTREE-DEMANDE", f"`{content.name}` ne contient pas la demande {wanted}")],
            )
            return
        self.printer.decision(decision, programme)

    def _programme(self, content: Content) -> Programme:
        if len(self.programmes.folders) == 1:
            return self.programmes.only()
        try:
            found = self.programmes.of(read(content.data, content.file, content.line))
        except DiagnosticError as error:
            raise _Unreadable(error.diagnostics) from None
        if isinstance(found, Diagnostic):
            raise _Unreadable((found,))
        return found


class _Unreadable(Exception):
    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__()
        self.diagnostics = diagnostics


class _Printer:
    """Counts, prints decisions as they come, and knows the exit code of the run."""

    def __init__(self, page: Page, *, several: bool) -> None:
        self.page, self.several = page, several
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

    def fault(self, name: str, diagnostics: Sequence[Diagnostic]) -> None:
        """Count and print an input that cannot be read."""
        self.unreadable += 1
        self.show_fault(name, diagnostics)

    def show(self, decision: Decision, programme: Programme) -> None:
        """Print a decision."""
        raise NotImplementedError

    def show_fault(self, name: str, diagnostics: Sequence[Diagnostic]) -> None:
        """Diagnostics go to standard error, whatever the format."""
        click.echo(
            diagnostics_text.render(diagnostics, Page(colour=sys.stderr.isatty()), line_reader),
            err=True,
            nl=False,
        )

    def stop(self) -> None:
        """The run ends on an error: leave what was printed well formed if the format needs it."""

    def close(self) -> None:
        """The run is over."""


class _TextPrinter(_Printer):
    def show(self, decision: Decision, programme: Programme) -> None:
        if self.accepted + self.refused > 1:
            click.echo()
        click.echo(text.render(decision, programme.pack.manifest.zone, self.page), nl=False)

    def close(self) -> None:
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


class _NdjsonPrinter(_Printer):
    def show(self, decision: Decision, programme: Programme) -> None:
        click.echo(json_format.dump(json_format.decision_data(decision), indent=False))

    def show_fault(self, name: str, diagnostics: Sequence[Diagnostic]) -> None:
        super().show_fault(name, diagnostics)
        data = {"dossier": name or None, "erreurs": [json_format.diagnostic_data(d) for d in diagnostics]}
        click.echo(json_format.dump(data, indent=False))


class _JsonPrinter(_Printer):
    """One report: decisions are printed as they come, so that a large run needs no memory."""

    def __init__(self, page: Page, *, several: bool) -> None:
        super().__init__(page, several=several)
        self.errors: list[dict[str, Any]] = []
        self.printed = 0

    def show(self, decision: Decision, programme: Programme) -> None:
        click.echo('{"decisions":[' if not self.printed else ",", nl=not self.printed)
        click.echo(json_format.dump(json_format.decision_data(decision), indent=True), nl=False)
        self.printed += 1

    def show_fault(self, name: str, diagnostics: Sequence[Diagnostic]) -> None:
        super().show_fault(name, diagnostics)
        found = [json_format.diagnostic_data(d) for d in diagnostics]
        self.errors.append({"dossier": name or None, "erreurs": found})

    def close(self) -> None:
        balance = {
            "dossiers": self.accepted + self.refused + self.unreadable,
            "acceptes": self.accepted,
            "non_acceptes": self.refused,
            "illisibles": self.unreadable,
            "demandes": {str(verdict): count for verdict, count in self.verdicts.items()},
        }
        head = '{"decisions":[' if not self.printed else ""
        errors, totals = (json_format.dump(data, indent=True) for data in (self.errors, balance))
        click.echo(f'{head}],\n"erreurs":{errors},\n"bilan":{totals}}}')


_PRINTERS = {"text": _TextPrinter, "json": _JsonPrinter, "ndjson": _NdjsonPrinter}
