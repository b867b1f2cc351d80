"""Thousands of runs in one process: the engines never disagree and the memory stays flat.

RECEVABLE_ENDURANCE gives the number of runs (by default a few thousand; `make bench` may ask for 100 000).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable

import pytest
from tests.bounds import HANG

Script = Callable[..., "subprocess.CompletedProcess[str]"]

RUNS = int(os.environ.get("RECEVABLE_ENDURANCE", "4000"))
# What the allocator may still take once everything has been used.
SLACK_KIB = 4096

# Chained deductions over two stages, and checks over several rulesets.
CONTEXT = """
import decimal, json, random, resource, sys, threading
from zoneinfo import ZoneInfo
from recevable.inference.engine import Engine
from recevable.language.evaluate import EXACT, Layout
from recevable.language.tree import AND, DEDUCTION, FIELD, OR, Expr
from recevable.language.types import BOOLEAN
from recevable.pack.model import SATISFIED, Check, Context, Definition, Step, failed

def read(rank):
    return Expr(DEDUCTION, (), BOOLEAN, f"d{rank}")

def field(rank):
    return Expr(FIELD, (), BOOLEAN, f"x{rank}")

definitions = [Definition("d0", deduction=field(0)), Definition("d1", deduction=field(1))]
for rank in range(2, 24):
    parts = (read(rank - 1), read(rank - 2), field(rank))
    definitions.append(Definition(f"d{rank}", deduction=Expr((AND, OR)[rank % 2], parts, BOOLEAN)))
tests = [Expr(OR, (read(rank), field(rank + 1)), BOOLEAN) for rank in range(23)]
checks = [Check(f"R{n}", "", (Step(test, None, failed("faux")),), SATISFIED) for n, test in enumerate(tests)]
context = Context("essai", None, tuple(definitions), tuple(checks), {}, Layout(ZoneInfo("UTC")), {}, ())
decimal.setcontext(EXACT)
draw = random.Random(1)

def run(engine):
    slots = context.layout.empty()
    for rank in range(24):
        slots[context.layout.slot(FIELD, f"x{rank}")] = draw.choice((True, True, False, None))
    return engine.evaluate(slots).outcomes()

def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
"""


def _measured(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    assert done.returncode == 0, done.stderr
    measured: dict[str, int] = json.loads(done.stdout)
    return measured


@pytest.mark.thorough
def test_memory_stays_flat_and_the_engines_agree_run_after_run(apart: Script) -> None:
    code = """
runs = int(sys.argv[1])
engine = Engine(context, remembered=0)
seen = {tuple(map(str, run(engine))) for _ in range(1000)}
before, done = memory(), 0
while done < runs:
    run(engine)
    done += 1
grown = memory() - before
print(json.dumps({"runs": done, "grown": grown, "seen": len(seen), "threads": threading.active_count()}))
"""
    measured = _measured(apart(CONTEXT + code, str(RUNS), timeout=HANG + RUNS / 50))
    assert measured["runs"] == RUNS
    assert measured["grown"] < SLACK_KIB
    assert measured["seen"] > 100
    assert measured["threads"] == 1


def test_what_is_remembered_is_bounded(apart: Script) -> None:
    code = """
engine = Engine(context, remembered=64)
for _ in range(int(sys.argv[1])):
    run(engine)
known = [known for group in engine._groups for known in (group.answers, *(found for _, found in group.outcomes))]
known.append(engine._deductions)
print(json.dumps({"most": max(map(len, known)), "least": min(map(len, known))}))
"""
    measured = _measured(apart(CONTEXT + code, "1500"))
    assert 0 < measured["least"] <= measured["most"] <= 64


def test_an_engine_that_is_closed_gives_its_memory_back(apart: Script) -> None:
    code = """
def once():
    engine = Engine(context)
    run(engine)
    engine.close()
for _ in range(5):
    once()
before = memory()
for _ in range(20):
    once()
print(json.dumps({"grown": memory() - before}))
"""
    assert _measured(apart(CONTEXT + code))["grown"] < SLACK_KIB
