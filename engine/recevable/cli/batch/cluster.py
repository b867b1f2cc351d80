"""Blocks of work shared by the workers of a Dask cluster, the results in order (docs/adr/0017).

A worker that dies is Dask's affair: what it had is done again by another.  Workers hold the rules that they opened as
long as they live.
"""

from __future__ import annotations

import gc
import logging
import pickle
import re
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack
from functools import lru_cache
from itertools import islice
from typing import Any, Final, TypeVar

import dask
from dask.distributed import Client, Future, KilledWorker, LocalCluster
from distributed.client import FutureCancelledError
from distributed.comm import CommClosedError

from recevable.cli.batch.workers import ClusterLost, Died
from recevable.cli.exits import usage

_LOCAL: Final = re.compile(r"local:([1-9][0-9]{0,2})")
_REMOTE: Final = re.compile(r"(?:tcp|tls)://\S+:[0-9]+")
# Blocks given for each worker: the one that it decides, and the next.
_AHEAD: Final = 2
# Seconds to find a cluster and its first worker, and between two looks at how many workers there are.
_PATIENCE: Final = 60
_LOOK: Final = 5
# How often no worker is seen in a row before the cluster is lost.
_LOOKS: Final = 3
# What a cluster of this machine does not need: to sample its workers a hundred times a second, to watch its loops.
_PLAIN: Final = {
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
}

_Block = TypeVar("_Block")
_Result = TypeVar("_Result")


def on_cluster(
    blocks: Iterable[_Block],
    make: Callable[..., Callable[[_Block], _Result]],
    args: tuple[Any, ...],
    address: str,
) -> Generator[tuple[_Block, _Result], None, None]:
    """Each block with its result, in order, as `workers.shared`; `address` is tcp://HOST:PORT, or local:N.

    Raises what the function raises, Died, ClusterLost, and click.UsageError when there is no such cluster.
    """
    # what Dask says of a worker that dies is for those who operate the cluster
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    # the client makes cycles, which a command that begins does not collect
    gc.enable()
    work = pickle.dumps((make, args))
    with ExitStack() as opened, dask.config.set(_PLAIN):
        client = _client(address, opened)
        given: deque[tuple[_Block, Future]] = deque()
        left, most, looked = iter(blocks), 0, 0.0
        while True:
            try:
                if time.monotonic() - looked > _LOOK:
                    most, looked = _AHEAD * max(1, sum(client.nthreads().values())), time.monotonic()
                for block in islice(left, max(0, most - len(given))):
                    given.append((block, client.submit(_decide, work, pickle.dumps(block), pure=False)))
            except CommClosedError:
                raise ClusterLost from None
            if not given:
                return
            block, future = given.popleft()
            yield block, _result(client, future)


def _client(address: str, opened: ExitStack) -> Client:
    local = _LOCAL.fullmatch(address)
    if local is None and not _REMOTE.fullmatch(address):
        raise usage(f"--cluster : `{address}` n'est ni tcp://MACHINE:PORT ni local:N.")
    target: str | LocalCluster = address
    if local is not None:
        # one thread for each process: to decide holds the interpreter
        alone = {"threads_per_worker": 1, "processes": True, "dashboard_address": None}
        cluster = LocalCluster(n_workers=int(local[1]), silence_logs=logging.CRITICAL, **alone)
        target = opened.enter_context(cluster)
    try:
        found = Client(target, timeout=_PATIENCE, set_as_default=False, direct_to_workers=local is not None)
        client = opened.enter_context(found)
        client.wait_for_workers(1, timeout=_PATIENCE)
    except OSError as error:
        # that nobody answers in time is one too
        raise usage(f"--cluster : aucune grappe ne répond à `{address}`, ou elle n'a aucun ouvrier.") from error
    return client


def _result(client: Client, future: Future) -> Any:
    alone = 0
    while True:
        try:
            return pickle.loads(future.result(timeout=_PATIENCE))
        except KilledWorker:
            raise Died from None
        except FutureCancelledError:
            raise ClusterLost from None
        except TimeoutError:
            if future.status == "error":
                raise
            # a block may take long, and a worker may start again; without any it would never end
            alone = 0 if client.nthreads() else alone + 1
            if alone == _LOOKS:
                raise ClusterLost from None


def _decide(work: bytes, block: bytes) -> bytes:
    """On a worker; bytes both ways, in which Dask looks for nothing."""
    return pickle.dumps(_made(work)(pickle.loads(block)))


@lru_cache(maxsize=2)
def _made(work: bytes) -> Callable[[Any], Any]:
    """The function of this worker, kept for the next block."""
    make, args = pickle.loads(work)
    made: Callable[[Any], Any] = make(*args)
    return made
