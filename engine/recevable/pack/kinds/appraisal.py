"""`appreciation`: a question that only a human may answer.

While no valid answer is recorded the result is `a_apprecier`; a recorded answer has the effect its rule announces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from recevable.pack.kinds.common import RuleCompiler, applicable, read_cause
from recevable.pack.model import SATISFIED, TO_APPRAISE, Cause, Check, Outcome, Rule, Step, failed
from recevable.pack.nodes import Scalar

if TYPE_CHECKING:  # reading a pack is not on the path of a command that finds it already prepared
    from recevable.pack.reader import Reader

KEY: Final = "appreciation"
EXPRESSIONS: Final[dict[str, str]] = {}
# Where a dossier records the answers.
APPRAISALS: Final = "appreciations"


class Appraisal(Struct, frozen=True):
    """The question, and the effect of each answer: an outcome per answer word."""

    question: Scalar | None
    answers: dict[str, Outcome]


def read(reader: Reader) -> tuple[Appraisal, tuple[Cause, ...]]:
    """`appreciation: question`, `reponses: {mot: {resultat: satisfait} | {consequence, message, reparation}}`."""
    from recevable.pack.reader import is_name, name_help

    question = reader.scalar(KEY)
    answers: dict[str, Outcome] = {}
    causes: list[Cause] = []
    block = reader.mapping("reponses")
    for word, key in block.node.keys.items() if block else ():
        assert block is not None
        body = block.mapping(word, f"la réponse `{word}`")
        if not is_name(word):
            reader.fault("PAQ-NOM", f"`{word}` ne peut pas nommer une réponse", key.span, name_help(word))
        if body is None:
            continue
        if body.has("resultat"):
            body.choice("resultat", ("satisfait",))
            body.finish()
            answers[word] = SATISFIED
            continue
        cause = read_cause(body, word)
        if cause is not None:
            causes.append(cause)
            answers[word] = failed(word)
    if block is not None:
        block.finish()
    if block is not None and len(block.node.keys) < 2:
        help = "Ajoutez-en une : une seule réponse ne laisse rien à apprécier."
        reader.fault("PAQ-REPONSES", "une appréciation propose au moins deux réponses", block.node.span, help)
    return Appraisal(question, answers), tuple(causes)


def checks(rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
    """One check: each answer in turn, no answer being the human's turn."""
    steps = tuple(
        Step(compiler.answer(rule.id, word), outcome, None, TO_APPRAISE) for word, outcome in rule.body.answers.items()
    )
    return [Check(rule.id, "", (*applicable(rule, compiler), *steps), TO_APPRAISE)]
