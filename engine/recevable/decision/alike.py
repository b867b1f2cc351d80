"""When what was made from some values may be given again: when they are the same, as they are written."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

# Values of these types are the same when they are equal and of the same type; a Decimal has its digits too.
_PLAIN: Final = frozenset({bool, int, str, date, datetime, type(None)})


def alike(values: Iterable[Any]) -> tuple[Hashable, ...] | None:
    """A key that only the same values share, 1.0 and 1.00 not being the same; None when they cannot have one."""
    key: list[Hashable] = []
    for value in values:
        kind = type(value)
        if kind is Decimal:
            key.append(("", str(value)))
        elif kind is datetime and value.tzinfo is not UTC:
            return None
        elif kind in _PLAIN:
            key.append((kind, value) if kind is bool else value)
        else:
            return None
    return tuple(key)
