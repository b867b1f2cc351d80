"""What a short command need not do as it starts.

A regular expression is compiled when it is first used: that takes longer than most of what a command does with it, and
many are only needed by a fault.  jsonschema-rs is imported without what it needs for nothing but its own build date.
"""

from __future__ import annotations

import re
import sys
import threading
from contextlib import suppress
from types import ModuleType
from typing import Any, AnyStr, Final, Generic, cast

_MAIL: Final = "email.utils"


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


def import_validator() -> None:
    """Import jsonschema_rs without `email.utils`, by which it reads the date of its own build, which nobody asks for.

    That module brings sockets, random numbers and MIME: a tenth of the time of a check.  Nothing is done when it is
    there already, nor beside other threads, which might import it meanwhile; whoever imports it later gets it.
    """
    if _MAIL in sys.modules or "jsonschema_rs" in sys.modules or threading.active_count() > 1:
        return
    import email

    standing = ModuleType(_MAIL)
    standing.__dict__["parsedate_to_datetime"] = str
    sys.modules[_MAIL] = standing
    try:
        # a version that asks for more fails here, and is imported as usual by whoever needs it
        with suppress(Exception):
            import jsonschema_rs  # noqa: F401
    finally:
        del sys.modules[_MAIL]
        vars(email).pop("utils", None)
