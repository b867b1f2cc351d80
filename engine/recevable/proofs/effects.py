"""Whether a document, or the answers to a question, ever change a decision.

Decisions on one unknown dossier are compared: with its document and without, or with one answer and another.  What is
compared is what is decided: verdict, amount to pay, procedure step, amount to pay back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any

import z3

from recevable.decision.model import Decision
from recevable.dossier.dossier import Dossier
from recevable.inference.definitions import Contradiction
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.kinds import documents
from recevable.pack.model import APPRAISALS, RECOVERY, Consequence, Result, Rule
from recevable.proofs.dossiers import Node, record
from recevable.proofs.prover import Prover
from recevable.proofs.terms import FALSE, TRUE, both, either, integer, real
from recevable.proofs.translation import ContextTerms, RequestTerms
from recevable.trials.proved import Answer, Status

# The data of a dossier, changed, on a day; and the same change in terms.
Change = Callable[[Mapping[str, Any], date], dict[str, Any]]
Substitution = list[tuple[Any, Any]]


def may_matter(rule: Rule) -> bool:
    """Whether an effect is expected of a rule: it asks a question, or for a document, and does more than signal."""
    decides = any(cause.consequence not in (None, Consequence.SIGNAL) for cause in rule.causes)
    return decides and (rule.question is not None or bool(documents([rule]) and not rule.optional))


def ask(prover: Prover, question: str, context: str, rule: Rule) -> Answer:
    """Proved by a dossier on which the engines decide otherwise; empty when there is none.

    Raises Untranslated, NotConfirmed.
    """
    requests = [] if context == RECOVERY else [context]
    changes = list(_changes(rule))

    def differs(dossiers: Sequence[Dossier], day: date) -> bool:
        found = [_decided(prover, change(dossiers[0].data, day), day, context) for change in changes]
        return any(None not in pair and pair[0] != pair[1] for pair in pairwise(found))

    for base, reached in prover.seen:
        applies = any(one[:2] == (context, rule.id) and one[2] != Result.NOT_APPLICABLE for one in reached)
        if applies and differs([base.dossier], base.day):
            return Answer(Status.PROVED)
    terms = prover.side.context(context)
    visible = [terms.decided, *_visible(terms)]
    variants = [[_substituted(one, change) for one in visible] for change in _substitutions(prover, rule)]
    unlike = [
        both(one[0], other[0], either(*(z3.Not(first == second) for first, second in zip(one, other, strict=True))))
        for one, other in pairwise(variants)
    ]
    answer = prover.ask(question, either(*unlike), differs, requests, vacuous=False)
    if answer.status is Status.REFUTED:
        return Answer(Status.PROVED)
    if answer.status is Status.UNDECIDED:
        return answer
    return Answer(Status.EMPTY, reason="aucune décision n'en dépend jamais")


def _changes(rule: Rule) -> Iterator[Change]:
    """What is compared, in a real dossier: each next to the one before."""
    for word in rule.answers:
        yield partial(_answered, rule.id, word)
    if rule.question is None:
        (path,) = documents([rule])
        yield lambda data, day: dict(data)
        yield lambda data, day: _without(data, path.split("."))


def _answered(rule: str, word: str, data: Mapping[str, Any], day: date) -> dict[str, Any]:
    return {**data, APPRAISALS: {**data.get(APPRAISALS, {}), rule: record(word, day)}}


def _substitutions(prover: Prover, rule: Rule) -> Iterator[Substitution]:
    """The same of the unknown dossier."""
    if rule.question is not None:
        asked = prover.side.dossier.answer(rule.id, tuple(rule.answers))
        for word in rule.answers:
            yield [(asked.known, TRUE), (asked.term, integer(prover.texts.number(word)))]
        return
    (path,) = documents([rule])
    yield []
    yield [(below.there, FALSE) for below in _free(prover.side.dossier.at(path))]


def _free(node: Node) -> Iterator[Node]:
    """The data that are gone with a datum."""
    return (below for below in node.known() if below.free)


def _substituted(term: Any, change: Substitution) -> Any:
    return z3.substitute(term, *change) if change else term


def _without(data: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    name, *rest = path
    found = dict(data)
    if not rest:
        found.pop(name, None)
    elif isinstance(found.get(name), Mapping):
        found[name] = _without(found[name], rest)
    return found


def _visible(terms: ContextTerms) -> Iterator[Any]:
    if isinstance(terms, RequestTerms):
        yield from (when for _, when in terms.verdicts())
        yield terms.provisional
        yield real(terms.payable.term)
        return
    for rule in terms.rules.values():
        yield from rule.reached.values()


def _decided(prover: Prover, data: Mapping[str, Any], day: date, context: str) -> tuple[object, ...] | None:
    """What the engines decide; None when there is no decision, or no such dossier."""
    try:
        found = prover.programme.decide(prover.read([prover.content(data)])[0], day, (context,))
    except (Contradiction, DiagnosticError):
        return None
    return tuple(_visible_of(found))


def _visible_of(found: Decision) -> Iterator[object]:
    for request in found.requests:
        payable = request.payable
        yield request.verdict, request.provisional, None if payable is None else payable.value
    for case in found.recovery:
        yield case.rule, case.step, case.closed
    for finding in found.recovery_findings:
        yield finding.rule, finding.result, finding.cause
