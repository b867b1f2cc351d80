"""What the rule kinds share: reading a cause, and the first test of every chain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from recevable.language.tree import Expr
from recevable.pack.model import MISSING, NOT_APPLICABLE, SATISFIED, Cause, Consequence, Rule, Step, failed
from recevable.pack.nodes import Scalar

if TYPE_CHECKING:  # reading a pack is not on the path of a command that finds it already prepared
    from recevable.pack.reader import Reader

CONSEQUENCES = tuple(Consequence)
_BRACES: Final = re.compile(r"\{[^{}]*\}")


class RuleCompiler(Protocol):
    """What a kind needs to turn texts into typed trees, in one context."""

    def boolean(self, text: Scalar) -> Expr:
        """A condition."""

    def ordered(self, left: Scalar, op: str, right: Scalar) -> Expr:
        """The comparison of two expressions."""

    def presence(self, path: Scalar) -> Expr:
        """Whether a field is in the dossier."""

    def answer(self, rule: str, value: str) -> Expr:
        """Whether the recorded answer to an appraisal is this one."""

    def applicability(self, rule: Rule) -> Expr | None:
        """The effective `quand` of a rule, its exceptions taken off; None when it always applies."""


def read_cause(reader: Reader | None, name: str, *, condition: bool = False, consequence: bool = True) -> Cause | None:
    """A cause: `{consequence, message, reparation}`, with its own `si` when `condition`."""
    if reader is None:
        return None
    when = reader.scalar("si") if condition else None
    effect = reader.choice("consequence", CONSEQUENCES, required=consequence)
    message = reader.scalar("message")
    repair = _plain(reader, "reparation")
    party = reader.scalar("aupres_de", required=False)
    reader.finish()
    if message is None:
        return None
    return Cause(name, message, Consequence(effect) if effect else None, repair, when, party)


def _plain(reader: Reader, key: str) -> str:
    """A text that says no value of the dossier: braces would be shown as they are."""
    found = reader.scalar(key, required=False)
    braces = _BRACES.search(found.text) if found else None
    if found and braces:
        help = "Écrivez la valeur dans `message`, ou dites ici ce qu'il faut faire sans elle."
        reader.fault("PAQ-TEXTE", f"`{key}` ne remplace pas `{braces[0]}` par sa valeur", found.span, help)
    return found.text if found else ""


def applicable(rule: Rule, compiler: RuleCompiler) -> tuple[Step, ...]:
    """The opening test of every chain: a rule that does not apply is `sans_objet`, one that may apply is `manquant`."""
    when = compiler.applicability(rule)
    return () if when is None else (Step(when, None, NOT_APPLICABLE, MISSING),)


def decisive(test: Expr, *, cause: str, fails_when: bool) -> Step:
    """The closing test of a chain: one truth value satisfies, the other fails by `cause`."""
    bad = failed(cause)
    return Step(test, bad, SATISFIED) if fails_when else Step(test, SATISFIED, bad)
