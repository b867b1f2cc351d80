"""The closed list of checks: one module each, named after its fault; `CHECKS` finds them by their code."""

from __future__ import annotations

from typing import Final

from recevable.lint.model import Check

_MODULES: Final[tuple[Check, ...]] = ()
CHECKS: Final[dict[str, Check]] = {module.CODE: module for module in _MODULES}
