"""`appreciation`: a question that only a human may answer.

Without a valid recorded answer the result is `a_apprecier`; each answer has the effect declared by the rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from recevable.pack.kinds.base import Content, Kind, Mutation, MutationOperator, Place, RuleCompiler, read_cause
from recevable.pack.model import SATISFIED, TO_APPRAISE, Cause, Check, Outcome, Question, Result, Rule, Step, failed

if TYPE_CHECKING:  # imported late: a command that finds its pack prepared reads no pack
    from recevable.pack.reader import Reader


def _other_effects(rule: Rule) -> Iterator[Mutation]:
    """Mutations that give each answer the first other effect of the rule."""
    if rule.question is None:
        return
    known = rule.question.answers
    for word, outcome in known.items():
        other = next((found for found in known.values() if found != outcome), None)
        if other is not None:
            new = replace(rule, question=replace(rule.question, answers={**known, word: other}))
            yield Mutation(f"reponse:{word}", ("reponses", word), _words(outcome), _words(other), new)


def _words(outcome: Outcome) -> str:
    return str(outcome.result) if outcome.result is Result.SATISFIED else outcome.cause


class Appraisal(Kind):
    """`appreciation: question`, `reponses: {mot: {resultat: satisfait} | {consequence, message, reparation}}`."""

    key = "appreciation"
    title = "Appréciation"
    noun = "une appréciation"
    keys = frozenset({"reponses"})
    listed = Place.QUESTION
    operators = (
        MutationOperator(
            "reponse",
            "Réponse d'une appréciation : autre effet",
            "un exemple où cette réponse est consignée",
            _other_effects,
        ),
    )

    def read(self, reader: Reader) -> Content:
        """Read the question and the effect of each answer."""
        from recevable.pack.reader import is_name, name_help

        question = reader.scalar("appreciation")
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
            cause = read_cause(body, word, "reponses", word)
            if cause is not None:
                causes.append(cause)
                answers[word] = failed(word)
        if block is not None:
            block.finish()
        if block is not None and len(block.node.keys) < 2:
            help = "Ajoutez-en une : une seule réponse ne laisse rien à apprécier."
            reader.fault("PAQ-REPONSES", "une appréciation propose au moins deux réponses", block.node.span, help)
        return Content(tuple(causes), question=Question(question, answers))

    def checks(self, rule: Rule, compiler: RuleCompiler) -> Sequence[Check]:
        """One check: each answer in turn; without an answer, `a_apprecier`."""
        steps = tuple(
            Step(compiler.answer(rule.id, word), outcome, None, TO_APPRAISE) for word, outcome in rule.answers.items()
        )
        return [Check(rule.id, "", (*compiler.opening(rule), *steps), TO_APPRAISE)]
