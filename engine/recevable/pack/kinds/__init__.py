"""The closed list of rule kinds: one module each, named after the key that announces it.

A kind module has `KEY`, `EXPRESSIONS`, `read` (YAML to its body and causes) and `checks` (body to the questions both
engines answer).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from recevable.pack.kinds import amount, appraisal, condition, deadline, deduction, piece, undue
from recevable.pack.kinds.common import RuleCompiler
from recevable.pack.model import Cause, Check, Rule
from recevable.pack.nodes import Scalar

if TYPE_CHECKING:  # reading a pack is not on the path of a command that finds it already prepared
    from recevable.pack.reader import Reader


class RuleKind(Protocol):
    """What a kind module offers."""

    KEY: str
    # the expressions of a body: the key in the file, the field of the struct
    EXPRESSIONS: dict[str, str]

    def read(self, reader: Reader) -> tuple[object, tuple[Cause, ...]]:
        """Read what is proper to the kind."""

    def checks(self, rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
        """The questions of a rule in one context."""


KINDS: Final[dict[str, RuleKind]] = {
    module.KEY: module for module in (piece, condition, deadline, amount, deduction, appraisal, undue)
}


def expressions(rule: Rule) -> Iterator[tuple[str, str, Scalar]]:
    """What is proper to the kind of a rule: for each expression written, its key, its field and its text."""
    for key, field in KINDS[rule.kind].EXPRESSIONS.items():
        text: Scalar | None = getattr(rule.body, field)
        if text is not None:
            yield key, field, text
