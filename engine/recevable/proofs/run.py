"""Ask every property and question of a pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from time import monotonic

import z3
from msgspec import Struct

from recevable.inference.definitions import Contradiction
from recevable.pack.properties import Typed
from recevable.programme import Programme
from recevable.proofs import properties, questions
from recevable.proofs.prover import Base, Prover
from recevable.proofs.report import Line, Report, request_words
from recevable.proofs.terms import Untranslated
from recevable.trials.proved import Answer, Answers, Example, Kept, Keys, Status, bounds_of


def run(
    programme: Programme,
    asked: Sequence[Typed],
    bases: Sequence[Base],
    wanted: Sequence[str] = (),
    *,
    seconds: int,
    elements: int,
) -> Report:
    """The answers, properties first; only the `wanted` identities, if there are some.  Raises NotConfirmed.

    What was answered before on the same rules is not asked again.
    """
    prover = Prover(programme, bases, bounds_of(programme.pack, elements), seconds)
    solver = f"z3 {z3.get_version_string()}"
    keys, answers = Keys(programme.compiled, prover.bounds), Answers(programme.folder)
    lines = []
    for one in (*_properties(prover, asked, keys), *_questions(prover, keys)):
        if wanted and one.id not in wanted:
            continue
        kept = answers.get(one.key, solver)
        began = monotonic()
        if kept is None:
            answer = one.answer()
            kept = Kept(answer, _shown(programme, answer.example), solver)
            answers.put(one.key, kept)
        lines.append(Line(one.id, one.title, one.place, kept.answer, kept.shown, monotonic() - began))
    answers.write(whole=not wanted)
    return Report(programme.name, programme.digest, prover.bounds, solver, tuple(lines))


class _Asked(Struct, frozen=True):
    """What is asked, the key of its answer, and how to find it."""

    id: str
    title: str
    place: str
    key: str
    ask: Callable[[], Answer]

    def answer(self) -> Answer:
        """The answer; raises NotConfirmed."""
        try:
            return self.ask()
        except Untranslated as refusal:
            return Answer(Status.UNDECIDED, reason=f"sans traduction : {refusal.what}")


def _properties(prover: Prover, asked: Sequence[Typed], keys: Keys) -> Iterator[_Asked]:
    for typed in asked:
        one = typed.property
        key, ask = keys.of_property(typed), partial(properties.ask, prover, typed)
        yield _Asked(one.id.text, one.title, str(one.id.span), key, ask)


def _questions(prover: Prover, keys: Keys) -> Iterator[_Asked]:
    for one in questions.questions(prover.compiled):
        yield _Asked(one.id, one.title, one.place, keys.of(one.id, [one.context]), partial(questions.ask, prover, one))


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
            found.append(request_words(request))
    return tuple(found)
