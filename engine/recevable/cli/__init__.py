"""The `recevable` command: parse arguments, call the other packages, print, choose the exit code."""

from __future__ import annotations

import gc

from recevable.lazy import import_lean


def main() -> None:
    """Run the command and exit; see `app.py`."""
    # most commands end before garbage collection is worth its time; a long run enables it again (`check.py`)
    gc.disable()
    # before anything imports them
    import_lean()
    from recevable.cli.app import run

    run()
