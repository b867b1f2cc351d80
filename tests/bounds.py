"""Bounds that hold on a loaded machine too: what runs is counted, and what waits for ever is stopped, late.

`make test` leaves to `.ci/run` the tests marked `thorough`, and two thirds of the examples of a property.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, Final

# Seconds after which a command hangs, for certain: far more than any takes, whatever else the machine does.
HANG: Final = 600


def examples(count: int) -> int:
    """How many examples of a property are tried: `count` when RECEVABLE_TEST_EXAMPLES is "all", else a third."""
    return count if os.environ.get("RECEVABLE_TEST_EXAMPLES") == "all" else -(-count // 3)


def lines_of(work: Callable[[], object]) -> Counter[CodeType]:
    """How many lines of Python run in each function: a loop counts each of its rounds."""
    found: Counter[CodeType] = Counter()

    def line(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            found[frame.f_code] += 1
        return line

    before = sys.gettrace()
    sys.settrace(lambda *_: line)
    try:
        work()
    finally:
        sys.settrace(before)
    return found


def out_of_proportion(once: Counter[CodeType], often: Counter[CodeType], ratio: float) -> dict[str, tuple[int, int]]:
    """The functions that run far more lines on an input `ratio` times larger, and how many on each.

    There is room for sorting and for what a large input is the first to need; a square passes it.
    """
    return {
        f"{code.co_filename}:{code.co_name}": (once[code], count)
        for code, count in often.items()
        if count > 1.5 * ratio * once[code] + 2_000
    }
