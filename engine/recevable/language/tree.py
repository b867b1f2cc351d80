"""The typed tree: small immutable nodes, built only by `check.py`; each operation is a row of `operations.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from recevable.language.types import Type

FIELD: Final = "champ"
PARAMETER: Final = "parametre"
AMOUNT_NAME: Final = "valeur"
DEDUCTION: Final = "deduction"
TODAY: Final = "aujourd_hui"
VARIABLE: Final = "variable"
LITERAL: Final = "litteral"
ANSWER: Final = "reponse"
# The result of a rule: as written it has no operand, compiled it has how it is computed (`pack.results`).
RESULT: Final = "resultat"
# Begins the member of an element that holds the answer about it: no field can have a space in its name.
_ANSWERED: Final = "reponse "
PRESENT: Final = "present"
ABSENT: Final = "absent"
AND: Final = "et"
OR: Final = "ou"
FILTER: Final = "filtre"
NOT: Final = "non"
# The values of a parameter over time, and one of them at a date.
HISTORY: Final = "historique"
AT: Final = "au"
# The request under examination, in a path: `demande.recue_le`.
REQUEST: Final = "demande"
# The element of a list in a path: `embauches[].salaire`, where the request is made for each element.
ELEMENT: Final = "[]"
# The element of a list that a rule is about, in a path: `factures[*].montant`, where the rule says `f.montant`.
EACH: Final = "[*]"
# What was decided on the requests made for the elements of a list: `somme(d dans demandes.embauche, d.accorde)`.
DECIDED: Final = "demandes"
# The rank of that element, from 0: not a name of the language, only what tells one element from another.
RANK: Final = "rang"
# The value of a table for what it depends on.
IN_GRID: Final = "grille"
IN_SCALE: Final = "bareme"

# Leaves whose value comes from outside the expression.
REFERENCES: Final = frozenset({FIELD, PARAMETER, HISTORY, AMOUNT_NAME, DEDUCTION, TODAY, ANSWER})


class Expr(Struct, frozen=True, eq=False):
    """A typed node.  `value` holds a literal, or the path or name of a reference; that of a `non` in a filter, which
    rules set elements of the list aside.

    Two nodes are equal when they compute the same thing; their place in the text is ignored.
    """

    op: str
    args: tuple[Expr, ...]
    type: Type
    value: Any = None
    start: int = 0
    end: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expr) and self._key() == other._key()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.op, self.value, self.args))

    def _key(self) -> tuple[object, ...]:
        # as text: 24 hours equal one day, and 2.0 equals 2.00, but they compute differently
        return (self.op, repr(self.value), self.type, self.args)


def source_of(loop: Expr) -> Expr:
    """What a list function goes through before any filter: a field, or a member of the element of a loop around it."""
    source = loop.args[0]
    return source.args[0] if source.op == FILTER else source


def list_path(source: Expr, lists: Mapping[str, str]) -> str:
    """The path of a list, from those of the loops around it by variable: `lots[].factures`."""
    if source.op != VARIABLE:
        return str(source.value)
    variable, path = source.value
    return f"{lists[variable]}[].{path}"


def answer_member(rule: str) -> str:
    """The member of an element under which functions on its list read the answer to a question about it."""
    return f"{_ANSWERED}{rule.replace('.', '_')}"


def reads_answers(expr: Expr) -> bool:
    """Whether an expression reads answers to questions about the elements of a list."""
    return any(node.op == VARIABLE and node.value[1].startswith(_ANSWERED) for node in nodes(expr))


def nodes(expr: Expr) -> Iterator[Expr]:
    """Every node of a tree, children before their parent."""
    for child in expr.args:
        if child.args:
            yield from nodes(child)
        else:
            yield child
    yield expr


def references(expr: Expr, *ops: str) -> list[str]:
    """The distinct paths or names that a tree reads with the given operations, in order of appearance.

    A parameter read at a date of the law is read as any other.
    """
    wanted = ops or tuple(REFERENCES)
    found: dict[str, None] = {}
    for node in nodes(expr):
        if node.op in wanted or (PARAMETER in wanted and node.op == HISTORY):
            found[str(node.value)] = None
        elif FIELD in wanted and node.op in (PRESENT, ABSENT) and isinstance(node.value, str):
            found[node.value] = None
    return list(found)
