"""What no trial of a pack shows: a dossier that shows it, as a scenario for a person to accept, or why there is none.

The scenario starts from a known dossier, and what it expects is what the engines decided: nobody has said that it is
right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from msgspec import Struct

from recevable.dossier.dossier import Dossier
from recevable.language.diagnostics import Span
from recevable.language.tree import Expr
from recevable.language.types import Kind
from recevable.pack.model import RECOVERY, Result
from recevable.programme import Programme
from recevable.proofs import scenarios
from recevable.proofs.prover import Prover, bases_of
from recevable.proofs.terms import (
    SECOND,
    TRUE,
    Term,
    Truth,
    Untranslated,
    Value,
    both,
    either,
    negation,
    rational,
    real,
)
from recevable.proofs.translation import ContextTerms
from recevable.trials.coverage import FALSE as NO
from recevable.trials.coverage import TRUE as YES
from recevable.trials.coverage import VALUE, Coverage, Point, measure
from recevable.trials.proved import Answer, Example, Status, bounds_of
from recevable.trials.reach import Edge, edges
from recevable.trials.suite import Origin, Trial

_ANSWERS: Final = {Status.REFUTED: "propose", Status.PROVED: "impossible"}


class Goal(Struct, frozen=True):
    """What a rule has never been seen to do, as `coverage` says it; for an edge, the comparison and its point."""

    rule: str
    what: str
    edge: str = ""
    point: Point = Point.AT


class Proposal(Struct, frozen=True):
    """The answer for a goal: proved (nothing ever shows it), refuted (by the example of `scenario`), or not decided."""

    goal: Goal
    answer: Answer
    scenario: str = ""


def goals(found: Coverage) -> list[Goal]:
    """What no trial shows."""
    wanted = []
    for line in found.lines:
        wanted += [Goal(line.rule.id, word) for word, shown in line.outcomes.items() if not shown.total()]
        for edge in line.edges:
            for point, shown in edge.shown.items():
                if not shown.total():
                    wanted.append(Goal(line.rule.id, f"{edge.text} ({point.words})", edge.text, point))
    return wanted


def proposals(
    programme: Programme, found: Coverage, trials: Sequence[Trial], *, seconds: int, elements: int
) -> Iterator[Proposal]:
    """For each goal, a scenario near a known dossier; raises NotConfirmed."""
    # a scenario starts from a known dossier, not from another scenario
    bases = bases_of(trial for trial in trials if trial.origin is Origin.DOSSIER)
    prover = Prover(programme, bases, bounds_of(programme.pack, elements), seconds)
    for goal in goals(found):
        answer, context = Answer(Status.UNDECIDED, reason="aucune décision ne s'en sert"), ""
        for context in programme.compiled.contexts_of(programme.pack.rules[goal.rule]):
            try:
                answer = _ask(prover, goal, context)
            except Untranslated as refusal:
                answer = Answer(Status.UNDECIDED, reason=f"sans traduction : {refusal.what}")
            if answer.status is Status.REFUTED:
                break
        scenario = "" if answer.example is None else _scenario(prover, goal, context, answer.example)
        if answer.example is not None and not scenario:
            # a scenario changes something of a known dossier
            example, near = answer.example, answer.example.near
            known = f"un dossier connu, `{near}`, le montre" if near else "un dossier sans rien de connu le montre"
            reason = f"{known}, décidé le {example.day.isoformat()} : un scénario ne peut pas le dire"
            answer = Answer(Status.UNDECIDED, reason=reason)
        yield Proposal(goal, answer, scenario)


def file(found: Sequence[Proposal]) -> str:
    """The scenarios of a pack, as a file of its `scenarios`; empty without any."""
    return scenarios.file(one.scenario for one in found)


def as_data(one: Proposal) -> dict[str, str]:
    """What becomes of a goal, as data: the rule, what is missing, the answer and its sentence."""
    words = {
        Status.REFUTED: "un scénario est proposé, à accepter",
        Status.PROVED: "aucun dossier ne le montre jamais, c'est prouvé",
    }
    answer = one.answer
    return {
        "regle": one.goal.rule,
        "manque": one.goal.what,
        "reponse": _ANSWERS.get(answer.status, str(answer.status)),
        "dit": words.get(answer.status, f"non décidé, {answer.reason}"),
    }


# --- asking -----------------------------------------------------------------------------------------------------------


def _ask(prover: Prover, goal: Goal, context: str) -> Answer:
    terms = prover.side.context(context)
    shows = either(*_shows(terms, goal))
    requests = [] if context == RECOVERY else [context]

    def confirm(dossiers: Sequence[Dossier], day: date) -> bool:
        trial = Trial(Origin.DOSSIER, goal.rule, Span("", 1, 1), dossier=dossiers[0], day=day)
        return goal not in goals(measure(prover.programme.decider, [trial]))

    return prover.ask(f"{goal.rule}:{goal.what}", both(terms.decided, shows), confirm, requests, vacuous=False)


def _shows(terms: ContextTerms, goal: Goal) -> Iterator[Any]:
    """When a dossier shows a goal in a context."""
    if goal.edge:
        for here, expr in _tested(terms, goal.rule):
            for edge in edges(expr):
                if edge.text == goal.edge:
                    yield both(here, _at(terms, edge, goal.point))
        return
    if goal.rule in terms.rules:
        rule = terms.rules[goal.rule]
        quiet = {str(result): rule.results[result] for result in (Result.SATISFIED, Result.NOT_APPLICABLE)}
        yield quiet.get(goal.what, rule.reached.get(goal.what, either()))
    for definition in terms.context.definitions:
        if definition.deduction is not None and definition.rules[0].id == goal.rule:
            yield _valued(terms.evaluator.of(definition.deduction), TRUE, TRUE, goal.what)
        for amount in definition.amounts:
            if amount.rule.id == goal.rule:
                when = Truth(TRUE, either()) if amount.when is None else terms.evaluator.truth(amount.when)
                if goal.what == Result.NOT_APPLICABLE:
                    yield when.no
                else:
                    value = terms.evaluator.named(definition.name)
                    yield _valued(value, when.yes, negation(when.no), goal.what)


def _valued(value: Term, applies: Any, may_apply: Any, what: str) -> Any:
    """When a name has a value that `coverage` tells by a word."""
    if what == Result.MISSING:
        return both(may_apply, either(negation(applies), negation(value.known)))
    if isinstance(value, Truth) and what in (YES, NO):
        return both(applies, value.yes if what == YES else value.no)
    return both(applies, value.known) if what == VALUE else either()


def _tested(terms: ContextTerms, rule: str) -> Iterator[tuple[Any, Expr]]:
    """The expressions in which a rule compares, and when each is read."""
    for check in terms.context.checks:
        here = TRUE
        for step in check.steps if check.rule == rule else ():
            if not step.implied:
                yield here, step.test
            test = terms.evaluator.truth(step.test)
            ways = ((step.true, test.yes), (step.false, test.no), (step.unknown, negation(test.known)))
            here = both(here, either(*(when for outcome, when in ways if outcome is None)))
    for definition in terms.context.definitions:
        if definition.deduction is not None and definition.rules[0].id == rule:
            yield TRUE, definition.deduction
        for amount in definition.amounts:
            if amount.rule.id == rule:
                if amount.when is not None:
                    yield TRUE, amount.when
                yield TRUE if amount.when is None else terms.evaluator.truth(amount.when).yes, amount.value


def _at(terms: ContextTerms, edge: Edge, point: Point) -> Any:
    """When both sides of a comparison are equal, or one step beyond."""
    if edge.within:
        raise Untranslated("une limite pour chaque élément d'une liste")
    left, right = terms.evaluator.of(edge.left), terms.evaluator.of(edge.right)
    if not isinstance(left, Value) or not isinstance(right, Value):
        raise Untranslated("une limite entre durées")
    gap = real(left.term) - real(right.term)
    known = both(left.known, right.known)
    if point is Point.AT:
        return both(known, gap == rational(0))
    beyond = 1 if edge.op in ("<=", ">") else -1
    if edge.unit is None:
        return both(known, gap * beyond > rational(0))
    step = edge.unit * SECOND if edge.left.type.kind is Kind.INSTANT else edge.unit
    return both(known, gap == rational(step * beyond))


def _scenario(prover: Prover, goal: Goal, context: str, example: Example) -> str:
    """The example as a scenario of staff; empty without a known dossier to start from."""
    programme = prover.programme
    decision = programme.decide(programme.read(example.contents[0]), example.day)
    attended = scenarios.attended(programme, decision, context, goal.rule)
    return scenarios.scenario(programme, prover.bases, example, f"`{goal.rule}`, {goal.what}", attended)
