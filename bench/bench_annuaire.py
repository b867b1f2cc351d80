"""How fast an extraction of the national size is counted, and in how much memory, against reading and splitting it.

    python bench/bench_annuaire.py [--lines 540000] [--runs 5]

Everything is measured on the same invented file, in the same run, the best of several times. Exit code 1 when a bar is
missed: counting and attributing in at most 3 times the time of reading and splitting, in under 300 MB.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from recevable.registers.annuaire.attribution import attribute
from recevable.registers.annuaire.counting import count_extraction
from recevable.registers.annuaire.proving import prove
from recevable.registers.annuaire.sample import LINES, Sample, write_sample
from recevable.registers.annuaire.whitelist import read_white_list

RATIO_BAR = 3.0
MEMORY_BAR = 300  # MB

# Linux's own account of this process: `ru_maxrss` would start from the memory of the process that launched it.
MEMORY = """
import sys
from pathlib import Path
from recevable.registers.annuaire.proving import prove
prove(Path(sys.argv[1]), Path(sys.argv[2]), certificate=Path(sys.argv[3]))
(peak,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(peak.split()[1]) // 1024)
"""


def read_and_split(path: Path) -> None:
    """The yardstick: every line of the file, split into its columns, as bytes."""
    with path.open("rb") as file:
        for line in file:
            line.split(b"|")


def decode_and_split(path: Path) -> None:
    """The same as text, the way one would first write it."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            line.split("|")


def best(runs: int, *actions: Callable[[], object]) -> list[float]:
    """The best time of each action, taken in turns so that a busy moment of the machine falls on all of them."""
    times = [float("inf")] * len(actions)
    for _ in range(runs):
        for position, action in enumerate(actions):
            start = time.perf_counter()
            action()
            times[position] = min(times[position], time.perf_counter() - start)
    return times


def memory(sample: Sample, extraction: Path) -> int:
    """The most memory, in MB, that a process takes to count an extraction and verify the list."""
    command = [sys.executable, "-c", MEMORY, str(extraction), str(sample.white_list), str(sample.certificate)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> int:
    """Measure, print, and compare with the bars."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sample = write_sample(Path(folder), lines=arguments.lines)
        path = sample.extraction
        size = path.stat().st_size
        packed = write_sample(Path(folder) / "zip", lines=arguments.lines, archive=True).extraction
        known = read_white_list(sample.white_list, sample.certificate)

        split, text, counted, verified, chain, archive = best(
            arguments.runs,
            lambda: read_and_split(path),
            lambda: decode_and_split(path),
            lambda: attribute(count_extraction(path)[0], known.domains),
            lambda: read_white_list(sample.white_list, sample.certificate),
            lambda: prove(path, sample.white_list, certificate=sample.certificate),
            lambda: count_extraction(packed),
        )
        print(f"{arguments.lines} lines, {size / 1e6:.0f} MB, best of {arguments.runs}")
        rows = [
            ("read and split, bytes (the yardstick)", split),
            ("read and split, text", text),
            ("count and attribute", counted),
            ("verify and read the list of domains", verified),
            ("both, as `annuaire count` does", chain),
            ("count from a ZIP", archive),
        ]
        for label, seconds in rows:
            print(f"  {label:<40} {seconds:6.3f} s   {seconds / split:5.2f} x")

        once = memory(sample, path)
        doubled = Path(folder) / "double.txt"
        content = path.read_bytes()
        doubled.write_bytes(content + content[content.index(b"\n") + 1 :])
        twice = memory(sample, doubled)
        (slower,) = best(2, lambda: count_extraction(doubled))
        (single,) = best(2, lambda: count_extraction(path))
        print(f"  memory of the whole process              {once:4d} MB")
        print(f"  every line twice: memory {twice} MB, time {slower / single:.2f} x that of once")
    missed = counted / split > RATIO_BAR or once > MEMORY_BAR
    print(f"bars (at most {RATIO_BAR:.0f} x, under {MEMORY_BAR} MB): {'missed' if missed else 'held'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
