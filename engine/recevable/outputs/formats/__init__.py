"""The formats that machines read a run in: one module each, with `render(run) -> str`, listed in `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from recevable.outputs.formats import as_github, as_gitlab, as_json, as_junit, as_sarif
from recevable.outputs.run import Run

FORMATS: Final[dict[str, Callable[[Run], str]]] = {
    "json": as_json.render,
    "junit": as_junit.render,
    "sarif": as_sarif.render,
    "github": as_github.render,
    "gitlab": as_gitlab.render,
}
"""`json`: a run as data of our own (schemas/controle.schema.json)."""
