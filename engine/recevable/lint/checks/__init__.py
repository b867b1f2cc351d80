"""The closed list of checks, one module per fault; `CHECKS` maps codes to modules."""

from __future__ import annotations

from typing import Final

from recevable.lint.checks import (
    always_applies,
    always_fails,
    competing_amounts,
    constant_deduction,
    contradictory_rules,
    duplicate_rule,
    empty_value,
    expired_parameter,
    impossible_text,
    inert_requirement,
    late_parameter,
    lost_text,
    misplaced_date,
    month_arithmetic,
    never_applies,
    never_fails,
    odd_amount,
    outcome_without_example,
    raw_identifier,
    repeated_message,
    repeated_value,
    silent_message,
    two_consequences,
    unconditional_exception,
    undeclared_documents,
    unknown_section,
    unknown_value,
    unrounded_amount,
    untitled_parameter,
    unused_name,
    unused_parameter,
    unverified_parameter,
    without_example,
    without_requirement,
    written_value,
)
from recevable.lint.model import Check

_MODULES: Final[tuple[Check, ...]] = (
    # rules
    without_requirement,
    without_example,
    outcome_without_example,
    never_applies,
    always_applies,
    never_fails,
    always_fails,
    constant_deduction,
    unconditional_exception,
    duplicate_rule,
    contradictory_rules,
    two_consequences,
    unused_name,
    repeated_message,
    silent_message,
    lost_text,
    # expressions, amounts and dates
    written_value,
    impossible_text,
    raw_identifier,
    empty_value,
    competing_amounts,
    unrounded_amount,
    misplaced_date,
    month_arithmetic,
    # parameters
    untitled_parameter,
    unused_parameter,
    late_parameter,
    expired_parameter,
    unknown_value,
    odd_amount,
    repeated_value,
    unverified_parameter,
    # sources and traceability
    undeclared_documents,
    unknown_section,
    inert_requirement,
)
CHECKS: Final[dict[str, Check]] = {module.CODE: module for module in _MODULES}
