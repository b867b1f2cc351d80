"""The questions that are put to any pack, whatever it says.

A rule that can never apply or never fail, a cause that is never the one, a document or an answer on which nothing
depends, two values for one name or none, an amount that cannot be paid, a request that nobody can ever have accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from recevable.decision.model import DatumOrigin
from recevable.decision.payable import UnpayableAmount
from recevable.dossier.dossier import Dossier
from recevable.inference.definitions import Contradiction
from recevable.language.diagnostics import Span
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import MANIFEST, RECOVERY, Consequence, Context, Definition, Result, Rule
from recevable.proofs import effects
from recevable.proofs.prover import Confirm, Prover
from recevable.proofs.terms import FALSE, TRUE, Truth, both, either, negation
from recevable.proofs.translation import NO_RULE, ContextTerms
from recevable.trials.coverage import FALSE as NO
from recevable.trials.coverage import TRUE as YES
from recevable.trials.coverage import VALUE
from recevable.trials.proved import Answer, Status

# The results that say nothing is wrong, nor anything right.
_QUIET = frozenset({Result.NOT_APPLICABLE, Result.MISSING, Result.TO_APPRAISE})


class Question(Struct, frozen=True):
    """A question: its identity, what is proved when the answer is yes, and its place in the pack.

    It is about a request as a whole, an outcome of a rule, the effect of a rule, or a name.
    """

    id: str
    title: str
    place: Span
    context: str
    rule: str = ""
    outcome: str = ""
    name: str = ""


def questions(compiled: CompiledPack) -> Iterator[Question]:
    """Every question about a pack, in the order of its requests and rules."""
    for request in compiled.pack.manifest.requests.values():
        if request.each:
            continue
        place = Span(MANIFEST, 1, 1)
        title = f"« {request.title} » peut être acceptée"
        yield Question(f"{request.name}:acceptable", title, place, request.name)
        title = f"« {request.title} » n'est jamais acceptée pour un montant qui ne se paie pas"
        if request.amount:
            yield Question(f"{request.name}:payable", title, place, request.name)
    for name in compiled.context_names:
        context = compiled.context(name)
        if context.request is None or not context.request.each:
            yield from _of_names(context)
            yield from _of_rules(context)


def _of_names(context: Context) -> Iterator[Question]:
    for definition in context.definitions:
        name = f"{context.name}:{definition.name}"
        for rule, words in _given(definition):
            for word in words:
                claim = f"« {rule.title} » peut donner `{word}`"
                yield Question(f"{context.name}:{rule.id}:{word}", claim, rule.span, context.name, rule.id, word)
        if not definition.amounts:
            continue
        place = definition.amounts[0].rule.span
        if len(definition.amounts) > 1:
            title = f"`{definition.name}` n'a jamais deux valeurs à la fois"
            yield Question(f"{name}:une-valeur", title, place, context.name, name=definition.name)
        if all(amount.when is not None for amount in definition.amounts):
            title = f"aucune décision ne s'arrête sur un cas où nulle règle ne donne `{definition.name}`"
            yield Question(f"{name}:sans-regle", title, place, context.name, name=definition.name)


def _given(definition: Definition) -> Iterator[tuple[Rule, tuple[str, ...]]]:
    """The rules that give a name, with the words for the values that they may give."""
    if definition.deduction is not None:
        yield definition.rules[0], (YES, NO)
    for amount in definition.amounts:
        yield amount.rule, (VALUE,)


def _of_rules(context: Context) -> Iterator[Question]:
    for rule in context.rules.values():
        outcomes = {
            str(outcome)
            for check in context.checks
            if check.rule == rule.id
            for outcome in (check.final, *(o for s in check.steps for o in (s.true, s.false)))
            if outcome is not None
        }
        place = rule.span
        for outcome in sorted(outcomes - _QUIET):
            yield Question(
                f"{context.name}:{rule.id}:{outcome}", _can(rule, outcome), place, context.name, rule.id, outcome
            )
        if outcomes and effects.may_matter(rule):
            what = f"la réponse à « {rule.title} »" if rule.question is not None else f"la pièce de « {rule.title} »"
            title = f"{what} peut changer la décision"
            yield Question(f"{context.name}:{rule.id}:effet", title, place, context.name, rule.id)


def identifiers(compiled: CompiledPack) -> list[str]:
    """The identities of the questions about a pack."""
    return [one.id for one in questions(compiled)]


def _can(rule: Rule, outcome: str) -> str:
    result, _, cause = outcome.partition(":")
    if result == Result.SATISFIED and not cause:
        return f"« {rule.title} » peut être satisfait"
    return f"« {rule.title} » peut donner `{cause or result}`"


def ask(prover: Prover, question: Question) -> Answer:
    """The answer to a question; raises Untranslated, NotConfirmed."""
    if question.outcome and (question.context, question.rule, question.outcome) in prover.shown:
        return Answer(Status.PROVED)
    requests = [] if question.context == RECOVERY else [question.context]
    if question.id.endswith(":acceptable") and prover.accepted(question.context):
        return Answer(Status.PROVED)
    if question.rule and not question.outcome:
        return effects.ask(prover, question.id, question.context, prover.pack.rules[question.rule])
    terms = prover.side.context(question.context)
    decided = terms.decided
    if question.outcome:
        reached = _when(terms, question)
        return _possible(prover, question, both(reached, decided) if reached is not None else None, requests)
    if question.id.endswith(":une-valeur"):
        clash = terms.evaluator.clashes.get(question.name)
        if clash is None:
            return Answer(Status.PROVED)
        return prover.ask(question.id, clash, _contradicts(prover, requests, payable=False), requests)
    if question.name:
        return _without_rule(prover, question, terms, requests)
    request = prover.side.request(question.context)
    if question.id.endswith(":payable"):
        clashes = negation(either(*request.evaluator.clashes.values()))
        confirm = _contradicts(prover, requests, payable=True)
        return prover.ask(question.id, request.unpayable, confirm, requests, about=clashes)
    return _possible(prover, question, both(request.accepted, negation(request.provisional), decided), requests)


def _when(terms: ContextTerms, question: Question) -> Any:
    """When a rule has an outcome, or gives a value to its name; None when it never does."""
    if question.rule in terms.rules and question.outcome in terms.rules[question.rule].reached:
        return terms.rules[question.rule].reached[question.outcome]
    for definition in terms.context.definitions:
        for rule, words in _given(definition):
            if rule.id == question.rule and question.outcome in words:
                value = terms.evaluator.named(definition.name)
                if isinstance(value, Truth):
                    return value.yes if question.outcome == YES else value.no
                when = next(amount.when for amount in definition.amounts if amount.rule.id == rule.id)
                return both(TRUE if when is None else terms.evaluator.truth(when).yes, value.known)
    return None


def _possible(prover: Prover, question: Question, condition: Any, requests: Sequence[str]) -> Answer:
    """Proved by a dossier that the engines have decided; empty when no dossier ever meets the condition."""
    nobody = Answer(Status.EMPTY, reason="aucun dossier ne le montre jamais")
    if condition is None:
        return nobody

    def confirm(dossiers: Sequence[Dossier], day: date) -> bool:
        if question.outcome:
            return (question.context, question.rule, question.outcome) in prover.reached(dossiers[0], day)
        return prover.accepts(dossiers[0], day, (question.context,))

    answer = prover.ask(question.id, condition, confirm, requests, vacuous=False)
    if answer.status is Status.REFUTED:
        return Answer(Status.PROVED)
    return answer if answer.status is Status.UNDECIDED else nobody


def _without_rule(prover: Prover, question: Question, terms: ContextTerms, requests: Sequence[str]) -> Answer:
    """Whether nothing but a name that no rule gives, about which nobody can do anything, ever stops a decision."""
    name = f"{NO_RULE}{question.name}"
    alone = []
    for when, blame in terms.stuck:
        others = either(*(one for sort, one in blame.items() if not sort.startswith(NO_RULE)))
        alone.append(both(when, blame.get(name, FALSE), negation(others)))

    def confirm(dossiers: Sequence[Dossier], day: date) -> bool:
        found = prover.programme.decide(dossiers[0], day, (question.context,))
        findings = [*found.recovery_findings, *(one for request in found.requests for one in request.findings)]
        missing = [*(one.missing for one in findings), *(case.missing for case in found.recovery)]
        visible = any(one.result is Result.FAILED and one.consequence is not Consequence.SIGNAL for one in findings)
        return (question.context == RECOVERY or not visible) and any(
            name in {datum.name for datum in data} and all(datum.origin is DatumOrigin.VALUE for datum in data)
            for data in missing
        )

    return prover.ask(question.id, both(terms.decided, either(*alone)), confirm, requests)


def _contradicts(prover: Prover, requests: Sequence[str], *, payable: bool) -> Confirm:
    """Whether the engines refuse to decide a real dossier, because of an amount or because of two values."""

    def confirm(dossiers: Sequence[Dossier], day: date) -> bool:
        try:
            prover.programme.decide(dossiers[0], day, requests or (RECOVERY,))
        except Contradiction as error:
            return isinstance(error, UnpayableAmount) is payable
        return False

    return confirm
