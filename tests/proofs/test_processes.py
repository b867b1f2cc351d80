"""Questions spread over processes: the same answers whatever their number, and nothing lost when one dies."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from recevable import cache
from recevable.pack import properties as written
from recevable.programme import open_programme
from recevable.proofs import questions
from recevable.proofs import run as running
from recevable.proofs.processes import spread
from recevable.proofs.report import Report
from recevable.trials.proved import Answers

SECOND = Path(__file__).parents[1] / "second_programme"


def test_each_piece_is_done_from_the_same_state() -> None:
    state: list[int] = []

    def work(rank: int) -> list[int]:
        state.append(rank)
        return state

    assert dict(spread(4, work, 2)) == {rank: [rank] for rank in range(4)}
    assert state == []


def test_a_piece_whose_process_dies_is_done_here() -> None:
    here = os.getpid()

    def work(rank: int) -> tuple[int, bool]:
        if rank == 1 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return rank, os.getpid() == here

    assert dict(spread(3, work, 2)) == {0: (0, False), 1: (1, True), 2: (2, False)}


def test_what_a_piece_raises_is_raised() -> None:
    def work(rank: int) -> int:
        if rank == 1:
            raise LookupError(rank)
        return rank

    with pytest.raises(LookupError):
        list(spread(3, work, 2))


def test_who_stops_leaves_no_process() -> None:
    def work(rank: int) -> int:
        if rank:
            signal.pause()
        return os.getpid()

    with closing(spread(3, work, 3)) as coming:
        next(coming)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.fixture
def proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a small pack, whose answers are kept apart, and asked in small pieces."""
    (tmp_path / "cache").mkdir(mode=0o700)
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(running, "_PIECE", 1)
    return SECOND / "prime-velo"


def prove(folder: Path, processes: int) -> Report:
    programme = open_programme(folder, prepared=False)
    typed = [written.Properties(programme.compiled).typed(one) for one in written.read(programme.source)]
    asked = [name for name in questions.identifiers(programme.compiled) if "PRIME-" in name or name == "prime:payable"]
    return running.run(programme, typed, [], asked, seconds=10, elements=3, processes=processes)


def test_the_answers_do_not_depend_on_the_number_of_processes(proved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, cache.OFF)
    one, three = (prove(proved, processes).lines for processes in (1, 3))
    assert [(line.id, line.answer, line.shown) for line in one] == [
        (line.id, line.answer, line.shown) for line in three
    ]
    assert len(one) > 2


def test_what_was_answered_before_an_interruption_is_kept(proved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(pieces: int, work: Any, processes: int) -> Any:
        assert pieces > 1
        with closing(spread(pieces, work, processes)) as coming:
            yield next(coming)
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "spread", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prove(proved, 1)
    assert Answers(proved)
