"""What a rule tests, as French sentences."""

from __future__ import annotations

from recevable.decision.checklist import title_of
from recevable.decision.wording import words
from recevable.language.prose import prose
from recevable.language.tree import Expr
from recevable.pack.compiled import CompiledPack


def conditions(compiled: CompiledPack, context: str, rule: str, cause: str = "") -> tuple[str, ...]:
    """The tests of a rule about a request (`context`), in the order in which they are tried, as sentences.

    `cause` is one of the ways the rule can fail; empty, or one that the rule does not have: all its tests.
    """
    checks = [check for check in compiled.context(context).checks if check.rule == rule]
    chosen = [check for check in checks if check.cause == cause] or checks
    return tuple(dict.fromkeys(_say(compiled, step.test) for check in chosen for step in check.steps))


def _say(compiled: CompiledPack, expr: Expr) -> str:
    zone = compiled.pack.manifest.zone
    sentence = prose(
        expr, lambda op, name: title_of(compiled, op, name), lambda value, type_: words(value, type_, zone)
    )
    return f"{sentence[:1].upper()}{sentence[1:]}."
