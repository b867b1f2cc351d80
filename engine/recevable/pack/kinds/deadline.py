"""`delai`: an instant that must not come after another; the very second of the deadline is in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from recevable.pack.kinds.common import RuleCompiler, applicable, decisive, read_cause
from recevable.pack.model import SATISFIED, Cause, Check, Rule
from recevable.pack.nodes import Scalar

if TYPE_CHECKING:  # reading a pack is not on the path of a command that finds it already prepared
    from recevable.pack.reader import Reader

KEY: Final = "delai"
EXPRESSIONS: Final[dict[str, str]] = {"recu": "received", "au_plus_tard": "latest"}
EXCEEDED: Final = "depasse"


class Deadline(Struct, frozen=True):
    """What was received, and the last instant allowed."""

    received: Scalar | None
    latest: Scalar | None


def read(reader: Reader) -> tuple[Deadline, tuple[Cause, ...]]:
    """`delai: {recu, au_plus_tard}`, `si_depasse`."""
    body = reader.mapping(KEY)
    received = body.scalar("recu") if body else None
    latest = body.scalar("au_plus_tard") if body else None
    if body:
        body.finish()
    cause = read_cause(reader.mapping("si_depasse"), EXCEEDED)
    return Deadline(received, latest), (cause,) if cause else ()


def checks(rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
    """One check."""
    in_time = compiler.ordered(rule.body.received, "<=", rule.body.latest)
    test = decisive(in_time, cause=EXCEEDED, fails_when=False)
    return [Check(rule.id, EXCEEDED, (*applicable(rule, compiler), test), SATISFIED)]
