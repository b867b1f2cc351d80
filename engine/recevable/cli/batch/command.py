"""`recevable batch`: very many dossiers in, one file out, whole or not there at all."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from msgspec import Struct

from recevable import __version__
from recevable.cli.app import FrenchCommand, page
from recevable.cli.batch.journal import Journal
from recevable.cli.batch.workers import ClusterLost, Died, shared
from recevable.cli.check import Day, DossierRun, report_pack_faults
from recevable.cli.exits import INTERNAL, usage
from recevable.cli.inputs import Content, contents
from recevable.cli.outputs import check_writable, write_whole
from recevable.cli.printers import Excerpts, Printer, exit_code, fault_line, short_line, whole_line
from recevable.cli.programmes import Programmes
from recevable.cli.runs import (
    PATH,
    agreement_option,
    fail_level_option,
    for_many,
    level_of,
    requests_option,
    rules_option,
)
from recevable.decision.model import Decision
from recevable.decision.receipt import engine_digest
from recevable.inference.agreement import Agreement
from recevable.inference.engine import EngineDisagreement
from recevable.language.calendar import parse_date
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity
from recevable.outputs.batch import page as words
from recevable.outputs.batch.tally import Tally
from recevable.printed import say, visible
from recevable.programme import Programme
from recevable.report.diagnostics import render
from recevable.report.layout import Page
from recevable.report.refusal import refusal

NDJSON: Final = "ndjson"
RESUME: Final = "resume"
PARQUET: Final = "parquet"
# The most dossiers and bytes of a block: what an interruption loses, and what a process holds.
DOSSIERS: Final = 100
BYTES: Final = 4_000_000
# The most faults that are shown as they come; all of them are in the output.
_SHOWN: Final = 20
# Seconds between two updates of the progress.
_PATIENCE: Final = 1.0

Share = Callable[..., Generator[tuple[list[Content | Diagnostic], "_Result"], None, None]]


@click.command(cls=FrenchCommand, short_help="Décider de très nombreux dossiers.")
@click.argument("files", nargs=-1, required=True, metavar="ENTREE...")
@click.option("--out", "out", type=PATH, required=True, metavar="FICHIER", help="Le fichier à écrire.")
@click.option(
    "--format",
    "fmt",
    type=click.Choice((NDJSON, RESUME, PARQUET)),
    default=NDJSON,
    metavar="FORMAT",
    help="ndjson (défaut : une décision par ligne, comme check), resume (une ligne courte), parquet (une table).",
)
@requests_option()
@click.option(
    "--au", "today", type=Day(), metavar="AAAA-MM-JJ", help="Date des décisions ; par défaut, celle du début."
)
@agreement_option()
@rules_option()
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, metavar="N", help="Processus employés (défaut : un seul)."
)
@click.option(
    "--cluster",
    metavar="ADRESSE",
    help="Répartir sur une grappe Dask : tcp://MACHINE:PORT, ou local:N pour N ouvriers ici (recevable[grappe]).",
)
@click.option("--resume", is_flag=True, help="Reprendre un traitement interrompu, où il en est.")
@click.option(
    "--bilan",
    "summary",
    type=PATH,
    metavar="FICHIER",
    help="Écrire aussi le bilan, en .json, en .html ou en texte selon le nom du fichier.",
)
@fail_level_option(Severity.WARNING)
def batch(
    files: tuple[str, ...],
    out: Path,
    fmt: str,
    requests: tuple[str, ...],
    today: date | None,
    agreement: Agreement,
    rules: Path | None,
    jobs: int,
    cluster: str | None,
    resume: bool,
    summary: Path | None,
    fail_level: str,
) -> int:
    """Décider de très nombreux dossiers, dans l'ordre, et écrire leurs décisions dans un seul fichier.

    ENTREE : un FICHIER comme pour `check`. Un dossier illisible est une erreur à sa ligne, et les autres sont décidés.
    Le fichier n'apparaît qu'une fois complet ; un traitement interrompu, quelle qu'en soit la cause, reprend avec
    --resume sans rien perdre ni répéter.

    Codes de sortie : ceux de `check`, pour l'ensemble.
    """
    check_writable(out, "--out")
    if any(out.exists() and Path(name).exists() and out.samefile(name) for name in files):
        raise usage(f"--out : `{out}` est une entrée, il serait remplacé.")
    if summary is not None:
        check_writable(summary, "--bilan")
    if fmt == PARQUET:
        from recevable.cli.packed import need_parquet

        need_parquet("--format parquet")
    share = _sharing(jobs, cluster)
    try:
        programmes = Programmes(rules)
        packs = {programme.name: programme for programme in programmes.all()}
    except DiagnosticError as error:
        return report_pack_faults(error)
    journal = Journal(out, resume=resume)
    try:
        day = today or (parse_date(journal.plan["au"]) if journal.plan else _today(packs.values()))
        plan = _plan(files, fmt, requests, day, packs, level_of(fail_level), agreement)
        if journal.plan is None:
            journal.begin(plan)
        _compare(journal.plan or plan, plan)
        # a worker that another process started has another folder
        where = rules and rules.resolve()
        args = (where, requests, day, fmt != NDJSON, fail_level, agreement, _versions(packs))
        return _run(journal, files, args, share, fmt, summary)
    except DiagnosticError as error:
        return report_pack_faults(error)
    except EngineDisagreement as error:
        say(render([refusal(error)], page(sys.stderr)), err=True, nl=False)
        return INTERNAL
    except ClusterLost:
        say(f"recevable : la grappe ne répond plus ; {words.kept(journal.dossiers)}, reprenez avec --resume.", err=True)
        return INTERNAL
    except Died:
        done = words.kept(journal.dossiers)
        say(f"recevable : des processus meurent l'un après l'autre sur les mêmes dossiers ; {done}.", err=True)
        return INTERNAL
    except BaseException as error:
        if journal.dossiers and not journal.ended and not isinstance(error, click.UsageError):
            say(f"\nrecevable : {words.kept(journal.dossiers)} ; reprenez avec --resume.", err=True)
        raise
    finally:
        journal.abandon()


def _sharing(jobs: int, cluster: str | None) -> Share:
    """How blocks are shared: by processes, or by a cluster.  Raises click.UsageError."""
    if cluster is None:
        return partial(shared, processes=jobs)
    if jobs > 1:
        raise usage("--jobs et --cluster s'excluent : les ouvriers de la grappe sont les processus.")
    try:
        from recevable.cli.batch.cluster import on_cluster
    except ImportError:
        raise usage("--cluster demande l'option d'installation : pip install 'recevable[grappe]'.") from None
    return partial(on_cluster, address=cluster)


def _run(
    journal: Journal, files: Sequence[str], args: tuple[Any, ...], share: Share, fmt: str, summary: Path | None
) -> int:
    """Decide what the journal does not have, then write the file and say what it comes to."""
    total = Tally()
    for block in journal.blocks:
        total.add(Tally.read(block.tally))
    progress = _Progress(files, total.dossiers)
    shown = 0
    if not journal.ended:
        left = _left(_blocks(contents(files)), journal)
        results = share(left, _worker, args)
        try:
            for block_, result in results:
                tally = result.tally
                journal.add(_digest(block_), result.lines, tally.dossiers, tally.kept(total.titles))
                total.add(tally)
                for line in result.faults[: max(0, _SHOWN - shown)]:
                    say(line, err=True)
                shown += len(result.faults)
                progress.tell(total.dossiers, sum(_size(one) for one in block_))
        finally:
            # its processes end now, and not when the error that was raised is forgotten
            results.close()
            progress.end()
        if shown > _SHOWN:
            say(f"… et {shown - _SHOWN} autres erreurs, à leur place dans `{journal.target}`.", err=True)
    convert: Callable[[Path, Path], None] | None = None
    if fmt == PARQUET:
        from recevable.outputs.batch.table import write_table as convert
    journal.end(convert)
    if summary is not None:
        write_whole(summary, words.summary(total, summary.suffix.lower(), str(journal.target)), "--bilan")
    say(words.text(total), nl=False)
    return exit_code(
        without=total.without,
        unreadable=total.unreadable,
        decided=total.accepted + total.refused,
        failing=total.failing,
    )


class _Result(Struct):
    """The lines of a block, what they come to, and its faults in one line each."""

    lines: bytes
    tally: Tally
    faults: list[str]


class _Lines(Printer):
    """Keeps the lines of a block, and counts."""

    def __init__(self, level: Severity | None, *, short: bool) -> None:
        super().__init__(Page(), level)
        self.lines: list[bytes] = []
        self.tally, self.faults = Tally(), list[str]()
        self._line = short_line if short else whole_line

    def show(self, decision: Decision, programme: Programme, content: Content) -> None:
        """Keep a line."""
        self.tally.decision(decision)
        self.lines += (self._line(decision, content.name), b"\n")

    def show_fault(self, name: str | None, diagnostics: Sequence[Diagnostic], excerpts: Excerpts | None) -> None:
        """Keep a line too, so that every dossier is in the output."""
        self.tally.fault(diagnostics)
        first = diagnostics[0]
        self.faults.append(visible(f"{name or '(entrée)'} : {first.code} : {first.message}"))
        self.lines += (fault_line(name, diagnostics), b"\n")


def _worker(
    rules: Path | None,
    requests: Sequence[str],
    day: date,
    short: bool,
    fail_level: str,
    agreement: Agreement,
    versions: dict[str, Any],
) -> Callable[[list[Content | Diagnostic]], _Result]:
    """The function that decides a block, in this process; raises click.UsageError when it has other `versions`."""
    programmes, level = Programmes(rules), level_of(fail_level)
    if _versions({programme.name: programme for programme in programmes.all()}) != versions:
        raise usage("les règles ou le moteur d'un processus ne sont pas ceux du début du traitement.")
    frozen = False

    def decide(block: list[Content | Diagnostic]) -> _Result:
        nonlocal frozen
        lines = _Lines(level, short=short)
        run = DossierRun(programmes, requests, day, False, lines, None, agreement)
        for one in block:
            run.one(one)
        if not frozen:
            for_many()
            frozen = True
        tally = lines.tally
        tally.dossiers, tally.accepted, tally.refused = lines.dossiers, lines.accepted, lines.refused
        tally.unreadable, tally.without, tally.failing = lines.unreadable, lines.without, lines.failing
        return _Result(b"".join(lines.lines), tally, lines.faults)

    return decide


def _blocks(found: Iterator[Content | Diagnostic]) -> Iterator[list[Content | Diagnostic]]:
    """The inputs, in blocks."""
    block: list[Content | Diagnostic] = []
    size = 0
    for one in found:
        block.append(one)
        size += _size(one)
        if len(block) == DOSSIERS or size > BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


def _left(blocks: Iterator[list[Content | Diagnostic]], journal: Journal) -> Iterator[list[Content | Diagnostic]]:
    """The blocks that the journal does not have; those that it has must be the same as when they were decided."""
    for rank, done in enumerate(journal.blocks):
        block = next(blocks, None)
        if block is None or _digest(block) != done.source:
            raise usage(f"--resume : l'entrée n'est plus celle du début (bloc {rank + 1}).")
    yield from blocks


def _digest(block: Sequence[Content | Diagnostic]) -> str:
    found = hashlib.blake2b(digest_size=16)
    for one in block:
        named = (one.name.encode(), one.data) if isinstance(one, Content) else (one.code.encode(), one.message.encode())
        for part in named:
            found.update(len(part).to_bytes(8, "little"))
            found.update(part)
    return found.hexdigest()


def _size(one: Content | Diagnostic) -> int:
    return len(one.data) if isinstance(one, Content) else 0


def _today(programmes: Iterable[Programme]) -> date:
    return min(programme.today() for programme in programmes)


def _plan(
    files: Sequence[str],
    fmt: str,
    requests: Sequence[str],
    day: date,
    packs: dict[str, Programme],
    level: Severity | None,
    agreement: Agreement,
) -> dict[str, Any]:
    """What decides the bytes of the output: another plan is another run."""
    return {
        **_versions(packs),
        "entrees": list(files),
        "format": fmt,
        "demandes": list(requests),
        "au": day.isoformat(),
        "gravite": None if level is None else str(level),
        "accord": agreement,
    }


def _versions(packs: dict[str, Programme]) -> dict[str, Any]:
    """What decides."""
    return {
        "moteur": f"{__version__} {engine_digest()}",
        "paquets": {name: programme.digest for name, programme in packs.items()},
    }


def _compare(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Raises click.UsageError when what was interrupted was not the same run."""
    differing = [name for name in new if old.get(name) != new[name]]
    if differing:
        raise usage(f"--resume : ce n'est plus le même traitement ({', '.join(differing)}).")


class _Progress:
    """Dossiers done, rate and remaining time, on a terminal only."""

    def __init__(self, files: Sequence[str], done: int) -> None:
        self._shown = sys.stderr is not None and sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self._before, self._bytes, self._written = done, 0, False
        plain = [Path(name) for name in files if Path(name).is_file()]
        whole = len(plain) == len(files) and all(one.suffix in (".json", ".ndjson", ".jsonl") for one in plain)
        # known for plain files only, and for a run that starts
        self._total = sum(one.stat().st_size for one in plain) if whole and not done else 0

    def tell(self, done: int, size: int) -> None:
        """Show that `done` dossiers are decided, the last of them from `size` bytes more."""
        self._bytes += size
        now = time.monotonic()
        if not self._shown or now - self._last < _PATIENCE:
            return
        self._last, self._written = now, True
        elapsed = now - self._start
        left = (self._total - self._bytes) * elapsed / self._bytes if self._total and self._bytes else None
        say(f"\r{words.progress(done, (done - self._before) / elapsed, left)}\x1b[K", err=True, nl=False)

    def end(self) -> None:
        """Leave a clean line."""
        if self._written:
            say("\r\x1b[K", err=True, nl=False)
