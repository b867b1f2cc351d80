"""What the tests of the command share: a small pack, its dossiers, runs in this process and apart."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.bounds import HANG

from recevable import data
from recevable.cli.app import run_code

TESTS = Path(__file__).parents[1]
PACK = TESTS / "second_programme" / "prime-velo"
DOSSIERS = TESTS / "second_programme" / "dossiers"


@dataclass(frozen=True)
class Outcome:
    """What came out of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The report of `--format json`."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of `--format ndjson`."""
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Outcome]


@pytest.fixture
def recevable(capsys: pytest.CaptureFixture[str]) -> Command:
    """The command, in this process."""

    def run(*args: str | Path) -> Outcome:
        code = run_code([str(arg) for arg in args])
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


@pytest.fixture
def check(recevable: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`recevable check` with the small pack, on a fixed day; `content` is given on the standard input."""

    def run(*args: str | Path, content: bytes | None = None) -> Outcome:
        if content is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        return recevable("check", "--rules", PACK, "--au", "2024-05-31", *args)

    return run


@pytest.fixture
def apart() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """The command in a process of its own."""

    def run(*args: str | Path, env: dict[str, str] | None = None, **options: Any) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "recevable", *map(str, args)]
        options = {"capture_output": True, "timeout": HANG, **options}
        return subprocess.run(command, check=False, env=environment(**(env or {})), **options)

    return run


def environment(**changes: str) -> dict[str, str]:
    """The environment of a run apart."""
    path = os.pathsep.join([str(data.PACKAGE.parent), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, **changes}


@pytest.fixture
def run_environment() -> Callable[..., dict[str, str]]:
    """The environment of a run apart, changed."""
    return environment


@pytest.fixture
def pack() -> Path:
    """The folder of the small pack."""
    return PACK


@pytest.fixture
def dossier() -> Callable[[str], Path]:
    """The path of one of the small dossiers."""
    return lambda name: DOSSIERS / f"{name}.json"


@pytest.fixture
def line(dossier: Callable[[str], Path]) -> Callable[[str], bytes]:
    """One of the small dossiers on one line."""
    return lambda name: json.dumps(json.loads(dossier(name).read_bytes()), ensure_ascii=False).encode()
