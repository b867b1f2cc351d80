"""Every operator: those of parameters, of the expressions of a rule, of a whole rule, and those of a kind of rule."""

from __future__ import annotations

from recevable.pack.kinds import KINDS
from recevable.trials.mutation.model import Operator
from recevable.trials.mutation.operators.expressions import EXPRESSIONS
from recevable.trials.mutation.operators.parameters import VALUE
from recevable.trials.mutation.operators.rules import RULES, of_kind


def operators() -> dict[str, Operator]:
    """Every operator, by the name that people read."""
    own = [of_kind(one) for kind in KINDS.values() for one in kind.operators]
    return {operator.name: operator for operator in (VALUE, *EXPRESSIONS, *RULES, *own)}
