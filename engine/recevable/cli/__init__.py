"""The `recevable` command: parse arguments, call the layers below, print, choose the exit code."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command and exit; see `app.py`."""
    # most commands end before a collection would be worth its time; a long run turns it on again (`check.py`)
    gc.disable()
    from recevable.cli.app import run

    run()
