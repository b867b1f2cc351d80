"""`recevable batch --cluster`: the bytes of one process; a worker that is killed changes nothing."""

from __future__ import annotations

import operator
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import click
import pytest
from tests.bounds import HANG

from recevable.cli.batch import command as verb
from recevable.cli.batch.cluster import on_cluster
from recevable.cli.batch.journal import Journal
from recevable.cli.batch.workers import Died

Command = Callable[..., Any]
# Each of these waits for processes for seconds: CI plays them.
KILLED = pytest.mark.skipif(os.environ.get("RECEVABLE_TEST_CLUSTER") != "all", reason="RECEVABLE_TEST_CLUSTER=all")
DAY = "2024-05-31"
NAMES = ("acceptee", "a-completer", "hors-delai", "association", "sans-revenu", "revente-remboursee", "sans-demande")


@pytest.fixture
def many(tmp_path: Path, line: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Dossiers of all kinds, one of which cannot be read, in small blocks."""
    monkeypatch.setattr(verb, "DOSSIERS", 5)
    found = [line(NAMES[rank % len(NAMES)]) for rank in range(60)]
    found[7] = b'{"programme":'
    path = tmp_path / "lots.ndjson"
    path.write_bytes(b"\n".join(found))
    return path


@pytest.fixture
def batch(recevable: Command, pack: Path) -> Command:
    """`recevable batch` with the small pack, on a fixed day."""
    return lambda *args: recevable("batch", "--rules", pack, "--au", DAY, *args)


@pytest.fixture
def scheduler(
    tmp_path: Path, run_environment: Callable[..., dict[str, str]]
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a scheduler with one worker, each a process, and the scheduler."""
    environment = run_environment(
        DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED="False", RECEVABLE_CACHE=str(tmp_path / "cache")
    )
    start = partial(subprocess.Popen, env=environment, cwd=tmp_path, text=True, stderr=subprocess.PIPE)
    dask = [sys.executable, "-m", "dask"]
    with start([*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]) as head:
        assert head.stderr is not None
        found = next(filter(None, (re.search(r"Scheduler at:\s+(tcp://\S+)", line) for line in head.stderr)))[1]
        with start([*dask, "worker", found, "--nthreads", "1", "--no-dashboard", "--no-nanny"]) as worker:
            yield found, head
            worker.kill()
        head.kill()


def test_a_cluster_of_this_machine_writes_the_bytes_of_check(
    batch: Command, check: Command, many: Path, tmp_path: Path
) -> None:
    out = tmp_path / "d.ndjson"
    outcome = batch(many, "--out", out, "--cluster", "local:2")
    again = check(many, "--format", "ndjson")
    assert (out.read_text("utf-8"), outcome.code) == (again.out, again.code)
    assert active_children() == []


@KILLED
def test_a_worker_killed_while_it_decides_changes_no_byte(
    batch: Command, check: Command, many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, added = Journal.add, [0]

    def add(self: Journal, *args: Any) -> None:
        added[0] += 1
        if added[0] == 2:
            pid = active_children()[0].pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
        real(self, *args)

    monkeypatch.setattr(Journal, "add", add)
    out = tmp_path / "d.ndjson"
    batch(many, "--out", out, "--cluster", "local:2")
    assert out.read_text("utf-8") == check(many, "--format", "ndjson").out
    assert added == [12]


@KILLED
def test_a_block_that_kills_every_worker_is_an_error() -> None:
    with pytest.raises(Died):
        list(on_cluster([3], partial, (os._exit,), "local:1"))


def test_the_error_of_a_block_is_raised_after_what_comes_before_it() -> None:
    results = on_cluster(["a", 3], operator.methodcaller, ("upper",), "local:1")
    assert next(results) == ("a", "A")
    with pytest.raises(AttributeError, match="upper"):
        next(results)


@KILLED
def test_a_run_goes_on_after_the_scheduler_was_killed(
    batch: Command,
    check: Command,
    many: Path,
    tmp_path: Path,
    scheduler: tuple[str, subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, process = scheduler
    real, out = Journal.add, tmp_path / "d.ndjson"

    def add(self: Journal, *args: Any) -> None:
        real(self, *args)
        if len(self.blocks) == 0 and self.dossiers == 15:
            process.kill()
            process.wait(HANG)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", add)
        outcome = batch(many, "--out", out, "--cluster", address)
    assert outcome.code == 4
    assert "la grappe ne répond plus ; " in outcome.err
    assert not out.exists()
    blocks = (tmp_path / "d.ndjson.en-cours" / "journal").read_bytes().count(b"\n") - 1
    assert 3 <= blocks < 12
    again = batch(many, "--out", out, "--cluster", "local:1", "--resume")
    expected = check(many, "--format", "ndjson")
    assert (out.read_text("utf-8"), again.code) == (expected.out, expected.code)


def test_a_cluster_that_is_already_there_writes_the_bytes_of_check(
    batch: Command, check: Command, many: Path, tmp_path: Path, scheduler: tuple[str, subprocess.Popen[str]]
) -> None:
    out = tmp_path / "d.ndjson"
    batch(many, "--out", out, "--cluster", scheduler[0])
    assert out.read_text("utf-8") == check(many, "--format", "ndjson").out


@pytest.mark.parametrize("address", ["local", "local:0", "local:deux", "tcp://machine", "machine:8786"])
def test_what_is_no_address_is_wrong_usage_and_leaves_nothing(
    batch: Command, many: Path, tmp_path: Path, address: str
) -> None:
    outcome = batch(many, "--out", tmp_path / "d", "--cluster", address)
    assert outcome.code == 2
    assert f"`{address}` n'est ni tcp://MACHINE:PORT ni local:N" in outcome.err
    assert list(tmp_path.glob("d*")) == []


def test_a_cluster_that_does_not_answer_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recevable.cli.batch.cluster._PATIENCE", 1)
    with pytest.raises(click.UsageError, match=r"aucune grappe ne répond à `tcp://127\.0\.0\.1:9`"):
        list(on_cluster(["a"], operator.methodcaller, ("upper",), "tcp://127.0.0.1:9"))


def test_processes_and_a_cluster_exclude_each_other(batch: Command, many: Path, tmp_path: Path) -> None:
    outcome = batch(many, "--out", tmp_path / "d", "--cluster", "local:2", "--jobs", "2")
    assert outcome.code == 2
    assert "--jobs et --cluster s'excluent" in outcome.err


def test_without_its_extra_a_cluster_is_refused_by_name(
    batch: Command, many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "recevable.cli.batch.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "dask", None)
    outcome = batch(many, "--out", tmp_path / "d", "--cluster", "local:2")
    assert outcome.code == 2
    assert "pip install 'recevable[grappe]'" in outcome.err
