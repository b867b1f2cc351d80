"""No test fails because the machine is loaded: what runs is counted, and only what hangs is stopped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1]
CLOCKS: Final = re.compile(r"\b(?:process_time|perf_counter|monotonic|thread_time)\(|\btime\.time\(|\btimeit\b")
# A bound on waiting is `HANG`; the one exception shows a loop that never ends.
WAITS: Final = re.compile(r"""(?<!\w)["']?timeout["']?\s*(?:=|:)\s*\d""")
NEVER_ENDS: Final = "inference/test_crashes_of_the_library.py"


def _sources() -> dict[str, str]:
    found = {path.relative_to(TESTS).as_posix(): path.read_text("utf-8") for path in TESTS.rglob("*.py")}
    del found["house/test_no_clock.py"]
    return found


def test_no_test_measures_time() -> None:
    assert [name for name, text in _sources().items() if CLOCKS.search(text)] == []


def test_no_test_waits_less_than_what_is_sure_to_hang() -> None:
    assert [name for name, text in _sources().items() if WAITS.search(text) and name != NEVER_ENDS] == []


def test_one_profile_of_hypothesis_has_no_deadline_and_nobody_repeats_it() -> None:
    assert [name for name, text in _sources().items() if re.search(r"\bdeadline=(?:None|timedelta|\d)", text)] == [
        "conftest.py"
    ]
