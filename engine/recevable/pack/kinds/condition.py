"""`condition`: something that must be true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from recevable.pack.kinds.common import RuleCompiler, applicable, decisive, read_cause
from recevable.pack.model import SATISFIED, Cause, Check, Rule
from recevable.pack.nodes import Scalar

if TYPE_CHECKING:  # reading a pack is not on the path of a command that finds it already prepared
    from recevable.pack.reader import Reader

KEY: Final = "condition"
EXPRESSIONS: Final[dict[str, str]] = {KEY: "test"}
FALSE: Final = "faux"


class Condition(Struct, frozen=True):
    """The expression that must be true."""

    test: Scalar | None


def read(reader: Reader) -> tuple[Condition, tuple[Cause, ...]]:
    """`condition: expression`, `si_faux`."""
    cause = read_cause(reader.mapping("si_faux"), FALSE)
    return Condition(reader.scalar(KEY)), (cause,) if cause else ()


def checks(rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
    """One check."""
    test = decisive(compiler.boolean(rule.body.test), cause=FALSE, fails_when=False)
    return [Check(rule.id, FALSE, (*applicable(rule, compiler), test), SATISFIED)]
