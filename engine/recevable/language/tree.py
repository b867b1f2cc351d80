"""The typed tree: small immutable nodes, built only by `check.py`, whose operation names a row of `operations.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from recevable.language.types import Type

FIELD: Final = "champ"
PARAMETER: Final = "parametre"
AMOUNT_NAME: Final = "valeur"
DEDUCTION: Final = "deduction"
TODAY: Final = "aujourd_hui"
VARIABLE: Final = "variable"
LITERAL: Final = "litteral"
ANSWER: Final = "reponse"
PRESENT: Final = "present"
ABSENT: Final = "absent"
AND: Final = "et"
OR: Final = "ou"
NOT: Final = "non"

# Leaves whose value comes from outside the expression.
REFERENCES: Final = frozenset({FIELD, PARAMETER, AMOUNT_NAME, DEDUCTION, TODAY, ANSWER})


@dataclass(frozen=True, slots=True)
class Expr:
    """A typed node.  `value` holds a literal, or the path or name of a reference.

    Two nodes are equal when they compute the same thing: their place in the text does not count.
    """

    op: str
    args: tuple[Expr, ...]
    type: Type
    value: Any = None
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


def nodes(expr: Expr) -> Iterator[Expr]:
    """Every node of a tree, children before their parent."""
    for child in expr.args:
        yield from nodes(child)
    yield expr


def references(expr: Expr, *ops: str) -> list[str]:
    """The distinct paths or names that a tree reads through the given operations, in order of appearance."""
    wanted = ops or tuple(REFERENCES)
    found: dict[str, None] = {}
    for node in nodes(expr):
        if node.op in wanted:
            found[str(node.value)] = None
        elif FIELD in wanted and node.op in (PRESENT, ABSENT) and isinstance(node.value, str):
            found[node.value] = None
    return list(found)
