"""`make bench-batch`: `recevable batch` on very many dossiers, then other engines on forty neutral rules.

Everything is processor time, children included, so that a loaded machine tells little else than an idle one; a figure
is what a dossier more takes: a run less a run on a part of the same dossiers.  Answers are compared before anything is
timed.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tempfile
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import orjson
import peers
from corpus import corpus
from run import FIXTURES, batch, floor_of, measured

from recevable import data
from recevable.programme import open_programme

HERE: Final = Path(__file__).resolve().parent
# The part of the dossiers that the short run has.
PART: Final = 4
# The bars of the project: times of the floor, the share of its speed, the processor time of a cluster, bytes.
WHOLE, SHORT, NEUTRAL, CLUSTER, MEMORY = 14, 5, 0.45, 1.25, 200_000_000


def main() -> int:
    """Run everything; exit code 1 when answers differ, or a bar is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=10_000, help="100000 and 1000000 on demand")
    parser.add_argument("--seulement", choices=("batch", "moteurs"), help="one half of the bench")
    options = parser.parse_args()
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        if options.seulement != "moteurs":
            failures += ours(Path(place), options.dossiers)
        if options.seulement != "batch":
            failures += others(Path(place), options.dossiers)
    print("\nBarres : " + ("toutes tenues" if not failures else " ; ".join(failures)))
    return 1 if failures else 0


def ours(place: Path, count: int) -> list[str]:
    """Every form of output, one process and several: the same bytes, then the time and the memory of each."""
    few, many = place / "peu.ndjson", place / "tout.ndjson"
    programme = open_programme(data.shipped("rules") / "af-ope-mss")
    with few.open("wb") as part, many.open("wb") as whole:
        for rank, line in enumerate(corpus(FIXTURES, programme.pack.schema, count, seed=3)):
            whole.write(line + b"\n")
            if rank < count // PART:
                part.write(line + b"\n")
    print(f"AF-OPE_MSS : {count} dossiers distincts, {many.stat().st_size / count:.0f} octets en moyenne")
    runs = [("ndjson", 1), ("ndjson", 2), ("resume", 1), ("resume", 2), ("parquet", 1), ("parquet", 2)]
    ways = [(fmt, ("--jobs", str(jobs)), f"{fmt}, {jobs} processus") for fmt, jobs in runs]
    clustered = find_spec("distributed") is not None
    if clustered:
        ways.append(("ndjson", ("--cluster", "local:2"), "ndjson, Dask à deux ouvriers"))
    digests: dict[str, str] = {}
    each: dict[str, float] = {}
    failures = []
    for fmt, how, what in ways:
        before, (start, low), (took, peak), after = (
            floor_of(programme, many),
            batch(few, fmt, *how),
            batch(many, fmt, *how),
            floor_of(programme, many),
        )
        floor = (before + after) / 2 * (1 - 1 / PART)
        each[what] = (took - start) / floor
        written = Path(f"{many}.{fmt}")
        if fmt != "parquet":
            digest = digest_of(written)
            if digests.setdefault(fmt, digest) != digest:
                failures.append(f"{what} : d'autres octets")
        written.unlink()
        print(
            f"{what:30}: {each[what]:6.1f} fois le plancher par dossier de plus, {start:.1f} s puis {took:.1f} s, "
            f"{low / 1e6:.0f} puis {peak / 1e6:.0f} Mo par processus au plus",
            flush=True,
        )
        if peak > MEMORY:
            failures.append(f"{what} : {peak / 1e6:.0f} Mo")
    bars = [("ndjson, 1 processus", WHOLE), ("resume, 1 processus", SHORT)]
    failures += [f"{what} à {each[what]:.1f} fois le plancher (barre {bar})" for what, bar in bars if each[what] > bar]
    if clustered:
        ratio = each[ways[-1][2]] / each["ndjson, 1 processus"]
        print(f"Dask à deux ouvriers : {ratio:.2f} fois le processeur d'un processus (barre {CLUSTER})")
        failures += [f"Dask à {ratio:.2f} fois un processus"] if ratio > CLUSTER else []
    return failures


def digest_of(path: Path) -> str:
    """The digest of a file, read in parts."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def others(place: Path, count: int) -> list[str]:
    """Forty rules, the same answers, the time of each engine."""
    few, many = place / "neutre-peu.ndjson", place / "neutre.ndjson"
    write_neutral(few, many, count)
    names = list(peers.installed())
    print(f"\nQuarante règles : {count} dossiers distincts ; moteurs présents : {', '.join(names)}")
    expected = answered(few, "python_validation")
    wrong = [name for name in names if name != "plancher" and answered(few, name) != expected]
    for name in wrong:
        print(f"{name} : d'autres réponses, ses temps ne sont pas mesurés")
    took: dict[str, float] = {}
    for name in (one for one in names if one not in wrong):
        (start, low), (whole, peak) = peer(few, name), peer(many, name)
        took[name] = whole - start
        share = took["plancher"] / took[name]
        print(
            f"{name:20}: {share:6.3f} de la vitesse du plancher, {whole:.1f} s de processeur, "
            f"{low / 1e6:.0f} puis {peak / 1e6:.0f} Mo",
            flush=True,
        )
    failures = [f"{name} : d'autres réponses" for name in wrong]
    if "recevable" in took and took["plancher"] / took["recevable"] < NEUTRAL:
        failures.append(f"règles neutres à {took['plancher'] / took['recevable']:.3f} du plancher (barre {NEUTRAL})")
    return failures


def write_neutral(few: Path, many: Path, count: int) -> None:
    """Dossiers of which each rule refuses about one in twenty; the first of them in `few` too."""
    rng = random.Random(40)
    fields = {rule.field: type(rule.value) for rule in peers.rules()}
    first = date(2020, 1, 1)
    with few.open("wb") as part, many.open("wb") as whole:
        for rank in range(count):
            demande: dict[str, object] = {"deposee_le": "2024-01-15T10:00:00Z"}
            for name, kind in fields.items():
                if kind is bool:
                    demande[name] = rng.random() < 0.5
                elif kind is int:
                    demande[name] = rng.randrange(1001)
                else:
                    demande[name] = (first + timedelta(rng.randrange(1826))).isoformat()
            line = orjson.dumps({"programme": "neutre", "reference": f"N-{rank}", "demande": demande}) + b"\n"
            whole.write(line)
            if rank < count // PART:
                part.write(line)


def answered(source: Path, name: str) -> list[object]:
    """The answers of an engine, read."""
    peer(source, name)
    return [orjson.loads(line) for line in Path(f"{source}.{name}").open("rb")]


def peer(source: Path, name: str) -> tuple[float, int]:
    """Seconds of processor of an engine on a file, and the bytes of its largest process."""
    return measured([sys.executable, str(HERE / "peers.py"), name, str(source), f"{source}.{name}"])


if __name__ == "__main__":
    sys.exit(main())
