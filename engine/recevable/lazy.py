"""What a short command need not do as it starts.

A regular expression is compiled when it is first used: that takes longer than most of what a command does with it, and
many are only needed by a fault.  Two libraries are imported without what they load for nothing.
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any, AnyStr, Generic, cast


class _Pattern(Generic[AnyStr]):
    """Stands for a compiled pattern; each of its methods is looked up once."""

    def __init__(self, source: AnyStr, flags: int) -> None:
        self._source: AnyStr = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, found)
        return found


def pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile(source, flags)`, on first use: a wrong pattern raises then."""
    return cast("re.Pattern[AnyStr]", _Pattern(source, flags))


def import_lean() -> None:
    """Import msgspec and jsonschema-rs, each without a module that it loads and that nothing here uses.

    msgspec looks for types in `typing_extensions`, and goes without; jsonschema-rs reads the date of its own build with
    `email.utils`, which brings sockets, random numbers and MIME: a tenth of the time of a check.  To be called before
    there are threads.  What is imported already stays as it is; later imports of these modules get them.
    """
    # None: that there is no such module
    leans: tuple[tuple[str, str, Any], ...] = (
        ("msgspec", "typing_extensions", None),
        ("jsonschema_rs", "email.utils", _mail()),
    )
    for name, unneeded, standing in leans:
        if name in sys.modules or unneeded in sys.modules:
            continue
        sys.modules[unneeded] = standing
        try:
            # a version that asks for more fails here, and is imported as usual when it is needed
            with suppress(Exception):
                import_module(name)
        finally:
            del sys.modules[unneeded]


def _mail() -> ModuleType:
    found = ModuleType("email.utils")
    found.__dict__["parsedate_to_datetime"] = str
    return found
