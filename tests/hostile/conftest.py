"""What the hostile tests share: one run over the hostile files, and runs apart with a bound on memory."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.bounds import HANG

from recevable import data
from recevable.cli.app import run_code

FOLDER = data.shipped("rules").parent / "fixtures" / "hostiles"
GOOD = data.shipped("rules").parent / "fixtures" / "af-ope-mss" / "solde-cas-b.json"
# A gibibyte of addresses: what a run may take, interpreter and libraries included.
MEMORY = 1 << 30


@dataclass(frozen=True)
class Told:
    """What a run over the hostile files said: its code, its report, and the printed faults of each file."""

    code: int
    report: dict[str, Any]
    printed: dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What came out of a command."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def expected() -> dict[str, dict[str, Any]]:
    """What each hostile file must be refused with."""
    found: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "attendu.yaml").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def told() -> Told:
    """One run of the real command over the whole folder."""
    command = [sys.executable, "-m", "recevable", "check", "--au", "2023-09-04", "--format", "json", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, check=False, env=_environment(), timeout=HANG)
    printed: dict[str, str] = {}
    name = ""
    for line in done.stderr.decode("utf-8").splitlines(keepends=True):
        start = re.match(rf"{re.escape(str(FOLDER))}/([^:]+):", line)
        name = start[1] if start else name
        printed[name] = printed.get(name, "") + line
    return Told(done.returncode, json.loads(done.stdout), printed)


def _environment() -> dict[str, str]:
    path = os.pathsep.join([str(data.PACKAGE.parent), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}


@pytest.fixture
def apart() -> Callable[..., Outcome]:
    """Run the command in a process of its own, with little memory."""

    def run(*args: str, content: bytes | None = None) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "recevable", *args],
            input=content,
            capture_output=True,
            check=False,
            env=_environment(),
            timeout=HANG,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        )
        return Outcome(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    return run


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Check files in this process."""

    def run(*args: str) -> Outcome:
        code = run_code(["check", "--au", "2023-09-04", *args])
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


@pytest.fixture
def good() -> bytes:
    """A good dossier, on one line."""
    return json.dumps(json.loads(GOOD.read_bytes()), ensure_ascii=False).encode()


@pytest.fixture(scope="session")
def folder() -> Path:
    """The folder of hostile files."""
    return FOLDER
