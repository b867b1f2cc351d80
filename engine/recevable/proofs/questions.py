"""The questions that are put to any pack, whatever it says.

A rule that can never apply or never fail, a cause that is never the one, two values for one name, an amount that cannot
be paid, a request that nobody can ever have accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from recevable.decision.payable import UnpayableAmount
from recevable.dossier.dossier import Dossier
from recevable.inference.definitions import Contradiction
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import RECOVERY, Rule
from recevable.proofs.prover import Answer, Prover, Status
from recevable.proofs.terms import both, either, negation


class Question(Struct, frozen=True):
    """A question: its identity, what is proved when the answer is yes, and its place in the pack."""

    id: str
    title: str
    place: str
    context: str
    rule: str = ""
    outcome: str = ""


def questions(compiled: CompiledPack) -> Iterator[Question]:
    """Every question about a pack, in the order of its requests and rules."""
    for request in compiled.pack.manifest.requests.values():
        if request.each:
            continue
        place = "programme.yaml"
        title = f"« {request.title} » peut être acceptée"
        yield Question(f"{request.name}:acceptable", title, place, request.name)
        title = f"« {request.title} » n'est jamais acceptée pour un montant qui ne se paie pas"
        if request.amount:
            yield Question(f"{request.name}:payable", title, place, request.name)
    for name in compiled.context_names:
        context = compiled.context(name)
        if context.request is not None and context.request.each:
            continue
        for definition in context.definitions:
            if len(definition.amounts) > 1:
                title = f"`{definition.name}` n'a jamais deux valeurs à la fois"
                place = str(definition.amounts[0].rule.span)
                yield Question(f"{name}:{definition.name}:une-valeur", title, place, name, definition.name)
        for rule in context.rules.values():
            outcomes = {
                str(outcome)
                for check in context.checks
                if check.rule == rule.id
                for outcome in (check.final, *(o for s in check.steps for o in (s.true, s.false)))
                if outcome is not None
            }
            for outcome in sorted(outcomes - {"sans_objet", "manquant", "a_apprecier"}):
                yield Question(
                    f"{name}:{rule.id}:{outcome}", _can(rule, outcome), str(rule.span), name, rule.id, outcome
                )


def identifiers(compiled: CompiledPack) -> list[str]:
    """The identities of the questions about a pack."""
    return [one.id for one in questions(compiled)]


def _can(rule: Rule, outcome: str) -> str:
    result, _, cause = outcome.partition(":")
    if result == "satisfait" and not cause:
        return f"« {rule.title} » peut être satisfait"
    return f"« {rule.title} » peut donner `{cause or result}`"


def ask(prover: Prover, question: Question) -> Answer:
    """The answer to a question; raises Untranslated, NotConfirmed."""
    if question.outcome and (question.context, question.rule, question.outcome) in prover.shown:
        return Answer(Status.PROVED)
    requests = [] if question.context == RECOVERY else [question.context]
    if question.id.endswith(":acceptable") and prover.accepted(question.context):
        return Answer(Status.PROVED)
    terms = prover.side.context(question.context)
    decided = terms.decided
    if question.outcome:
        reached = terms.rules[question.rule].reached.get(question.outcome)
        return _possible(prover, question, both(reached, decided) if reached is not None else None, requests)
    if question.rule:
        clash = terms.evaluator.clashes.get(question.rule)
        if clash is None:
            return Answer(Status.PROVED)
        return prover.ask(question.id, clash, _contradicts(prover, requests, payable=False), requests)
    request = prover.side.request(question.context)
    if question.id.endswith(":payable"):
        clashes = negation(either(*request.evaluator.clashes.values()))
        confirm = _contradicts(prover, requests, payable=True)
        return prover.ask(question.id, request.unpayable, confirm, requests, about=clashes)
    return _possible(prover, question, both(request.accepted, negation(request.provisional), decided), requests)


def _possible(prover: Prover, question: Question, condition: Any, requests: Sequence[str]) -> Answer:
    """Proved by a dossier that the engines have decided; empty when no dossier ever meets the condition."""
    nobody = Answer(Status.EMPTY, reason="aucun dossier ne le montre jamais")
    if condition is None:
        return nobody

    def confirm(dossiers: Sequence[Dossier], day: date) -> bool:
        if question.outcome:
            return (question.context, question.rule, question.outcome) in prover.reached(dossiers[0], day)
        return prover.accepts(dossiers[0], day, question.context)

    answer = prover.ask(question.id, condition, confirm, requests)
    if answer.status is Status.REFUTED:
        return Answer(Status.PROVED)
    return answer if answer.status is Status.UNDECIDED else nobody


def _contradicts(prover: Prover, requests: Sequence[str], *, payable: bool) -> Any:
    """Whether the engines refuse to decide a real dossier, because of an amount or because of two values."""

    def confirm(dossiers: Sequence[Dossier], day: date) -> bool:
        try:
            prover.programme.decide(dossiers[0], day, requests or (RECOVERY,))
        except Contradiction as error:
            return isinstance(error, UnpayableAmount) is payable
        return False

    return confirm
