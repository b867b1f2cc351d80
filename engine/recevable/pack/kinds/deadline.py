"""`delai`: an instant that must not be later than another; equality is in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from recevable.pack.kinds.base import Content, Expression, Kind, Place, RuleCompiler, decisive, read_cause
from recevable.pack.model import SATISFIED, Check, Rule

if TYPE_CHECKING:  # imported late: a command that finds its pack prepared reads no pack
    from recevable.pack.reader import Reader

EXCEEDED: Final = "depasse"


class Deadline(Kind):
    """The instant of reception and the last instant allowed: `delai: {recu, au_plus_tard}`, `si_depasse`."""

    key = "delai"
    title = "Délai"
    noun = "un délai"
    keys = frozenset({"si_depasse"})
    expressions = (
        Expression(("delai", "recu"), "Ce qui est daté"),
        Expression(("delai", "au_plus_tard"), "Au plus tard"),
    )
    latest = "au_plus_tard"
    listed = Place.DEADLINE

    def read(self, reader: Reader) -> Content:
        """Its one cause."""
        cause = read_cause(reader.mapping("si_depasse"), EXCEEDED, "si_depasse", dated=True)
        return Content((cause,) if cause else ())

    def checks(self, rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
        """One check."""
        received, latest = self.proper(rule)
        in_time = compiler.ordered(received.text, "<=", latest.text)
        closing = decisive(in_time, received, latest, cause=EXCEEDED, fails_when=False)
        dated = [step for cause in rule.causes for step in compiler.dated(cause)]
        return [Check(rule.id, EXCEEDED, (*compiler.opening(rule), *dated, closing), SATISFIED)]
