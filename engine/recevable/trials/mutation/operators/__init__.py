"""The closed list of operators: one module each; `OPERATORS` finds them by the name that people read."""

from __future__ import annotations

from typing import Final

from recevable.trials.mutation.model import Operator
from recevable.trials.mutation.operators import (
    answer,
    arithmetic,
    comparison,
    connective,
    consequence,
    deadline,
    dropped_key,
    dropped_rule,
    fixed_deduction,
    moment,
    negation,
    number,
    presence,
    request,
    reserve,
    rounding,
    term,
    undue,
    value,
)

_MODULES: Final[tuple[Operator, ...]] = (
    value, number, moment, deadline, comparison, connective, term, negation, presence, arithmetic, rounding,
    fixed_deduction, dropped_rule, dropped_key, consequence, request, reserve, answer, undue,
)  # fmt: skip
OPERATORS: Final[dict[str, Operator]] = {module.NAME: module for module in _MODULES}
