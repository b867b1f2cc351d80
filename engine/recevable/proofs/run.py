"""Ask every property and question of a pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from time import process_time
from typing import Final

import z3
from msgspec import Struct

from recevable.inference.definitions import Contradiction
from recevable.language.diagnostics import Span
from recevable.pack.properties import Typed, contexts_of
from recevable.programme import Programme
from recevable.proofs import properties, questions
from recevable.proofs.processes import spread
from recevable.proofs.prover import Base, Prover
from recevable.proofs.report import Line, Report, request_words
from recevable.proofs.terms import Untranslated
from recevable.trials.proved import Answer, Answers, Example, Kept, Keys, Status, bounds_of

# The questions that a process answers, one after the other.
_PIECE: Final = 40
Progress = Callable[[int, int], None]


def run(
    programme: Programme,
    asked: Sequence[Typed],
    bases: Sequence[Base],
    wanted: Sequence[str] = (),
    *,
    seconds: int,
    elements: int,
    processes: int = 1,
    progress: Progress = lambda done, total: None,
) -> Report:
    """The answers, properties first; only the `wanted` identities, if there are some.  Raises NotConfirmed.

    What was answered before on the same rules is not asked again, and what is answered is kept as it comes.  The
    answers do not depend on the number of processes; `progress` is given the questions done, of how many.
    """
    prover = Prover(programme, bases, bounds_of(programme.pack, elements), seconds)
    solver = f"z3 {z3.get_version_string()}"
    keys, answers = Keys(programme.compiled, prover.bounds), Answers(programme.folder)
    everything = [*_properties(prover, asked, keys), *_questions(prover, keys)]
    found = {one.key: (answers.get(one.key, solver), 0.0) for one in everything if not wanted or one.id in wanted}
    lines = [one for one in everything if one.key in found]
    left = [one for one in lines if found[one.key][0] is None]
    pieces = [left[start : start + _PIECE] for start in range(0, len(left), _PIECE)]
    if len(pieces) > 1:
        _prepare(prover, left)

    def work(rank: int) -> list[tuple[Kept, float]]:
        return [_answered(programme, one, solver) for one in pieces[rank]]

    done = 0
    with closing(spread(len(pieces), work, processes)) as coming:
        for rank, given in coming:
            for one, (kept, took) in zip(pieces[rank], given, strict=True):
                found[one.key] = kept, took
                answers.put(one.key, kept)
            done += len(given)
            answers.write(whole=False)
            progress(done, len(left))
    answers.write(whole=not wanted)
    return Report(
        programme.name,
        programme.digest,
        prover.bounds,
        solver,
        tuple(_line(one, *found[one.key]) for one in lines),
    )


def _prepare(prover: Prover, left: Sequence[_Asked]) -> None:
    """Do once what every process would do again: translate, read the terms, decide on the known dossiers."""
    if any(not one.typed for one in left):
        assert prover.seen is not None
    pair = any(one.typed is not None and one.typed.property.pair is not None for one in left)
    for name in dict.fromkeys(name for one in left for name in one.contexts):
        with suppress(Untranslated):
            prover.prepare(name, pair=pair)


def _answered(programme: Programme, one: _Asked, solver: str) -> tuple[Kept, float]:
    began = process_time()
    answer = one.answer()
    return Kept(answer, _shown(programme, answer.example), solver), process_time() - began


def _line(one: _Asked, kept: Kept | None, seconds: float) -> Line:
    assert kept is not None
    return Line(one.id, one.title, one.place, kept.answer, kept.shown, seconds)


class _Asked(Struct, frozen=True):
    """What is asked, the key of its answer, and how to find it."""

    id: str
    title: str
    place: Span
    key: str
    contexts: tuple[str, ...]
    ask: Callable[[], Answer]
    typed: Typed | None = None

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
        yield _Asked(one.id.text, one.title, one.id.span, key, tuple(contexts_of(typed)), ask, typed)


def _questions(prover: Prover, keys: Keys) -> Iterator[_Asked]:
    for one in questions.questions(prover.compiled):
        key, ask = keys.of(one.id, [one.context]), partial(questions.ask, prover, one)
        yield _Asked(one.id, one.title, one.place, key, (one.context,), ask)


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
