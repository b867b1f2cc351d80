"""`condition`: an expression that must be true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from recevable.pack.kinds.base import Content, Expression, Kind, RuleCompiler, decisive, read_cause
from recevable.pack.model import SATISFIED, Check, Rule

if TYPE_CHECKING:  # imported late: a command that finds its pack prepared reads no pack
    from recevable.pack.reader import Reader

FALSE: Final = "faux"


class Condition(Kind):
    """An expression that must be true: `condition: expression`, `si_faux`."""

    key = "condition"
    title = "Condition"
    noun = "une condition"
    keys = frozenset({"si_faux"})
    expressions = (Expression(("condition",), "Condition à remplir"),)

    def read(self, reader: Reader) -> Content:
        """Its one cause."""
        cause = read_cause(reader.mapping("si_faux"), FALSE, "si_faux", dated=True)
        return Content((cause,) if cause else ())

    def checks(self, rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
        """One check."""
        (test,) = self.proper(rule)
        closing = decisive(compiler.boolean(test.text), test, cause=FALSE, fails_when=False)
        dated = [step for cause in rule.causes for step in compiler.dated(cause)]
        return [Check(rule.id, FALSE, (*compiler.opening(rule), *dated, closing), SATISFIED)]
