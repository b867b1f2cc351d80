"""Surviving mutants of a pack: proved to change no decision, or killed by a dossier that both packs decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic

import z3
from msgspec.structs import replace

from recevable.outputs.mutation import changed
from recevable.pack.model import RECOVERY, Parameter
from recevable.programme import Programme
from recevable.proofs import scenarios
from recevable.proofs.prover import Base
from recevable.proofs.report import Line, Report
from recevable.proofs.terms import Untranslated
from recevable.proofs.versions import Versions
from recevable.trials.mutation.accepted import FILE
from recevable.trials.mutation.model import Mutant
from recevable.trials.mutation.mutants import variant
from recevable.trials.proved import Answer, Example, Status, bounds_of


def proved(
    programme: Programme,
    mutants: Sequence[Mutant],
    reasons: Mapping[str, str],
    bases: Sequence[Base],
    *,
    seconds: int,
    elements: int,
) -> Report:
    """For each mutant: that no verdict, finding, amount or case of undue payment changes, or a dossier that shows one.

    `reasons` are those of the pack, by id: one that a dossier refutes is shown beside it.  The dossier is also a
    scenario, when a known one is near and what a scenario says kills the mutant.  Raises NotConfirmed.
    """
    bounds = bounds_of(programme.pack, elements)
    versions = Versions(programme, programme, bases, bounds, seconds=seconds)
    lines = []
    for mutant in mutants:
        began = monotonic()
        other = _with(programme, mutant)
        answer, shown = _answer(versions, programme, other, mutant)
        if answer.status is Status.REFUTED and mutant.id in reasons:
            answer = replace(answer, reason=f"{FILE} dit pourtant : {reasons[mutant.id]}")
        title = f"{changed([mutant])} : aucune décision ne change"
        scenario = "" if answer.example is None else _scenario(programme, other, bases, mutant, answer.example)
        took = monotonic() - began
        lines.append(Line(mutant.id, title, mutant.change.span, answer, shown, took, scenario=scenario))
    return Report(programme.name, programme.digest, bounds, f"z3 {z3.get_version_string()}", tuple(lines))


def _with(programme: Programme, mutant: Mutant) -> Programme:
    return Programme(programme.source, variant(programme.compiled, mutant), validator=programme.validator)


def _answer(
    versions: Versions, programme: Programme, other: Programme, mutant: Mutant
) -> tuple[Answer, tuple[str, ...]]:
    compiled = other.compiled
    versions.turn_to(other)
    everywhere = isinstance(mutant.change.new, Parameter)
    contexts = [
        name
        for name in programme.compiled.context_names
        if everywhere or compiled.context(name) is not programme.compiled.context(name)
    ]
    try:
        return versions.any_difference(contexts)
    except Untranslated as refusal:
        return Answer(Status.UNDECIDED, reason=f"sans traduction : {refusal.what}"), ()


def _scenario(programme: Programme, other: Programme, bases: Sequence[Base], mutant: Mutant, example: Example) -> str:
    """The example as a scenario that kills the mutant; empty when what a scenario says is the same of both."""
    dossier = programme.read(example.contents[0])
    before, after = (one.decide(dossier, example.day) for one in (programme, other))
    for context in (*dict.fromkeys(one.name for one in before.requests), RECOVERY):
        wanted, got = (scenarios.attended(programme, one, context, mutant.subject) for one in (before, after))
        if wanted != got:
            return scenarios.scenario(programme, bases, example, changed([mutant]), wanted)
    return ""
