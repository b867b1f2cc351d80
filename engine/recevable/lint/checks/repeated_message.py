"""REG-MESSAGE-REPETE: two rules with the same message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View
from recevable.pack.model import Rule

CODE: Final = "REG-MESSAGE-REPETE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report them within one request, at the second rule; two rules never in force together may share one."""
    rules_by_message: dict[tuple[str, str], list[Rule]] = {}
    for rule in view.pack.rules.values():
        for cause in rule.causes:
            words = " ".join(cause.message.text.split())
            before = [one for name in rule.requests for one in rules_by_message.setdefault((name, words), [])]
            other = next((one for one in before if one.id != rule.id and not _apart(one, rule)), None)
            for name in rule.requests:
                rules_by_message[name, words].append(rule)
            if other is not None:
                message = f"ce message est aussi celui de la règle `{other.id}`"
                yield Fault(cause.message.span, message, "Dites dans chacun ce qui lui est propre.", rule.id)


def _apart(one: Rule, other: Rule) -> bool:
    """Whether one rule ends before the other begins, by the same day."""
    first, second = one.in_force, other.in_force
    if first is None or second is None or (first.on and first.on.text) != (second.on and second.on.text):
        return False
    spans = [(span.start or date.min, span.end or date.max) for span in (first, second)]
    return spans[0][1] < spans[1][0] or spans[1][1] < spans[0][0]
