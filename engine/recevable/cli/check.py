"""`recevable check`: dossiers in, decisions out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from recevable.cli.app import FrenchCommand, page
from recevable.cli.exits import INTERNAL, INVALID_RULES, USAGE, usage
from recevable.cli.inputs import Content, ProofFault, contents
from recevable.cli.printers import NAMES, RUNS, Printer
from recevable.cli.printers import printer as printer_of
from recevable.cli.programmes import Programmes, unknown_request
from recevable.cli.runs import (
    PATH,
    agreement_option,
    fail_level_option,
    for_many,
    level_of,
    requests_option,
    rules_option,
)
from recevable.dossier.dossier import checked
from recevable.dossier.formats import ImplausibleYear, plausible
from recevable.dossier.json_reader import read
from recevable.inference.agreement import Agreement
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import EngineDisagreement
from recevable.language.calendar import parse_date
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity, Span
from recevable.outputs.run import line_of
from recevable.printed import say
from recevable.programme import Programme, absent, decided, place_of_programme
from recevable.report.layout import Page

if TYPE_CHECKING:
    from recevable.cli.proofs import Proof

    _DateType = click.ParamType[date]
else:
    # generic only in recent versions of click
    _DateType = click.ParamType


class Day(_DateType):
    """A date given on the command line."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parse AAAA-MM-JJ, or fail with a French message."""
        if isinstance(value, date):
            return value
        try:
            return parse_date(str(value))
        except ValueError as error:
            raise click.BadParameter(f"`{value}` est refusé, {error}", ctx, param) from None


@click.command(cls=FrenchCommand, short_help="Vérifier des dossiers.")
@click.argument("files", nargs=-1, required=True, metavar="FICHIER...")
@requests_option()
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
    type=click.Choice(NAMES),
    default="text",
    metavar="FORMAT",
    help=f"text (défaut), json (un rapport), ndjson (une décision par ligne), resume (une ligne courte), "
    f"{', '.join(RUNS)}.",
)
@fail_level_option(Severity.WARNING)
@click.option("--trace", is_flag=True, help="Montrer pour chaque règle l'expression évaluée et les valeurs lues.")
@click.option(
    "--preuve",
    "proof",
    type=PATH,
    metavar="FICHIER",
    help="Comparer les chiffres du dossier à cette preuve (recevable annuaire count).",
)
@agreement_option()
@rules_option()
def check(
    files: tuple[str, ...],
    requests: tuple[str, ...],
    today: date | None,
    fmt: str,
    fail_level: str,
    trace: bool,
    proof: Path | None,
    agreement: Agreement,
    rules: Path | None,
) -> int:
    """Vérifier des dossiers et rendre une décision motivée.

    FICHIER : un dossier .json, un .ndjson (un dossier par ligne), l'un ou l'autre en .gz ou .zst, un .parquet (une
    colonne de JSON), un répertoire (tous ses .json), ou - pour l'entrée standard.

    Un rejet est une erreur ; un complément, une appréciation ou un reversement est un avertissement ; un signalement
    est une information.

    Codes de sortie : 0 tout est accepté ; 1 un dossier au moins ne l'est pas, ou attend un humain (--fail-level) ;
    2 usage ou dossier illisible ; 3 règles invalides, ou qui se contredisent sur un dossier ; 4 erreur interne.
    """
    printer = printer_of(fmt, page(sys.stdout) if fmt == "text" else Page(), level_of(fail_level))
    deciding: str | None = None
    try:
        run = DossierRun(Programmes(rules), requests, today, trace, printer, proof, agreement)
        for rank, content in enumerate(contents(files)):
            if rank == 1:
                for_many()
            deciding = content.name if isinstance(content, Content) else None
            run.one(content)
    except ProofFault as error:
        printer.stop(str(proof), error.diagnostics)
        return USAGE
    except DiagnosticError as error:
        # only pack errors propagate here: a dossier's own faults are counted and the others still run
        printer.stop(None, error.diagnostics, line_of)
        return INVALID_RULES
    except EngineDisagreement as error:
        from recevable.report.refusal import refusal

        printer.stop(deciding, [refusal(error)])
        return INTERNAL
    except BrokenPipeError:
        raise
    except BaseException:
        printer.abort()
        raise
    printer.close()
    return printer.code


def report_pack_faults(error: DiagnosticError) -> int:
    """Print the faults of a pack, with excerpts; returns the exit code."""
    from recevable.report import diagnostics as diagnostics_text

    shown = diagnostics_text.render(error.diagnostics, page(sys.stderr), line_of)
    say(shown, err=True, nl=False)
    return INVALID_RULES


class DossierRun:
    """Decides one content after another, for `check` and for `batch`."""

    def __init__(
        self,
        programmes: Programmes,
        requests: Sequence[str],
        today: date | None,
        trace: bool,
        printer: Printer,
        proof: Path | None,
        agreement: Agreement,
    ) -> None:
        self.proof: Proof | None = None
        if proof is not None:
            # imported late, as what explains a fault is: most runs need neither
            from recevable.cli.proofs import Proof

            self.proof = Proof(proof)
        self.programmes, self.requests, self.today, self.trace = programmes, requests, today, trace
        self.printer, self.agreement = printer, agreement

    def one(self, content: Content | Diagnostic) -> None:
        """Decide one dossier, or report why it cannot be read."""
        if isinstance(content, Diagnostic):
            self.printer.fault(None, [content])
            return
        try:
            programme, parsed = self._programme(content)
        except _Unreadable as error:
            self.printer.fault(content.name, error.diagnostics, content.line_text)
            return
        try:
            if parsed is None:
                dossier = programme.read(content.data, content.file, content.line)
            else:
                dossier = checked(parsed, content.data, content.file, programme.validator, content.line)
        except DiagnosticError as error:
            self.printer.fault(content.name, error.diagnostics, content.line_text)
            return
        today = self._day(programme)
        asked = tuple(filter(programme.compiled.decides, self.requests))
        if self.requests and not asked:
            self.printer.fault(content.name, [programme.without_request(content.name, self.requests, dossier)])
            return
        try:
            decision = programme.decide(dossier, today, asked, trace=self.trace, agreement=self.agreement)
        except Contradiction as error:
            from recevable.report.refusal import refusal

            place = Span(content.file, content.line, 1)
            self.printer.undecided(content.name, [refusal(error, place, going_on=True)])
            return
        if self.proof is not None:
            if programme.pack.manifest.proof is None:
                message = "--preuve : le programme de ce dossier ne dit pas quels chiffres comparer"
                self.printer.fault(content.name, [Diagnostic("PREUVE-PROGRAMME", message)])
                return
            decision = self.proof.compare(decision, dossier, programme, today)
        if decided(decision, self.requests):
            self.printer.decision(decision, programme, content)
        missing = absent(decision, self.requests)
        if missing or not (decision.requests or decision.recovery or self.requests):
            self.printer.fault(content.name, [programme.without_request(content.name, missing, dossier)])

    def _day(self, programme: Programme) -> date:
        """The day of the decision; a year that the programme does not allow is rejected, as in a dossier."""
        if self.today is None:
            return programme.today()
        try:
            plausible(self.today.isoformat(), programme.manifest.years)
        except ImplausibleYear as error:
            raise usage(f"--au : {error}.") from None
        return self.today

    def _programme(self, content: Content) -> tuple[Programme, Any]:
        """The programme of a dossier, which is parsed when that says its programme (else None).

        Raises _Unreadable, or DiagnosticError when the pack is invalid.
        """
        if len(self.programmes.folders) == 1:
            programme = self.programmes.only()
            self._known(programme)
            return programme, None
        try:
            data = read(content.data, content.file, content.line)
        except DiagnosticError as error:
            raise _Unreadable(error.diagnostics) from None
        found = self.programmes.of(data)
        if isinstance(found, Diagnostic):
            place = place_of_programme(content.data, content.file, content.line)
            raise _Unreadable([replace(found, span=place)])
        self._known(found)
        return found, data

    def _known(self, programme: Programme) -> None:
        """Stop at a request that neither this programme nor any other of the run has."""
        for request in self.requests:
            if programme.compiled.decides(request):
                continue
            if not any(one.compiled.decides(request) for one in self.programmes.all()):
                raise unknown_request(request, programme.request_names())


class _Unreadable(Exception):
    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__()
        self.diagnostics = diagnostics
