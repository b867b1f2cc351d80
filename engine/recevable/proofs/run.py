"""Ask every property and question of a pack."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

import z3

from recevable.inference.definitions import Contradiction
from recevable.pack.properties import Typed
from recevable.programme import Programme
from recevable.proofs import properties, questions
from recevable.proofs.dossiers import bounds_of
from recevable.proofs.prover import Answer, Base, Example, Prover, Status
from recevable.proofs.report import Line, Report, request_said
from recevable.proofs.terms import Untranslated


def run(
    programme: Programme,
    asked: Sequence[Typed],
    bases: Sequence[Base],
    wanted: Sequence[str] = (),
    *,
    seconds: int,
    elements: int,
) -> Report:
    """The answers, properties first; only the `wanted` identities, if there are some.  Raises NotConfirmed."""
    prover = Prover(programme, bases, bounds_of(programme.pack, elements), seconds)
    lines = []
    for typed in asked:
        one = typed.property
        if wanted and one.id.text not in wanted:
            continue
        began = monotonic()
        try:
            answer = properties.ask(prover, typed)
        except Untranslated as refusal:
            answer = Answer(Status.UNDECIDED, reason=f"sans traduction : {refusal.what}")
        shown = _shown(programme, answer.example)
        lines.append(Line(one.id.text, one.title, str(one.id.span), answer, shown, monotonic() - began))
    for question in questions.questions(programme.compiled):
        if wanted and question.id not in wanted:
            continue
        began = monotonic()
        try:
            answer = questions.ask(prover, question)
        except Untranslated as refusal:
            answer = Answer(Status.UNDECIDED, reason=f"sans traduction : {refusal.what}")
        shown = _shown(programme, answer.example)
        lines.append(Line(question.id, question.title, question.place, answer, shown, monotonic() - began))
    return Report(programme.name, programme.digest, prover.bounds, f"z3 {z3.get_version_string()}", tuple(lines))


def _shown(programme: Programme, example: Example | None) -> tuple[str, ...]:
    """The decision on each dossier of an example, in a few words."""
    found = []
    for content in example.contents if example is not None else ():
        assert example is not None
        try:
            decision = programme.decide(programme.read(content), example.day)
        except Contradiction as error:
            found.append(f"aucune décision : {error}")
            continue
        for request in decision.requests:
            found.append(request_said(request))
    return tuple(found)
