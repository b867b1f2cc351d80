"""`piece`: a document of the request, absent, invalid in several ways, or out of date.

Every defect has its own check, so that one answer shows them all; none is looked for in a document that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from recevable.pack.kinds.common import RuleCompiler, applicable, decisive, read_cause
from recevable.pack.model import NOT_APPLICABLE, SATISFIED, Cause, Check, Rule, Step
from recevable.pack.nodes import Scalar

if TYPE_CHECKING:  # reading a pack is not on the path of a command that finds it already prepared
    from recevable.pack.reader import Reader

KEY: Final = "piece"
EXPRESSIONS: Final[dict[str, str]] = {KEY: "path"}
ABSENT: Final = "absente"
EXPIRED: Final = "perimee"


class Piece(Struct, frozen=True):
    """Where the document lies in the dossier."""

    path: Scalar | None


def read(reader: Reader) -> tuple[Piece, tuple[Cause, ...]]:
    """`piece: chemin`, `si_absente`, `si_invalide: [...]`, `si_perimee`."""
    causes = [read_cause(reader.mapping("si_absente"), ABSENT)]
    seen: set[str] = set()
    for item in reader.mappings("si_invalide", "un défaut de la pièce", required=False):
        name = item.name("cause", "une cause")
        cause = read_cause(item, name.text if name else "", condition=True)
        if name is not None and name.text in (ABSENT, EXPIRED):
            help = f"Employez `si_{name.text}`, ou choisissez un autre mot."
            item.fault("PAQ-CAUSE", f"la cause `{name.text}` a sa propre clé", name.span, help)
        elif name is not None and name.text in seen:
            message = f"la cause `{name.text}` figure deux fois dans la règle"
            item.fault("PAQ-CAUSE", message, name.span, "Donnez-lui un autre nom.")
        if name is not None:
            seen.add(name.text)
        causes.append(cause)
    if reader.has("si_perimee"):
        causes.append(read_cause(reader.mapping("si_perimee"), EXPIRED, condition=True))
    return Piece(reader.scalar(KEY)), tuple(c for c in causes if c is not None)


def checks(rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
    """One check for the presence, one per defect."""
    present = compiler.presence(rule.body.path)
    opening = applicable(rule, compiler)
    found = []
    for cause in rule.causes:
        if cause.when is None:
            steps = (*opening, decisive(present, cause=ABSENT, fails_when=False))
        else:
            there = Step(present, None, NOT_APPLICABLE)
            steps = (
                *opening,
                there,
                decisive(compiler.boolean(cause.when), cause=cause.name, fails_when=True),
            )
        found.append(Check(rule.id, cause.name, steps, SATISFIED))
    return found
