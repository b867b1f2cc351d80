"""The formats that machines read a run in: one module each, with `render(run) -> str`, listed in `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from recevable.report.formats import as_json
from recevable.report.run import Run

FORMATS: Final[dict[str, Callable[[Run], str]]] = {"json": as_json.render}
