"""`deduction`: a named truth value that other rules use like a field; the network chains them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from recevable.pack.kinds.common import RuleCompiler
from recevable.pack.model import Cause, Check, Rule
from recevable.pack.nodes import Scalar

if TYPE_CHECKING:  # reading a pack is not on the path of a command that finds it already prepared
    from recevable.pack.reader import Reader

KEY: Final = "deduction"
EXPRESSIONS: Final[dict[str, str]] = {"vaut": "value"}


class Deduction(Struct, frozen=True):
    """A name and the boolean expression that it stands for."""

    name: Scalar | None
    value: Scalar | None


def read(reader: Reader) -> tuple[Deduction, tuple[Cause, ...]]:
    """`deduction: nom`, `vaut: expression`."""
    return Deduction(reader.name(KEY, "une déduction"), reader.scalar("vaut")), ()


def checks(rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
    """A name is not a question."""
    return ()
