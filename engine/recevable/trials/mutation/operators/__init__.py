"""Every operator: one module for each that concerns any rule, and those that the kinds of rule have of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.pack.kinds import KINDS, kind_of
from recevable.pack.kinds.base import MutationOperator
from recevable.pack.model import Rule
from recevable.trials.mutation.model import DROPPED, Change, Operator, OperatorModule, View
from recevable.trials.mutation.operators import (
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
    term,
    value,
)

_MODULES: Final[tuple[OperatorModule, ...]] = (
    value, number, moment, deadline, comparison, connective, term, negation, presence, arithmetic,
    fixed_deduction, dropped_rule, dropped_key, consequence, request,
)  # fmt: skip


def operators() -> dict[str, Operator]:
    """Every operator, by the name that people read."""
    general = [Operator(module.NAME, module.TITLE, module.NOTICED_BY, module.changes) for module in _MODULES]
    own = [_of_kind(one) for kind in KINDS.values() for one in kind.operators]
    return {operator.name: operator for operator in (*general, *own)}


def _of_kind(own: MutationOperator) -> Operator:
    """An operator that some kind has, as one that is given any rule."""

    def changes(view: View) -> Iterator[Change]:
        rule = view.subject
        if isinstance(rule, Rule) and own in kind_of(rule).operators:
            for one in own.changes(rule):
                after = DROPPED if one.after is None else one.after
                yield Change(one.key, view.place(*one.path), one.before, after, one.rule)

    return Operator(own.name, own.title, own.noticed_by, changes)
