"""`recevable impact`: the effect of changing a pack on dossiers, before it is in force."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Final

import click
from msgspec.structs import replace

from recevable.cli.app import FrenchCommand, page
from recevable.cli.check import Day
from recevable.cli.exits import ACCEPTED, INTERNAL, INVALID_RULES, NOT_ACCEPTED, USAGE, usage
from recevable.cli.inputs import Content, contents
from recevable.cli.outputs import check_writable, emit, write_whole
from recevable.cli.programmes import unknown_request
from recevable.cli.runs import PATH, for_many
from recevable.cli.solver import at_fault, needed
from recevable.cli.versions import Chosen, choose
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import EngineDisagreement
from recevable.language.calendar import parse_date
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span
from recevable.outputs.impact import as_json as impact_json
from recevable.outputs.impact import page as impact_page
from recevable.outputs.impact import text as impact_text
from recevable.outputs.impact.words import Unread, headline
from recevable.outputs.run import line_of, relocated
from recevable.pack.nodes import Mapping, Scalar
from recevable.pack.yaml_strict import read_alone
from recevable.printed import say, visible
from recevable.programme import open_programme
from recevable.report import diagnostics as diagnostics_text
from recevable.report.layout import Page
from recevable.report.refusal import refusal
from recevable.trials.impact.compare import Compared, Comparison, Stopped, compared
from recevable.trials.impact.model import DaySource, Impact, Possibilities, Possible
from recevable.trials.known import EXPECTED
from recevable.trials.proved import ELEMENTS, Status

# Seconds between two progress updates.
_PATIENCE: Final = 0.5
FORMATS: Final = ("text", "json", "html")
# The dossiers near which others are looked for.
_MOST_KEPT: Final = 500
# The names of the two sides in the usage line.
_SIDES: Final = ("ANCIEN", "NOUVEAU")


@click.command(cls=FrenchCommand)
@click.argument("old", metavar="ANCIEN")
@click.argument("new", metavar="NOUVEAU")
@click.argument("files", nargs=-1, required=True, metavar="DOSSIER...")
@click.option(
    "--demande",
    "requests",
    multiple=True,
    metavar="NOM",
    help="Ne comparer que cette demande (répétable), ou NOM:CLÉ un seul élément ; `recouvrement` en est une.",
)
@click.option(
    "--au",
    "today",
    type=Day(),
    metavar="AAAA-MM-JJ",
    help="Date des décisions ; par défaut, celle du .attendu.yaml du dossier, sinon aujourd'hui.",
)
@click.option(
    "--format",
    "fmt",
    type=click.Choice(FORMATS),
    default="text",
    metavar="FORMAT",
    help="text (défaut), json, ou html (une page avec graphiques).",
)
@click.option(
    "--output",
    type=PATH,
    metavar="FICHIER",
    help="Écrire dans ce fichier au lieu de la sortie standard.",
)
@click.option(
    "--prouver",
    "proving",
    is_flag=True,
    help="Chercher aussi ce qui peut changer pour d'autres dossiers que ceux-ci (recevable[preuves]).",
)
def impact(
    old: str,
    new: str,
    files: tuple[str, ...],
    requests: tuple[str, ...],
    today: date | None,
    fmt: str,
    output: Path | None,
    proving: bool,
) -> int:
    """Montrer ce qu'une modification des règles change pour des dossiers : verdicts, motifs, euros.

    ANCIEN et NOUVEAU : le dossier d'un paquet, le nom d'un paquet livré, ou un paquet à une révision git, comme
    `HEAD~1:rules/mon-programme` (ou `HEAD~1` s'il n'y a pas d'ambiguïté).

    DOSSIER : un dossier .json, un .ndjson (un dossier par ligne), un répertoire (tous ses .json), ou - pour l'entrée
    standard.

    Codes de sortie : 0 rien ne change ; 1 un dossier au moins change, ou pourrait changer (--prouver) ; 2 usage ou
    dossier illisible ; 3 règles invalides, ou qui se contredisent sur un dossier ; 4 erreur interne.
    """
    if proving:
        needed("--prouver")
    if output is not None:
        check_writable(output, "--output")
    with tempfile.TemporaryDirectory(prefix="recevable-") as scratch:
        chosen = choose(old, new, Path(scratch))
        before, after = (_side(one, which) for one, which in zip(chosen, _SIDES, strict=True))
    if before is None or after is None:
        return INVALID_RULES
    _comparable(before, after, requests)
    run = _Run(Comparison(before, after, requests), today, after.programme.zone, keeping=proving)
    try:
        run.all(files)
    except Stopped as error:
        diagnostic, code = _stopped(error)
        _print_faults([diagnostic], None)
        return code
    found = run.comparison.impact()
    if not found.decided and not run.unread:
        raise usage(_nothing(requests))
    if proving:
        proved = _proved(before, after, run.kept, requests)
        if isinstance(proved, int):
            return proved
        found = replace(found, possible=proved)
    rendered = _rendered(found, run.unread, run.zone, fmt, page(sys.stdout) if output is None else Page())
    if output is None and fmt == "text":
        say(rendered, nl=False)
    elif output is None:
        emit(rendered)
    else:
        read, target = {Path(name).resolve() for name in run.named}, output.resolve()
        if target in read or any(target.is_relative_to(one.folder.resolve()) for one in chosen):
            raise usage(f"--output : `{output}` est lu par cette commande, il serait écrasé.")
        write_whole(output, rendered, "--output")
        say(f"{visible(str(output))} : écrit. {headline(found)}", err=True)
    if any(one.contradiction for one in run.unread):
        return INVALID_RULES
    if run.unread or not found.decided:
        return USAGE
    return NOT_ACCEPTED if found.dossiers or (found.possible and found.possible.changes) else ACCEPTED


def _proved(
    before: Compared, after: Compared, kept: Sequence[tuple[str, bytes, date]], requests: Sequence[str]
) -> Possibilities | int:
    """What may change for other dossiers; an exit code when it cannot be told."""
    from recevable.proofs.prover import Base, NotConfirmed
    from recevable.proofs.report import within
    from recevable.proofs.search import TIME
    from recevable.proofs.terms import Untranslated
    from recevable.proofs.versions import between

    old, new = before.programme, after.programme
    bases = []
    for name, content, day in kept:
        with suppress(DiagnosticError):  # a dossier of the other version only
            bases.append(Base(name, old.read(content), day))
    try:
        report = between(old, new, bases, seconds=TIME, elements=ELEMENTS)
    except NotConfirmed as error:
        return at_fault(error)
    except Untranslated as refusal:
        raise usage(f"--prouver : {refusal.what}, rien à comparer.") from None
    asked = [line for line in report.lines if not requests or line.id.partition(":")[0] in requests]
    changes = []
    for line in asked:
        answer, example = line.answer, line.answer.example
        if answer.status is Status.UNDECIDED:
            changes.append(Possible(line.id, line.title, answer.reason))
        elif example is not None and not example.known:
            (content,) = example.contents
            changes.append(Possible(line.id, line.title, "", example.day, example.near, line.shown, content))
    return Possibilities(len(asked), within(report.bounds), tuple(changes))


def _rendered(found: Impact, unread: Sequence[Unread], zone: tzinfo, fmt: str, shown: Page) -> str:
    if fmt == "text":
        return impact_text.render(found, unread, zone, shown)
    if fmt == "json":
        return impact_json.render(found, unread)
    return impact_page.render(found, unread, zone)


def _stopped(error: Stopped, span: Span | None = None) -> tuple[Diagnostic, int]:
    """The diagnostic and exit code for a dossier that a pack cannot decide; with a place, others are still read."""
    diagnostic = refusal(error.error, span, going_on=span is not None)
    code = INVALID_RULES if isinstance(error.error, Contradiction) else INTERNAL
    return replace(diagnostic, message=f"avec le paquet `{visible(error.version.name)}`, {diagnostic.message}"), code


def _nothing(requests: Sequence[str]) -> str:
    """The message when nothing was decided: nothing was compared, so the run fails."""
    if requests:
        return f"aucun dossier ne contient {' ni '.join(f'`{name}`' for name in requests)} : rien n'est comparé."
    return "aucun dossier ne contient de demande : rien n'est comparé."


# --- the packs --------------------------------------------------------------------------------------------------------


def _side(chosen: Chosen, which: str) -> Compared | None:
    """A pack ready to decide; None when it is invalid, after printing the faults."""
    try:
        return compared(open_programme(chosen.folder, prepared=False), chosen.name, chosen.commit)
    except DiagnosticError as error:
        say(f"Le paquet {which}, `{visible(chosen.name)}`, est invalide :", err=True)
        if chosen.commit:
            # its files are in a temporary copy
            _print_faults(error.diagnostics, lambda file, number: line_of(str(chosen.folder / file), number))
        else:
            _print_faults(relocated(error.diagnostics, chosen.folder), line_of)
        return None


def _comparable(before: Compared, after: Compared, requests: Sequence[str]) -> None:
    programmes = [one.programme.name for one in (before, after)]
    if programmes[0] != programmes[1]:
        raise usage(f"ces paquets sont de deux programmes, `{programmes[0]}` et `{programmes[1]}` : rien à comparer.")
    both = (before.programme, after.programme)
    for request in requests:
        if not any(one.compiled.decides(request) for one in both):
            raise unknown_request(request, dict.fromkeys(name for one in both for name in one.request_names()))


# --- the dossiers -----------------------------------------------------------------------------------------------------


class _Run:
    """Compares one content after another; `named` are the files read, `unread` the dossiers not compared."""

    def __init__(self, comparison: Comparison, today: date | None, zone: tzinfo, *, keeping: bool = False) -> None:
        """`keeping`: the first contents are kept, to prove with."""
        self.comparison, self.today, self.zone, self.keeping = comparison, today, zone, keeping
        self.kept: list[tuple[str, bytes, date]] = []
        self.unread: list[Unread] = []
        self.named: set[str] = set()

    def all(self, files: Sequence[str]) -> None:
        """Compare every dossier named on the command line.  Raises Stopped when the engines disagree."""
        with _progress() as progress:
            for rank, content in enumerate(contents(files), start=1):
                progress(rank)
                if rank == 2:
                    for_many()
                self.one(content)

    def one(self, content: Content | Diagnostic) -> None:
        """Compare one dossier, or record why it cannot be read."""
        if isinstance(content, Diagnostic):
            self._fault(Unread(None, (content,)), None)
            return
        self.named.add(content.file)
        try:
            day, source = self._day(content)
            place = Span(content.file, content.line, 1)
            self.comparison.add(content.data, day, content.name, place=place, source=source)
            if self.keeping and len(self.kept) < _MOST_KEPT:
                self.kept.append((content.name, content.data, day))
        except DiagnosticError as error:
            self._fault(Unread(content.name, error.diagnostics), content.line_text)
        except Stopped as error:
            if isinstance(error.error, EngineDisagreement):
                raise
            diagnostic, _ = _stopped(error, Span(content.file, content.line, 1))
            self._fault(Unread(content.name, (diagnostic,), contradiction=True), None)

    def _fault(self, unread: Unread, excerpts: Callable[[str, int], str] | None) -> None:
        self.unread.append(unread)
        _print_faults(unread.diagnostics, excerpts)

    def _day(self, content: Content) -> tuple[date, DaySource]:
        """The day of a decision: from the option, else from the dossier's expectations, else today.

        Raises DiagnosticError when the expectations are unreadable.
        """
        if self.today is not None:
            return self.today, DaySource.OPTION
        beside = Path(content.file).with_suffix(EXPECTED)
        if content.name == content.file and beside.exists():
            expected = _expected_day(beside)
            if expected is not None:
                return expected, DaySource.EXPECTED
        return datetime.now(self.zone).date(), DaySource.TODAY


def _expected_day(path: Path) -> date | None:
    """The `au` of an expectation; None when absent.  Raises DiagnosticError."""
    _, node = read_alone(path, str(path))
    written = node.entries.get("au") if isinstance(node, Mapping) else None
    if written is None:
        return None
    try:
        return parse_date(written.text if isinstance(written, Scalar) else "")
    except ValueError:
        help = 'Écrivez une date, comme `au: "2023-07-31"`.'
        raise DiagnosticError([Diagnostic("ATTENDU-DATE", "`au` n'est pas une date", written.span, help)]) from None


def _print_faults(diagnostics: Sequence[Diagnostic], excerpts: Callable[[str, int], str] | None) -> None:
    say(diagnostics_text.render(diagnostics, page(sys.stderr), excerpts), err=True, nl=False)


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Show the number of dossiers done, on a terminal, once the work takes time."""
    shown = sys.stderr is not None and sys.stderr.isatty()
    last = time.monotonic()
    written = False

    def tell(rank: int) -> None:
        nonlocal last, written
        if shown and time.monotonic() - last > _PATIENCE:
            last, written = time.monotonic(), True
            say(f"\r{rank} dossiers comparés…", err=True, nl=False)

    try:
        yield tell
    finally:
        if written:
            say("\r\x1b[K", err=True, nl=False)
