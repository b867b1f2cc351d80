"""Blocks of work shared by processes: results in order, errors where they happen, processes that die replaced."""

from __future__ import annotations

import operator
import os
import signal
from functools import partial
from multiprocessing import active_children

import pytest

from recevable.cli.batch.workers import Died, shared


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_results_come_in_the_order_of_the_blocks(processes: int) -> None:
    blocks = ["a", "b", "c", "d", "e"]
    found = list(shared(blocks, operator.methodcaller, ("upper",), processes))
    assert found == [(block, block.upper()) for block in blocks]
    assert active_children() == []


def test_fewer_blocks_than_processes_are_done_too() -> None:
    assert list(shared(["a"], operator.methodcaller, ("upper",), 3)) == [("a", "A")]
    assert list(shared(list[str](), operator.methodcaller, ("upper",), 3)) == []


def test_the_error_of_a_block_is_raised_after_what_comes_before_it() -> None:
    results = shared(["a", "b", 3, "d"], operator.methodcaller, ("upper",), 2)
    assert [next(results), next(results)] == [("a", "A"), ("b", "B")]
    with pytest.raises(AttributeError, match="upper"):
        next(results)
    assert active_children() == []


def test_a_process_that_is_killed_is_replaced_and_its_block_is_done_again() -> None:
    blocks = [str(rank) * 100_000 for rank in range(8)]
    found = []
    for rank, one in enumerate(shared(blocks, operator.methodcaller, ("upper",), 2)):
        found.append(one)
        if rank in (0, 3):
            child = active_children()[0]
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
    assert found == [(block, block) for block in blocks]


def test_a_block_that_kills_every_process_is_an_error() -> None:
    with pytest.raises(Died):
        list(shared([3], partial, (os._exit,), 2))
    assert active_children() == []
