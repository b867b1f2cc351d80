"""Blocks of work shared by several processes, the results in order; a process that dies is replaced.

Each process has a pipe of its own and at most one block, so that neither side waits for the other to read.  A process
whose parent dies finds its pipe closed, and ends.  The executors of Python lose the run, or wait for ever, when one of
their processes is killed.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final, Generic, TypeVar

# A block that was given to as many processes that died is what kills them.
_TRIES: Final = 3

_Block = TypeVar("_Block")
_Result = TypeVar("_Result")


class Died(Exception):
    """Processes died one after another on a block."""


class ClusterLost(Exception):
    """The scheduler of a cluster, or all of its workers, no longer answer."""


class _Worker(Generic[_Block, _Result]):
    def __init__(self, make: Callable[..., Callable[[_Block], _Result]], args: tuple[Any, ...]) -> None:
        self._make, self._args = make, args
        self._block: _Block | None = None
        self._start()

    def _start(self) -> None:
        # a new interpreter: nothing of what the parent holds or has begun
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._make, self._args), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, block: _Block) -> None:
        self._block = block
        # a process that died is seen when its result is asked for
        with suppress(OSError):
            self._pipe.send(block)

    def result(self) -> _Result:
        for _ in range(_TRIES):
            try:
                answer: tuple[_Result | None, BaseException | None] = self._pipe.recv()
            except (EOFError, OSError):
                self.stop()
                self._start()
                assert self._block is not None
                self.give(self._block)
                continue
            if answer[1] is not None:
                raise answer[1]
            return answer[0]  # type: ignore[return-value]  # one of the two
        raise Died

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def shared(
    blocks: Iterable[_Block],
    make: Callable[..., Callable[[_Block], _Result]],
    args: tuple[Any, ...],
    processes: int,
) -> Generator[tuple[_Block, _Result], None, None]:
    """Each block with its result, in order; `make(*args)` gives the function of a process.

    With one process the work is done in this one.  Raises what the function raises, and Died.
    """
    if processes == 1:
        work = make(*args)
        yield from ((block, work(block)) for block in blocks)
        return
    workers = [_Worker[_Block, _Result](make, args) for _ in range(processes)]
    try:
        given: list[tuple[_Worker[_Block, _Result], _Block]] = []
        for rank, block in enumerate(blocks):
            worker = workers[rank % processes]
            if len(given) == processes:
                _, before = given.pop(0)
                result = worker.result()
                worker.give(block)
                given.append((worker, block))
                yield before, result
            else:
                worker.give(block)
                given.append((worker, block))
        for worker, block in given:
            yield block, worker.result()
    finally:
        for worker in workers:
            worker.stop()


def _serve(pipe: Connection, make: Callable[..., Callable[[Any], Any]], args: tuple[Any, ...]) -> None:
    # an interruption is for the parent, which ends its processes
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        work: Callable[[Any], Any] | None = None
        while True:
            block = pipe.recv()
            answer: tuple[Any, Exception | None]
            try:
                if work is None:
                    work = make(*args)
                answer = work(block), None
            except Exception as error:  # noqa: BLE001  # the parent raises it
                answer = None, error
            pipe.send(answer)
