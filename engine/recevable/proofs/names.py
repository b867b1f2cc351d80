"""The variables and functions that terms of the solver are made of, each a bit of a number; a term is read once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import z3
from z3 import z3core


class Names:
    """The variables and functions of terms, which are kept: the identity of one that is gone may serve again."""

    def __init__(self) -> None:
        self._bits: dict[int, int] = {}
        self._known: dict[int, int] = {}
        self._kept: list[Any] = []

    def of(self, *terms: Any) -> int:
        """The bits of the variables and functions of terms, or of a function itself."""
        found = 0
        for term in terms:
            if isinstance(term, z3.FuncDeclRef):
                found |= self._bit(z3core.Z3_get_func_decl_id(term.ctx.ref(), term.ast))
                continue
            key = term.get_id()
            if key not in self._known:
                self._kept.append(term)
                self._read(term)
            found |= self._known[key]
        return found

    def _read(self, term: Any) -> None:
        # the solver's own functions: its objects in Python cost ten times as much
        context, known, waiting = term.ctx.ref(), self._known, [term.as_ast()]
        while waiting:
            term = waiting[-1]
            key = z3core.Z3_get_ast_id(context, term)
            if key in known:
                waiting.pop()
                continue
            parts = [
                z3core.Z3_get_app_arg(context, term, rank) for rank in range(z3core.Z3_get_app_num_args(context, term))
            ]
            keys = [z3core.Z3_get_ast_id(context, part) for part in parts]
            unread = [part for part, one in zip(parts, keys, strict=True) if one not in known]
            if unread:
                waiting += unread
                continue
            found = 0
            for one in keys:
                found |= known[one]
            function = z3core.Z3_get_app_decl(context, term)
            if z3core.Z3_get_decl_kind(context, function) == z3.Z3_OP_UNINTERPRETED:
                found |= self._bit(z3core.Z3_get_func_decl_id(context, function))
            known[key] = found
            waiting.pop()

    def _bit(self, function: int) -> int:
        return self._bits.setdefault(function, 1 << len(self._bits))


def bits(names: int) -> Iterator[int]:
    """Each bit of a number."""
    while names:
        lowest = names & -names
        yield lowest
        names ^= lowest
