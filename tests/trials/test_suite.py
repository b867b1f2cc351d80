"""Every trial of a pack is read once, and runs on the pack or on any variant of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from recevable.decision.decide import Decider
from recevable.language.diagnostics import Diagnostic, Severity
from recevable.pack.examples import Example
from recevable.pack.model import Result
from recevable.programme import Programme, open_programme
from recevable.trials.coverage import measure
from recevable.trials.examples import explain_example
from recevable.trials.suite import Origin, Trial, collect, evaluations, run, untried

if TYPE_CHECKING:
    from tests.trials.conftest import Bench

Scenario = Callable[..., str]
ACCEPTED = """\
titre: Demande acceptée
au: "2024-05-31"
demandes:
  prime:
    verdict: accepter
    montants: {prime_accordee: "509.97", prime_de_base: "359.97"}
a_apprecier: []
recouvrement: []
"""


@pytest.fixture(scope="module")
def shipped() -> tuple[Programme, tuple[Trial, ...]]:
    """The shipped pack and its trials."""
    bench, faults = open_programme("af-ope-mss", prepared=False), list[Diagnostic]()
    trials = collect(bench, faults)
    assert faults == []
    return bench, trials


# --- reading ----------------------------------------------------------------------------------------------------------


def test_examples_scenarios_and_known_dossiers_are_collected(bench: Bench, scenario: Scenario) -> None:
    bench.write(scenario())
    bench.know("acceptee", ACCEPTED)
    trials, faults, _ = bench.collected()
    assert faults == []
    assert [(trial.origin, trial.name) for trial in trials] == [
        (Origin.EXAMPLE, "FACTURE [1]"),
        (Origin.EXAMPLE, "FACTURE [2]"),
        (Origin.SCENARIO, "Facture absente"),
        (Origin.DOSSIER, "acceptee"),
    ]
    assert all(trial.span.line >= 1 for trial in trials)


def test_a_dossier_without_expectation_and_the_reverse_are_told(bench: Bench) -> None:
    bench.know("acceptee", ACCEPTED)
    bench.know("revente", ACCEPTED)
    bench.know("hors-delai", ACCEPTED)
    (bench.known / "revente.attendu.yaml").unlink()
    (bench.known / "hors-delai.json").unlink()
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    _, faults, _ = bench.collected()
    assert [(fault.code, fault.message) for fault in faults] == [
        ("ATT-DOSSIER", "il manque `hors-delai.json`"),
        ("ATT-DOSSIER", "il manque `revente.attendu.yaml`"),
    ]


def test_dossiers_of_which_none_has_an_expectation_are_told_too(bench: Bench) -> None:
    bench.know("acceptee", "")
    (bench.known / "acceptee.attendu.yaml").rename(bench.known / "acceptee.attendu.yml")
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    _, faults, _ = bench.collected()
    assert [(fault.code, fault.message) for fault in faults] == [("ATT-DOSSIER", "il manque `acceptee.attendu.yaml`")]


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("  prime:", "  prim:", "ATT-DEMANDE", "demande inconnue : `prim`"),
        ("verdict: accepter", "verdict: accepte", "PAQ-VALEUR", "accepte"),
        ("prime_accordee:", "prime_accorde:", "ATT-MONTANT", "montant inconnu : `prime_accorde`"),
        ("a_apprecier: []", "a_apprecier: [USAGES]", "ATT-REGLE", "règle inconnue : `USAGES`"),
        ("recouvrement: []", "recouvrement: [{regle: REVENTES}]", "ATT-REGLE", "règle inconnue : `REVENTES`"),
        ("recouvrement: []\n", "", "PAQ-CLE-MANQUANTE", "`recouvrement`"),
        ("titre: ", "tire: ", "PAQ-CLE-INCONNUE", "`tire`"),
        ("    montants:", "    constats: {FACTURE: perdue}\n    montants:", "ATT-RESULTAT", "perdue"),
    ],
)
def test_an_expectation_that_names_nothing_is_told(bench: Bench, old: str, new: str, code: str, message: str) -> None:
    assert ACCEPTED.count(old) == 1
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    bench.know("acceptee", ACCEPTED.replace(old, new))
    _, faults, _ = bench.collected()
    assert any(fault.code == code and message in fault.message for fault in faults), faults
    assert {Path(fault.span.file).name for fault in faults if fault.span} == {"acceptee.attendu.yaml"}


# --- running ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "code", "expected", "got"),
    [
        ("verdict: accepter", "verdict: rejeter", "ESSAI-VERDICT", "rejeter", "accepter"),
        ('"509.97"', '"509.96"', "ESSAI-MONTANT", "509.96", "509.97"),
        ("a_apprecier: []", "a_apprecier: [USAGE]", "ESSAI-APPRECIATION", "ouverte", "rien"),
        ("    montants:", "    constats: {FACTURE: manquant}\n    montants:", "ESSAI-REGLE", "manquant", "satisfait"),
        ("    montants:", "    reparation: possible\n    montants:", "ESSAI-REPARATION", "possible", "rien"),
        ("a_apprecier:", "  adhesion: {verdict: accepter}\na_apprecier:", "ESSAI-DEMANDE", "présente",
         "absente du dossier"),
        ("recouvrement: []",
         "recouvrement: [{regle: REVENTE, etape: demander, modalite: obligatoire, assiette: exact, clos: false}]",
         "ESSAI-RECOUVREMENT", "ouvert", "rien"),
    ],
)  # fmt: skip
def test_a_known_dossier_fails_on_each_thing_that_is_expected(
    bench: Bench, old: str, new: str, code: str, expected: str, got: str
) -> None:
    assert ACCEPTED.count(old) == 1
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    bench.know("acceptee", ACCEPTED.replace(old, new))
    (result,) = bench.results().values()
    assert (code, expected, got) in [(d.code, d.expected, d.got) for d in result.differences]


def test_what_stands_out_without_being_expected_is_a_difference(bench: Bench) -> None:
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    bench.know("a-completer", ACCEPTED)
    (result,) = bench.results().values()
    unexpected = {(d.code, d.subject) for d in result.differences if d.expected == "rien"}
    assert unexpected >= {("ESSAI-REGLE", "`FACTURE` pour `prime`"), ("ESSAI-REGLE", "`DOMICILE` pour `prime`")}


def test_an_amount_that_one_expectation_says_is_held_against_all(bench: Bench) -> None:
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    bench.know("acceptee", ACCEPTED)
    bench.know("deux-demandes", ACCEPTED.replace(', prime_de_base: "359.97"', ""))
    found = bench.results()["deux-demandes"].differences
    assert ("ESSAI-MONTANT", "`prime_de_base` de `prime`") in [(d.code, d.subject) for d in found]


def test_an_example_that_fails_says_what_was_evaluated_and_read(bench: Bench) -> None:
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    rules = bench.folder / "regles" / "prime.yaml"
    old = "{prime.pieces.facture: {lisible: true, au_nom_du_beneficiaire: true}}, resultat: satisfait"
    text = rules.read_text("utf-8")
    assert text.count(old) == 1
    new = old.replace("lisible: true", "lisible: false")
    bench.write(text.replace(old, new), "regles/prime.yaml")
    trials, _, made = bench.collected()
    result = run(trials[0], made.decider)
    (difference,) = result.differences
    assert (difference.code, difference.expected, difference.got) == (
        "ESSAI-EXEMPLE", "satisfait", "non_satisfait:illisible",
    )  # fmt: skip
    assert "prime.pieces.facture.lisible = faux → vrai avec prime.pieces.facture.lisible = faux" in difference.notes


def test_an_example_of_a_number_and_of_a_deduction_says_its_expression(
    shipped: tuple[Programme, tuple[Trial, ...]],
) -> None:
    bench, trials = shipped
    kinds: dict[str, Example] = {}
    for trial in trials:
        if trial.example is not None:
            kinds.setdefault(bench.compiled.pack.rules[trial.rule].kind, trial.example)
    assert set(kinds) >= {"montant", "deduction", "piece", "condition", "delai", "appreciation"}
    for kind, example in kinds.items():
        assert explain_example(example, bench.decider), kind


def test_contradictory_rules_are_a_result_of_a_trial(bench: Bench, scenario: Scenario) -> None:
    bench.write(scenario())
    path = bench.folder / "regles" / "montants.yaml"
    bench.write(
        path.read_text("utf-8").replace("quand: non foyer_modeste", "quand: velo.electrique"), "regles/montants.yaml"
    )
    (result,) = bench.results().values()
    assert [d.code for d in result.differences] == ["ESSAI-DECISION"]
    assert result.differences[0].got == "deux valeurs de `prime_accordee`, par `PRIME-MAJOREE` et `PRIME-SIMPLE`"


def test_a_trial_of_a_rule_that_a_variant_dropped_fails(bench: Bench) -> None:
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    trials, _, _ = bench.collected()
    path = bench.folder / "regles" / "prime.yaml"
    bench.write(path.read_text("utf-8").replace("id: FACTURE", "id: FACTURE-BIS"), "regles/prime.yaml")
    changed = open_programme(bench.folder, prepared=False)
    assert [d.got for d in run(trials[0], changed.decider).differences] == ["absente du paquet"]


def test_a_rule_that_no_trial_is_about_is_a_warning(bench: Bench, scenario: Scenario) -> None:
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    trials, _, made = bench.collected()
    before = untried(made, trials)
    assert {fault.severity for fault in before} == {Severity.WARNING}
    assert {fault.subject for fault in before} >= {"MAJORITE", "PRIME-MAJOREE", "REVENTE"}
    assert "FACTURE" not in {fault.subject for fault in before}
    bench.base("acceptee")
    bench.write(scenario())
    trials, _, made = bench.collected()
    # the scenario says the value of a number: both rules that may give it are tried
    assert {f.subject for f in before} - {f.subject for f in untried(made, trials)} == {
        "PRIME-MAJOREE", "PRIME-SIMPLE",
    }  # fmt: skip


# --- the shipped pack -------------------------------------------------------------------------------------------------


def test_the_shipped_pack_has_trials_of_every_origin_and_no_rule_without_any(
    shipped: tuple[Programme, tuple[Trial, ...]],
) -> None:
    bench, trials = shipped
    assert {trial.origin for trial in trials} == set(Origin)
    assert sum(trial.origin is Origin.SCENARIO for trial in trials) >= 25
    assert untried(bench, trials) == []


def test_every_trial_of_the_shipped_pack_passes_by_the_reference_alone(
    shipped: tuple[Programme, tuple[Trial, ...]],
) -> None:
    """The two engines are compared elsewhere; here the one that mutation uses."""
    bench, trials = shipped
    alone = Decider(bench.compiled, bench.compiled.pack.schema, reference_only=True)
    failed = [(r.trial.name, r.differences) for r in (run(trial, alone) for trial in trials) if not r.passed]
    assert failed == []


def test_nothing_that_is_shown_was_called_impossible(shipped: tuple[Programme, tuple[Trial, ...]]) -> None:
    """`reach` tells which outcomes a rule can have: whatever a trial shows must be among them."""
    bench, trials = shipped
    nothing = measure(bench.decider, ())
    possible = {line.rule.id: set(line.outcomes) for line in nothing.lines}
    found = measure(bench.decider, trials)
    beyond = {line.rule.id: set(line.outcomes) - possible[line.rule.id] for line in found.lines}
    assert {rule: words for rule, words in beyond.items() if words} == {}


def test_the_contexts_of_a_trial_are_those_of_its_decision(shipped: tuple[Programme, tuple[Trial, ...]]) -> None:
    bench, trials = shipped
    for origin in (Origin.SCENARIO, Origin.DOSSIER):
        trial = next(t for t in trials if t.origin is origin and t.dossier is not None and t.day is not None)
        assert trial.dossier is not None
        assert trial.day is not None
        asked = trial.expectation.requests if trial.expectation is not None else ()
        decision = bench.decider.decide(trial.dossier, trial.day, asked)
        seen = {one.context.name: one.outcomes for one in evaluations(trial, bench.decider)}
        for request in decision.requests:
            failed = {f.rule for f in request.findings if f.result is Result.FAILED}
            told = {rule for rule, all_ in seen[request.name].items() if any(o.result is Result.FAILED for o in all_)}
            assert failed == told
