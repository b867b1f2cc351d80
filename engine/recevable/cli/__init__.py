"""The `recevable` command: parse arguments, call the layers below, print, choose the exit code."""

from __future__ import annotations


def main() -> None:
    """Run the command and exit; see `app.py`."""
    from recevable.cli.app import run

    run()
