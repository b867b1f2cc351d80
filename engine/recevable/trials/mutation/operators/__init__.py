"""All operators: on parameters, on the expressions of a rule, on a whole rule, and those specific to a kind."""

from __future__ import annotations

from recevable.pack.kinds import KINDS
from recevable.trials.mutation.model import Operator
from recevable.trials.mutation.operators.expressions import EXPRESSIONS
from recevable.trials.mutation.operators.parameters import VALUE
from recevable.trials.mutation.operators.rules import RULES, of_kind


def operators() -> dict[str, Operator]:
    """Every operator, by its displayed name."""
    own = [of_kind(one) for kind in KINDS.values() for one in kind.operators]
    return {operator.name: operator for operator in (VALUE, *EXPRESSIONS, *RULES, *own)}
