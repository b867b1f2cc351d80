"""Trying mutants: what a variant is, what kills it, what lets it live."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

import recevable
from recevable.decision.decide import Decider
from recevable.dossier.dossier import Dossier, load
from recevable.inference.definitions import Contradiction
from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.pack.compiled import CompiledPack
from recevable.programme import Programme, open_programme
from recevable.report.json_format import decision_data
from recevable.trials.mutation import accepted
from recevable.trials.mutation.model import Mutant
from recevable.trials.mutation.mutants import mutants, mutated, variant
from recevable.trials.mutation.run import Fate, try_all
from recevable.trials.suite import Trial, collect

TESTS = Path(__file__).parents[2]
SMALL = TESTS / "second_programme" / "prime-velo"
SHIPPED = Path(recevable.__file__).parents[2] / "rules" / "af-ope-mss"
RULE = """\
demandes: [prime]
condition: velo.prix >= 100 et velo.electrique
si_faux: {consequence: completer, message: Essai, reparation: Essai}
exemples:
  - {avec: {velo: {prix: "100.00", electrique: true}}, resultat: satisfait}
  - {avec: {velo: {prix: "99.99", electrique: true}}, resultat: "non_satisfait:faux"}
  - {avec: {velo: {prix: "100.01", electrique: false}}, resultat: "non_satisfait:faux"}
"""
WithRule = Callable[[str], CompiledPack]
WithBench = Callable[[str], Programme]


def trials(bench: Programme) -> tuple[Trial, ...]:
    """The trials of a pack, all of them readable."""
    faults: list[Diagnostic] = []
    found = collect(bench, faults)
    assert faults == []
    return found


def fates(bench: Programme, rule: str, tried_on: Sequence[Trial] | None = None) -> dict[str, Fate]:
    """What becomes of each mutant of a rule, by its identifier without the name of the rule."""
    chosen = [mutant for mutant in mutants(bench.compiled) if mutant.subject == rule]
    found = try_all(bench.compiled, trials(bench) if tried_on is None else tried_on, chosen, processes=1)
    return {one.mutant.id.partition("/")[2]: one.fate for one in found}


# --- variants ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small() -> Programme:
    return open_programme(SMALL, prepared=False)


SMALL_MUTANTS = list(mutants(open_programme(SMALL, prepared=False).compiled))


@pytest.fixture(scope="module")
def dossiers(small: Programme) -> list[Dossier]:
    files = sorted((SMALL.parent / "dossiers").glob("*.json"))
    return [load(path.read_bytes(), path.name, small.validator) for path in files]


def decided(compiled: CompiledPack, dossiers: Sequence[Dossier]) -> list[object]:
    """All that is decided of each dossier."""
    decider = Decider(compiled, compiled.pack.schema, reference_only=True)
    found: list[object] = []
    for dossier in dossiers:
        try:
            found.append(decision_data(decider.decide(dossier, date(2025, 6, 30))))
        except Contradiction as error:
            found.append(error.name)
    return found


@pytest.mark.thorough
def test_every_mutant_is_refused_or_decides_as_if_compiled_from_nothing(
    small: Programme, dossiers: list[Dossier]
) -> None:
    refused = []
    for mutant in SMALL_MUTANTS:
        whole = CompiledPack(mutated(small.compiled.pack, mutant))
        try:
            whole.verify()
        except DiagnosticError:
            refused.append(mutant.id)
            with pytest.raises(DiagnosticError):
                variant(small.compiled, mutant)
            continue
        assert decided(variant(small.compiled, mutant), dossiers) == decided(whole, dossiers), mutant.id
    # a number or a question that other rules name cannot be taken out
    assert refused == [f"{rule}/regle-retiree/regle/1" for rule in ("PRIME-DE-BASE", "TOTAL-VERSE", "USAGE")]


def test_a_mutant_changes_nothing_but_its_own_rule_and_leaves_the_pack_as_it_was(small: Programme) -> None:
    before = small.compiled.pack
    for mutant in SMALL_MUTANTS:
        after = mutated(before, mutant)
        others = {**after.rules, **after.parameters}
        assert all(
            others.get(name) is old
            for name, old in {**before.rules, **before.parameters}.items()
            if name != mutant.subject
        ), mutant.id
        assert others.get(mutant.subject) != {**before.rules, **before.parameters}[mutant.subject]
    assert small.compiled.pack is before


# --- fates ------------------------------------------------------------------------------------------------------------


def test_examples_on_both_sides_kill_every_change_of_a_condition(with_bench: WithBench) -> None:
    found = fates(with_bench(RULE), "ESSAI")
    alive = [name for name, fate in found.items() if fate is not Fate.KILLED]
    # examples look at a rule alone: what the rule does in a dossier is for scenarios to show
    assert alive == ["regle-retiree/regle/1", "consequence/consequence:faux/1", "consequence/consequence:faux/2"]
    assert len(found) > len(alive)


@pytest.mark.parametrize(
    ("without", "survives"),
    [
        (0, {"nombre/condition/1", "comparaison/condition/1"}),
        (1, {"nombre/condition/2", "terme-retire/condition/1"}),
        (2, {"terme-retire/condition/2"}),
    ],
)
def test_without_a_trial_the_mutants_that_it_alone_notices_survive(
    with_bench: WithBench, without: int, survives: set[str]
) -> None:
    bench = with_bench(RULE)
    everything = trials(bench)
    dropped = [trial for trial in everything if trial.rule == "ESSAI"][without]
    before = fates(bench, "ESSAI", everything)
    after = fates(bench, "ESSAI", [trial for trial in everything if trial is not dropped])
    assert survives <= {name for name in before if (before[name], after[name]) == (Fate.KILLED, Fate.SURVIVED)}


def test_a_rule_that_is_taken_out_takes_its_examples_with_it(with_bench: WithBench) -> None:
    """Or it would always be noticed, whatever it did."""
    assert fates(with_bench(RULE), "ESSAI")["regle-retiree/regle/1"] is Fate.SURVIVED


def test_without_any_trial_every_mutant_survives(small: Programme) -> None:
    found = try_all(small.compiled, (), SMALL_MUTANTS, processes=1)
    assert {one.fate for one in found} == {Fate.SURVIVED, Fate.INVALID}


def test_no_mutant_at_all_is_no_error(small: Programme) -> None:
    assert try_all(small.compiled, trials(small), (), processes=4) == []


def test_progress_is_told_up_to_the_last_mutant(small: Programme) -> None:
    told: list[int] = []
    try_all(small.compiled, (), SMALL_MUTANTS[:3], 1, told.append)
    assert told == [1, 2, 3]


# --- the shipped pack -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Programme:
    return open_programme(SHIPPED, prepared=False)


def test_every_change_of_the_deadline_of_the_advance_is_noticed(shipped: Programme) -> None:
    """CI tries every mutant of the shipped pack; here, those of one rule."""
    found = fates(shipped, "AVA-DELAI")
    assert len(found) >= 7
    assert set(found.values()) == {Fate.KILLED}


def test_the_shipped_pack_lists_no_mutant_that_its_rules_do_not_have(shipped: Programme) -> None:
    known: dict[str, Mutant] = {mutant.id: mutant for mutant in mutants(shipped.compiled)}
    listed = accepted.read(SHIPPED)
    assert listed
    assert accepted.faults(listed.values(), known, ()) == []
    assert len(listed) * 20 < len(known), "at least 95 % are killed"
