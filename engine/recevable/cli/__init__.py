"""The `recevable` command: parse arguments, call the other packages, print, choose the exit code."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command and exit; see `app.py`."""
    # most commands end before garbage collection is worth its time; a long run enables it again (`check.py`)
    gc.disable()
    from recevable.cli.app import run

    run()
