"""The machine-readable formats of a run: one module each, with `render(run) -> str`, listed in `FORMATS`.

A module is imported only when its format is used: the names are needed by command options.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Final

from recevable.outputs.run import Run


def _render(name: str, run: Run) -> str:
    text: str = import_module(f"{__name__}.as_{name}").render(run)
    return text


FORMATS: Final[dict[str, Callable[[Run], str]]] = {
    name: partial(_render, name) for name in ("json", "junit", "sarif", "github", "gitlab")
}
"""`json`: a run as data of our own (schemas/controle.schema.json)."""
