"""The manual of diagnostics: one page per code that can be said of a pack, in French, for policy staff.

The pages of the checks are their docstrings.  What readers and compiler refuse has its pages here, one module each,
with `CODE`, `SEVERITY` and a docstring, and found by being here.  A page is a title, then the sections of `HEADINGS`.
A tab is written `␉`: Python 3.13 expands those of docstrings.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType
from typing import Final

from msgspec import Struct

from recevable.language.diagnostics import Severity
from recevable.lint.checks import CHECKS

HEADINGS: Final = ("Ce que c'est", "Pourquoi", "Mauvais", "Bon")


class ManualPage(Struct, frozen=True):
    """What is to know of a code: its title, then `body` in Markdown, from the first heading on."""

    code: str
    severity: Severity
    title: str
    body: str


def pages() -> dict[str, ManualPage]:
    """Every page by its code, in alphabetical order."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    found = [_page(module) for module in (*modules, *CHECKS.values())]
    return {page.code: page for page in sorted(found, key=lambda page: page.code)}


def _page(module: object) -> ManualPage:
    assert isinstance(module, ModuleType)
    title, _, body = (module.__doc__ or "").replace("␉", "\t").partition("\n")
    return ManualPage(module.CODE, module.SEVERITY, title.strip(), body.strip())
