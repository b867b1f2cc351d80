"""Dependencies: from an expression through the names that it reads (`readers.py`: from a name to its readers)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from recevable.language.tree import (
    ABSENT,
    AMOUNT_NAME,
    ANSWER,
    DEDUCTION,
    FIELD,
    HISTORY,
    PARAMETER,
    PRESENT,
    Expr,
    nodes,
)
from recevable.pack.model import Definition

# The operations that read something: fields, parameters, names and answers of other rules.
READ: Final = (FIELD, PARAMETER, DEDUCTION, AMOUNT_NAME, ANSWER)
NAMES: Final = (DEDUCTION, AMOUNT_NAME)

# The operation that reads, and its path or name.
Read = tuple[str, str]


def reads(expr: Expr) -> Iterator[Read]:
    """What an expression reads directly, in order of appearance; a presence test counts as a read."""
    for node in nodes(expr):
        if node.op in READ:
            yield node.op, node.value
        elif node.op == HISTORY:
            yield PARAMETER, node.value
        elif node.op in (PRESENT, ABSENT) and isinstance(node.value, str):
            yield FIELD, node.value


class Graph:
    """The names of one context, followed transitively; results are cached."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self.definitions: Mapping[str, Definition] = {d.name: d for d in definitions}
        self._followed: dict[str, dict[Read, None]] = {}

    def definition(self, op: str, name: str) -> Definition | None:
        """The definition of a name; None for anything else, or when this context does not compute it."""
        return self.definitions.get(name) if op in NAMES else None

    def follow(self, *exprs: Expr) -> dict[Read, None]:
        """All that expressions read, directly or through names, names included, each before its own reads."""
        found: dict[Read, None] = {}
        for expr in exprs:
            for op, name in reads(expr):
                found |= {(op, name): None} if self.definition(op, name) is None else self.of(name)
        return found

    def of(self, name: str) -> dict[Read, None]:
        """A name and all that it is computed from."""
        if name not in self._followed:
            definition = self.definitions[name]
            op = DEDUCTION if definition.deduction is not None else AMOUNT_NAME
            self._followed[name] = {(op, name): None, **self.follow(*definition.exprs)}
        return self._followed[name]

    def reached(self, *exprs: Expr) -> Iterator[Expr]:
        """Expressions, and those of all the names that they read, without duplicates."""
        yield from exprs
        for op, name in self.follow(*exprs):
            definition = self.definition(op, name)
            if definition is not None:
                yield from definition.exprs

    def subject_to(self, read: Iterable[Read]) -> dict[str, None]:
        """The questions that affect these reads: declared by the numbers read, or whose answers are read."""
        found: dict[str, None] = {}
        for op, name in read:
            definition = self.definition(op, name)
            if op == ANSWER:
                found[name] = None
            elif definition is not None:
                found.update(dict.fromkeys(question for amount in definition.amounts for question in amount.subject_to))
        return found
