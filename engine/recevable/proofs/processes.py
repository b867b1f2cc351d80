"""Work spread over processes, each piece in one of its own that is forked from the same state as the others.

What a piece gives therefore depends neither on their number nor on the pieces done before.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Final, TypeVar

T = TypeVar("T")
_FORKS: Final = hasattr(os, "fork")


def spread(pieces: int, work: Callable[[int], T], processes: int) -> Generator[tuple[int, T], None, None]:
    """What `work` gives for each rank, with it, as it comes; raises what it raises.

    A single piece is done here, and one whose process ends without an answer is done again here.
    """
    if pieces == 1 or not _FORKS:
        yield from ((rank, work(rank)) for rank in range(pieces))
        return
    running: dict[Connection, tuple[int, ForkProcess]] = {}
    waiting, lost = list(reversed(range(pieces))), []
    try:
        while running or waiting:
            while waiting and len(running) < processes:
                rank = waiting.pop()
                source, process = _begun(rank, work)
                running[source] = rank, process
            ready = wait(list(running))
            for source in [one for one in running if one in ready]:
                rank, process = running[source]
                try:
                    given = source.recv()
                except EOFError:
                    lost.append(rank)
                    given = None
                del running[source]
                source.close()
                process.join()
                if given is not None:
                    yield rank, given
    finally:
        for source, (_, process) in running.items():
            process.kill()
            process.join()
            source.close()
    yield from ((rank, work(rank)) for rank in sorted(lost))


def _begun(rank: int, work: Callable[[int], object]) -> tuple[Connection, ForkProcess]:
    context = get_context("fork")
    source, target = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(rank, work, target), daemon=True)
    process.start()
    target.close()
    return source, process


def _run(rank: int, work: Callable[[int], object], target: Connection) -> None:
    # an interruption reaches every process at once: this one has nothing to say of it
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = 1
    try:
        target.send(work(rank))
        code = 0
    finally:
        # nothing of what the parent would do at its end is done here
        os._exit(code)
