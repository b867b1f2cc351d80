"""`indu`: a case in which money may have to be paid back.

The machine establishes the case, its modality, the amount at stake and the step of the procedure; it never orders
anything: every step is handed to a human, save those that the rule declares closed (`resultat: satisfait`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from recevable.pack.kinds.common import RuleCompiler, applicable
from recevable.pack.model import MISSING, NOT_APPLICABLE, Cause, Check, Outcome, Result, Rule, Step
from recevable.pack.nodes import Scalar
from recevable.pack.nodes import Sequence as YamlSequence

if TYPE_CHECKING:  # reading a pack is not on the path of a command that finds it already prepared
    from recevable.pack.reader import Reader

KEY: Final = "indu"
EXPRESSIONS: Final[dict[str, str]] = {KEY: "established", "montant": "amount"}
MODALITIES: Final = ("obligatoire", "facultative", "non_precisee")
BASES: Final = ("exact", "maximum", "proposition")


class Undue(Struct, frozen=True):
    """When the case is established, how binding the text is, and the amount: exact, a maximum or a proposal."""

    established: Scalar | None
    modality: str
    amount: Scalar | None
    basis: str


def read(reader: Reader) -> tuple[Undue, tuple[Cause, ...]]:
    """`indu: expression`, `modalite`, `montant`, `assiette`, `etapes: [{etape, si, message}, ...]`."""
    steps: list[Cause] = []
    items = list(reader.mappings("etapes", "une étape"))
    for rank, item in enumerate(items):
        name, message = item.name("etape", "une étape"), item.scalar("message")
        when = item.scalar("si", required=rank < len(items) - 1)
        result = item.choice("resultat", ("satisfait", "a_apprecier"), required=False) or "a_apprecier"
        item.finish()
        if name is not None and any(step.name == name.text for step in steps):
            help = "Donnez-lui un autre nom."
            item.fault("PAQ-CAUSE", f"l'étape `{name.text}` figure deux fois dans la règle", name.span, help)
        if when is not None and rank == len(items) - 1:
            help = "Supprimez ce `si`, ou ajoutez une étape après : la dernière vaut quand aucune autre ne convient."
            item.fault("PAQ-ETAPES", "la dernière étape ne doit pas avoir de `si`", item.node.keys["si"].span, help)
        if name is not None and message is not None:
            steps.append(Cause(name.text, message, when=when, result=Result(result)))
    node = reader.node.entries.get("etapes")
    if isinstance(node, YamlSequence) and not node.items:
        help = "Écrivez au moins une étape, la dernière sans `si`."
        reader.fault("PAQ-ETAPES", "un indu a au moins une étape", node.span, help)
    body = Undue(
        reader.scalar(KEY),
        reader.choice("modalite", MODALITIES),
        reader.scalar("montant"),
        reader.choice("assiette", BASES),
    )
    return body, tuple(steps)


def checks(rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
    """One check: the case, then the first step whose condition holds."""
    chain = [*applicable(rule, compiler), Step(compiler.boolean(rule.body.established), None, NOT_APPLICABLE)]
    final = MISSING
    for cause in rule.causes:
        outcome = Outcome(cause.result, cause.name)
        if cause.when is None:
            final = outcome
        else:
            chain.append(Step(compiler.boolean(cause.when), outcome, None))
    return [Check(rule.id, "", tuple(chain), final)]
