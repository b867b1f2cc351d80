"""How the command lives with its terminal: colours, pipes that close, interruptions, poor encodings."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.bounds import HANG

Apart = Callable[..., "subprocess.CompletedProcess[bytes]"]
Dossier = Callable[[str], Path]
Environment = Callable[..., dict[str, str]]
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")


@pytest.fixture
def on_terminal(run_environment: Environment) -> Callable[..., bytes]:
    """What the command shows on a terminal."""

    def run(*args: str | Path, **env: str) -> bytes:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "recevable", *map(str, args)]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=run_environment(**env)
        ) as process:
            os.close(theirs)
            shown = b""
            while True:
                try:
                    more = os.read(ours, 65536)
                except OSError:
                    # Linux says so when the other side has closed
                    break
                if not more:
                    break
                shown += more
            process.wait(60)
        os.close(ours)
        return shown

    return run


def test_colours_are_for_terminals(on_terminal: Callable[..., bytes], pack: Path, dossier: Dossier) -> None:
    args = ("check", "--rules", pack, "--au", "2024-05-31", dossier("a-completer"))
    environment = {"TERM": "xterm", "NO_COLOR": ""}
    assert COLOUR.search(on_terminal(*args, **environment))
    assert not COLOUR.search(on_terminal(*args, **{**environment, "NO_COLOR": "1"}))
    assert not COLOUR.search(on_terminal(*args, **{**environment, "TERM": "dumb"}))
    assert not COLOUR.search(on_terminal(*args, "--format", "json", **environment))


def test_colours_change_no_word(on_terminal: Callable[..., bytes], apart: Apart, pack: Path, dossier: Dossier) -> None:
    args = ("check", "--rules", pack, "--au", "2024-05-31", dossier("association"))
    shown = COLOUR.sub(b"", on_terminal(*args, TERM="xterm", NO_COLOR="")).replace(b"\r\n", b"\n")
    assert shown == apart(*args).stdout


def test_a_fault_is_coloured_on_a_terminal_only(
    on_terminal: Callable[..., bytes], apart: Apart, pack: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_bytes(b"{")
    args = ("check", "--rules", pack, tmp_path / "a.json")
    assert COLOUR.search(on_terminal(*args, TERM="xterm", NO_COLOR=""))
    assert not COLOUR.search(apart(*args).stderr)


def test_a_reader_that_leaves_ends_the_run_without_a_word(
    run_environment: Environment, pack: Path, dossier: Dossier, tmp_path: Path
) -> None:
    path = tmp_path / "lot.ndjson"
    line = json.dumps(json.loads(dossier("acceptee").read_bytes())).encode()
    path.write_bytes((line + b"\n") * 500)
    command = [sys.executable, "-m", "recevable", "check", "--rules", str(pack), "--au", "2024-05-31", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=run_environment()) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(100)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 128 + signal.SIGPIPE


def _interruptible() -> None:
    """Tests that run in the background ignore interruptions, and so would what they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interruption_is_told_and_is_neither_a_success_nor_a_verdict(
    run_environment: Environment, pack: Path, line: Callable[[str], bytes], tmp_path: Path
) -> None:
    # more than a pipe holds: the command waits for its reader
    (tmp_path / "lot.ndjson").write_bytes((line("acceptee") + b"\n") * 500)
    options = ["--rules", str(pack), "--au", "2024-05-31", "--format", "ndjson"]
    command = [sys.executable, "-m", "recevable", "check", *options, str(tmp_path / "lot.ndjson")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=run_environment(), preexec_fn=_interruptible
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["acceptee"] is True
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=HANG)
    assert err.decode() == "\nrecevable : interrompu.\n"
    assert process.returncode == 128 + signal.SIGINT


def test_a_terminal_without_the_characters_is_no_reason_to_stop(apart: Apart, pack: Path, dossier: Dossier) -> None:
    args = ("check", "--rules", pack, "--au", "2024-05-31", dossier("a-completer"))
    done = apart(*args, env={"PYTHONIOENCODING": "latin-1"})
    assert (done.returncode, done.stderr) == (1, b"")
    assert "? COMPLÉTER".encode("latin-1") in done.stdout


def test_a_full_disk_is_told_and_is_no_success(apart: Apart, pack: Path, dossier: Dossier) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no device that is always full")
    args = ("check", "--rules", pack, "--au", "2024-05-31", dossier("acceptee"))
    with full.open("wb") as stream:
        done = apart(*args, capture_output=False, stdout=stream, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr.decode()) == (4, "recevable : il n'y a plus de place pour écrire la sortie.\n")


def test_json_is_utf_8_whatever_the_terminal(apart: Apart, pack: Path, dossier: Dossier) -> None:
    args = ("check", "--rules", pack, "--au", "2024-05-31", "--format", "json", dossier("acceptee"))
    poor, rich = (apart(*args, env={"PYTHONIOENCODING": encoding}).stdout for encoding in ("ascii", "utf-8"))
    assert poor == rich
    assert json.loads(poor)["decisions"][0]["programme"]["titre"] == "Prime communale à l'achat d'un vélo"


def test_the_module_and_the_command_are_the_same(apart: Apart, recevable: Callable[..., Any]) -> None:
    assert apart("--version").stdout.decode() == recevable("--version").out
