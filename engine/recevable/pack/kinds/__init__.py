"""The closed list of rule kinds: one module each, named after what it is, that holds everything proper to the kind.

Whoever else needs to know what a rule does asks its values (`Rule.defined`, `question`, `claim`, `causes`) or what its
kind says of itself (`Kind`), never which kind it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.pack.kinds.amount import Amount
from recevable.pack.kinds.appraisal import Appraisal
from recevable.pack.kinds.base import Kind
from recevable.pack.kinds.condition import Condition
from recevable.pack.kinds.deadline import Deadline
from recevable.pack.kinds.deduction import Deduction
from recevable.pack.kinds.piece import Piece
from recevable.pack.kinds.undue import Undue
from recevable.pack.model import Rule, Written

_ALL: Final[tuple[type[Kind], ...]] = (Piece, Condition, Deadline, Amount, Deduction, Appraisal, Undue)
# In the order in which people read of them.
KINDS: Final[dict[str, Kind]] = {kind.key: kind() for kind in _ALL}


def kind_of(rule: Rule) -> Kind:
    """What the kind of a rule says of itself."""
    return KINDS[rule.kind]


def written(rule: Rule) -> Iterator[Written]:
    """Every expression of a rule, in the order in which one reads it."""
    return kind_of(rule).written(rule)
