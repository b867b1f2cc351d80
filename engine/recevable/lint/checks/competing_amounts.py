"""MON-CONCURRENTS: two rules that may give one number two values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import Expr
from recevable.language.unparse import literal, unparse
from recevable.lint.logic import normal
from recevable.lint.model import Fault, View
from recevable.pack.compiled import defined_name
from recevable.pack.kinds.amount import Amount
from recevable.pack.model import Rule

CODE: Final = "MON-CONCURRENTS"
SEVERITY: Final = Severity.ERROR
_HELP: Final = "Donnez à chacune un `quand` qui exclut l'autre, ou un autre nom."
# Each rule is compared with the first of its name: a name that hundreds of rules give is read in linear time.
_COMPARED: Final = 100
_SHOWN: Final = 3


def check(view: View) -> Iterator[Fault]:
    """Rules that no request separates: a name is computed by every rule that gives it, wherever it is used."""
    first: dict[object, Rule] = {}
    others: dict[str, list[tuple[Rule, Expr | None]]] = {}
    for rule in view.pack.rules.values():
        if not isinstance(rule.body, Amount) or rule.id in view.reading.inert:
            continue
        name = defined_name(rule)
        when = view.reading.applies(view.reading.contexts(rule)[0], rule)
        other = first.setdefault((name, None if when is None else normal(when)), rule)
        if other is not rule:
            message = f"`{rule.id}` et `{other.id}` donnent `{name}` dans les mêmes cas"
            yield Fault(rule.span, message, _HELP, rule.id)
            continue
        before = others.setdefault(name, [])
        for other, its in before[:_COMPARED]:
            goals = [(expr, True) for expr in (its, when) if expr is not None]
            example = view.reading.logic.together(*goals)
            if example is not None:
                message = f"`{rule.id}` et `{other.id}` peuvent donner `{name}` dans un même cas{_said(example, view)}"
                yield Fault(rule.span, message, _HELP, rule.id)
                break
        before.append((rule, when))


def _said(example: dict[Expr, Any], view: View) -> str:
    """The first values that put two rules in one case, as a rule writes them."""
    zone = view.pack.manifest.zone
    shown = [f"`{unparse(term)}` = {literal(value, zone)}" for term, value in example.items()]
    return f", par exemple {', '.join(shown[:_SHOWN])}{', …' if len(shown) > _SHOWN else ''}" if shown else ""
