"""Copies of the values of a compiled pack in which what is the same is one object.

A pack says the same things many times: the same expression in several contexts, the same outcome in many checks.  A
copy where each is one object is smaller to keep, faster to read, and has each expression built once.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from msgspec import Struct

from recevable.language.tree import Expr
from recevable.pack.model import Parameter, Rule

_T = TypeVar("_T")

# What only diagnostics, editors and examples read, left out of the copies.
_LEFT_OUT: Final[dict[type[Struct], dict[str, Any]]] = {
    Expr: {"start": 0, "end": 0},
    Rule: {"examples": (), "node": None},
    Parameter: {"node": None},
}


class Shared:
    """Copies values; the same values, in any number of calls, give the same object."""

    def __init__(self) -> None:
        # by type and identity of the parts: equal values may differ in a way that matters, as 2.0 and 2.00 do
        self._known: dict[tuple[Any, ...], Any] = {}
        # by identity, with what was copied, which must live as long as its identity is known
        self._copies: dict[int, tuple[Any, Any]] = {}

    def copy(self, value: _T) -> _T:
        """A copy of a value; what is neither a text, a tuple, a mapping nor a Struct is not copied."""
        known = self._copies.get(id(value))
        if known is None:
            known = self._copies[id(value)] = (value, self._copy(value))
        copied: _T = known[1]
        return copied

    def _copy(self, value: Any) -> Any:
        kind = type(value)
        if kind is str:
            return self._known.setdefault((str, value), value)
        if kind is tuple:
            parts = [self.copy(part) for part in value]
            made: Any = tuple(parts)
        elif kind is dict:
            parts = [self.copy(part) for item in value.items() for part in item]
            made = dict(zip(parts[::2], parts[1::2], strict=True))
        elif isinstance(value, Struct):
            left_out = _LEFT_OUT.get(kind, {})
            parts = [
                left_out[name] if name in left_out else self.copy(getattr(value, name))
                for name in value.__struct_fields__
            ]
            made = kind(*parts)
        else:
            return value
        # the parts live in what is made of them
        return self._known.setdefault((kind, *map(id, parts)), made)
