"""The closed list of rule kinds, one module each, which holds everything specific to the kind.

Other code never tests which kind a rule is: it uses the rule's values (`Rule.defined`, `question`, `claim`, `causes`)
or the properties of its `Kind`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from recevable.pack.kinds.amount import Amount
from recevable.pack.kinds.appraisal import Appraisal
from recevable.pack.kinds.base import Kind, Place
from recevable.pack.kinds.calculation import Calculation
from recevable.pack.kinds.condition import Condition
from recevable.pack.kinds.deadline import Deadline
from recevable.pack.kinds.deduction import Deduction
from recevable.pack.kinds.piece import Piece
from recevable.pack.kinds.undue import Undue
from recevable.pack.model import Rule, Written

_ALL: Final[tuple[type[Kind], ...]] = (Piece, Condition, Deadline, Amount, Calculation, Deduction, Appraisal, Undue)
# In the order of the documentation.
KINDS: Final[dict[str, Kind]] = {kind.key: kind() for kind in _ALL}


def kind_of(rule: Rule) -> Kind:
    """The `Kind` of a rule."""
    return KINDS[rule.kind]


def written(rule: Rule) -> Iterator[Written]:
    """Every expression of a rule, in reading order."""
    return kind_of(rule).written(rule)


def documents(rules: Iterable[Rule]) -> set[str]:
    """The paths of the documents that rules ask for."""
    return {
        rule.expressions[expression.path[-1]].text
        for rule in rules
        for expression in kind_of(rule).expressions
        if kind_of(rule).listed is Place.DOCUMENT and expression.name
    }
