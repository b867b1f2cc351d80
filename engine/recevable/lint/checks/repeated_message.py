"""REG-MESSAGE-REPETE: two rules with the same message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.lint.model import Fault, View

CODE: Final = "REG-MESSAGE-REPETE"
SEVERITY: Final = Severity.WARNING


def check(view: View) -> Iterator[Fault]:
    """Report them within one request, at the second rule."""
    first: dict[tuple[str, str], str] = {}
    for rule in view.pack.rules.values():
        for cause in rule.causes:
            words = " ".join(cause.message.text.split())
            other = next((first[name, words] for name in rule.requests if (name, words) in first), rule.id)
            for name in rule.requests:
                first.setdefault((name, words), rule.id)
            if other != rule.id:
                message = f"ce message est aussi celui de la règle `{other}`"
                yield Fault(cause.message.span, message, "Dites dans chacun ce qui lui est propre.", rule.id)
