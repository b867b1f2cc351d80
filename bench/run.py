"""`make bench`: speed as ratios to a floor measured in the same run, and memory.

The floor is what any checker must do: parse each dossier (orjson) and validate it against its schema (jsonschema-rs),
the formats that the schema names included.  Absolute times depend on the machine and are printed only to show what
the ratios are made of.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import jsonschema_rs
import orjson
from corpus import corpus

from recevable import data, digests
from recevable.decision.model import Verdict
from recevable.dossier.dossier import load
from recevable.dossier.formats import validators
from recevable.inference.agreement import ALWAYS, SAMPLED, Agreement
from recevable.programme import Programme, open_programme

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures" / "af-ope-mss"
DAY = date(2023, 10, 2)
# The most that the command may take on one dossier, in times of `python -c pass`.
START = 10
# The most that a dossier may take from its bytes to those of its decision, in times of the floor.
WRITTEN = 48
# The same, when the agreement of both evaluators is kept by sampling.
BY_SAMPLE = 36
# The most that a batch may grow in memory when its dossiers are this many times as many.
GROWTH = 1.25
PARTS = 4
SAMPLE = FIXTURES / "solde-cinq-defauts.json"


def main() -> int:
    """Run everything; exit code 1 when a bar of the project is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=20_000)
    parser.add_argument("--endurance", type=int, default=100_000, help="checks with no memory of earlier ones")
    parser.add_argument("--batch", type=int, default=8_000, help="dossiers of `recevable batch`")
    parser.add_argument("--launches", type=int, default=21)
    options = parser.parse_args()
    failures = [
        *throughput(options.dossiers),
        *volume(options.batch),
        *command(options.launches),
        *endurance(options.dossiers, options.endurance),
    ]
    print("\nBarres : " + ("toutes tenues" if not failures else " ; ".join(failures)))
    return 1 if failures else 0


def throughput(count: int) -> list[str]:
    """The whole check of every dossier of the corpus, decision written, against the floor."""
    programme = open_programme(data.shipped("rules") / "af-ope-mss")
    lines = list(corpus(FIXTURES, programme.pack.schema, count))
    print(f"Corpus : {len(lines)} dossiers distincts, {sum(map(len, lines)) / len(lines):.0f} octets en moyenne")
    zone = programme.pack.manifest.zone
    validator = jsonschema_rs.Draft202012Validator(
        programme.pack.schema, formats=validators(zone), validate_formats=True
    )
    bare = jsonschema_rs.Draft202012Validator(programme.pack.schema, validate_formats=False)
    verdicts = dict.fromkeys(Verdict, 0)

    def floor() -> None:
        for line in lines:
            assert validator.is_valid(orjson.loads(line))

    def bare_floor() -> None:
        for line in lines:
            assert bare.is_valid(orjson.loads(line))

    def full(agreement: Agreement = ALWAYS) -> None:
        # as the command does: the decision is written too, or half of the work would be left out
        for answer in programme.decide_many(lines, DAY, agreement=agreement):
            assert answer

    for line in lines:
        for request in programme.decide(programme.read(line, "banc"), DAY).requests:
            verdicts[request.verdict] += 1
    # as the command does: what lives for ever is not walked by the garbage collector again
    gc.collect()
    gc.freeze()
    print("Verdicts : " + ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items()))
    bares, floors, fulls, sampled = alternately(bare_floor, floor, full, partial(full, SAMPLED), rounds=5)
    base, whole = statistics.median(floors), statistics.median(fulls)
    ratio = statistics.median(b / a for a, b in zip(floors, fulls, strict=True))
    by_sample = statistics.median(b / a for a, b in zip(floors, sampled, strict=True))
    without = statistics.median(b / a for a, b in zip(bares, fulls, strict=True))
    print(f"Plancher (orjson + jsonschema-rs) : {count / base:9.0f} dossiers/s, formats du schéma compris")
    print(f"Vérification complète             : {count / whole:9.0f} dossiers/s,")
    print(f"{'':36}{ratio:.1f} fois le plancher (barre : {WRITTEN})")
    print(f"{'':36}et {without:.1f} fois le plancher sans les formats du schéma")
    print(f"Par échantillon (--accord)        : {by_sample:.1f} fois le plancher (barre : {BY_SAMPLE})")
    latencies = []
    for line in lines[: min(count, 5_000)]:
        start = time.perf_counter()
        programme.to_json(programme.decide(programme.read(line, "banc"), DAY))
        latencies.append(time.perf_counter() - start)
    cuts = statistics.quantiles(latencies, n=100)
    print(f"Latence d'une vérification        : médiane {cuts[49] * 1e6:.0f} µs, 99e centile {cuts[98] * 1e6:.0f} µs")
    found = (("vérification", ratio, WRITTEN), ("vérification par échantillon", by_sample, BY_SAMPLE))
    return [f"{what} à {times:.1f} fois le plancher" for what, times, most in found if times >= most]


def volume(count: int) -> list[str]:
    """`recevable batch` as it is used, its file written: processor time, its processes included."""
    programme = open_programme(data.shipped("rules") / "af-ope-mss")
    lines = list(corpus(FIXTURES, programme.pack.schema, count, seed=3))
    failures = []
    with tempfile.TemporaryDirectory() as place:
        few, many = Path(place, "peu.ndjson"), Path(place, "tout.ndjson")
        few.write_bytes(b"\n".join(lines[: count // PARTS]))
        many.write_bytes(b"\n".join(lines))
        for fmt, jobs in (("ndjson", 1), ("resume", 1), ("ndjson", 2)):
            (start, small), before, (took, peak), after = (
                batch(few, fmt, "--jobs", str(jobs)),
                floor_of(programme, many),
                batch(many, fmt, "--jobs", str(jobs)),
                floor_of(programme, many),
            )
            each = 2 * took / (before + after)
            # what a dossier more takes: the start of the processes, once, is nothing to a million of dossiers
            more = 2 * (took - start) / ((before + after) * (1 - 1 / PARTS))
            what = f"batch, {fmt}, {jobs} processus"
            print(
                f"{what:34}: {more:.1f} fois le plancher par dossier de plus ({each:.1f} sur ces {count}, démarrage "
                f"compris), {peak / 1e6:.0f} Mo par processus au plus"
            )
            if jobs == 1 and peak > small * GROWTH:
                failures.append(f"{what} : la mémoire croît de {small / 1e6:.0f} à {peak / 1e6:.0f} Mo")
    return failures


def floor_of(programme: Programme, path: Path) -> float:
    """Seconds of processor that the floor takes on a file of dossiers, a line each."""
    validator = jsonschema_rs.Draft202012Validator(
        programme.pack.schema, formats=validators(programme.zone), validate_formats=True
    )
    with path.open("rb") as lines:
        began = time.process_time()
        for line in lines:
            assert validator.is_valid(orjson.loads(line))
        return time.process_time() - began


def batch(path: Path, fmt: str, *how: str) -> tuple[float, int]:
    """Seconds of processor that a batch takes, its processes included, and the bytes that the largest of them holds."""
    words = ["batch", str(path), "--out", f"{path}.{fmt}", "--format", fmt, *how, "--au", DAY.isoformat()]
    return measured([sys.executable, "-m", "recevable", *words, "--fail-level", "jamais"])


def measured(command: Sequence[str]) -> tuple[float, int]:
    """Seconds of processor of a command, its processes included, and the bytes that the largest of them holds."""
    # a process that ends tells what it took, and what those that it waited for took
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime, used.ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], check=True, stdout=subprocess.PIPE, text=True)
    took, peak = done.stdout.split()
    return float(took), int(peak) * 1024


def command(launches: int) -> list[str]:
    """The command on one dossier, against Python starting and doing nothing."""
    nothing = [sys.executable, "-c", "pass"]
    check = [sys.executable, "-m", "recevable", "check", str(SAMPLE), "--au", DAY.isoformat()]
    # prepared: the pack, then the digests of files that were left alone for a while
    for wait in (0, digests.SETTLED / 1e9):
        time.sleep(wait)
        launched(check)
    pairs = [(launched(nothing), launched(check)) for _ in range(launches)]
    failures = []
    for rank, what in enumerate(("commande, durée", "commande, processeur")):
        ratio = statistics.median(whole[rank] / bare[rank] for bare, whole in pairs)
        took = statistics.median(whole[rank] for _, whole in pairs) * 1e3
        print(f"Un dossier, {what:22}: {took:.0f} ms, {ratio:.1f} fois `python -c pass` (barre {START})")
        if ratio > START:
            failures.append(f"{what} à {ratio:.1f} fois python -c pass")
    return failures


def endurance(count: int, checks: int) -> list[str]:
    """Many checks in a fresh process where nothing is remembered: both engines run each time and must agree."""
    code = f"from run import endure; endure({count}, {checks})"
    here = Path(__file__).parent
    done = subprocess.run([sys.executable, "-c", code], cwd=here, check=False, capture_output=True, text=True)
    print(done.stdout, end="")
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return [f"endurance : code {done.returncode}"]
    return []


def endure(count: int, checks: int) -> None:
    """In the child process: run, and compare the memory after a warm-up with that at the end."""
    programme = open_programme(data.shipped("rules") / "af-ope-mss", remembered=0)
    lines = list(corpus(FIXTURES, programme.pack.schema, min(count, checks), seed=2))
    # the bounded memories of texts, dates and identifiers are full by then
    warm = min(checks // 2, 20_000)
    start = 0
    began = time.perf_counter()
    for rank in range(checks):
        programme.decider.decide(load(lines[rank % len(lines)], "banc", programme.validator), DAY)
        if rank + 1 == warm:
            gc.collect()
            start = resident()
    speed = checks / (time.perf_counter() - began)
    gc.collect()
    end = resident()
    print(f"Endurance, sans rien retenir      : {checks} vérifications, moteurs toujours d'accord, {speed:.0f}/s")
    print(f"Mémoire                           : {start / 1e6:.1f} Mo après {warm}, {end / 1e6:.1f} Mo à la fin")
    if end > start * 1.05 + 2e6:
        raise SystemExit("la mémoire croît")


def resident() -> int:
    """Resident memory in bytes; the peak where /proc does not exist."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")


def alternately(*functions: Callable[[], None], rounds: int) -> list[list[float]]:
    """The processor times of several functions run in turn, so that a machine that slows down slows them all."""
    results: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for function, times in zip(functions, results, strict=True):
            gc.collect()
            began = time.process_time()
            function()
            times.append(time.process_time() - began)
    return results


def launched(args: Sequence[str]) -> tuple[float, float]:
    """Seconds from launch to exit, and seconds of processor, which a loaded machine changes less."""
    # as installed: with the compiled files of its modules, which some environments forbid a checkout to write
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(args, check=False, stdout=subprocess.DEVNULL, env=environment)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
