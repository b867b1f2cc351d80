"""TRA-SANS-EFFET: a requirement covered only by rules without effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.pack.requirements import Treatment, covering

CODE: Final = "TRA-SANS-EFFET"
SEVERITY: Final = Severity.ERROR


def check(view: View) -> Iterator[Fault]:
    """Report them; a requirement that no rule cites is reported elsewhere."""
    if view.inventory is None:
        return
    cited = covering(view.pack)
    for requirement in view.inventory.requirements.values():
        rules = cited.get(requirement.id.text, [])
        if requirement.treatment is Treatment.RULE and rules and view.analysis.inert.issuperset(rules):
            names = ", ".join(f"`{name}`" for name in rules)
            message = f"l'exigence `{requirement.id.text}` n'est portée que par des règles sans effet : {names}"
            help = "Corrigez le `quand` de ces règles, ou citez l'exigence dans une règle qui s'applique."
            yield Fault(requirement.id.span, message, help, requirement.id.text)
