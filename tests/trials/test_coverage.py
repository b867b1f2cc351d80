"""Coverage: what trials show of each rule, out of all that it can answer."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from recevable.programme import Programme
from recevable.trials.coverage import Coverage, Point, measure
from recevable.trials.suite import Origin, collect

if TYPE_CHECKING:
    from tests.trials.conftest import Bench

Scenario = Callable[..., str]


def outcomes(found: Coverage, rule: str) -> dict[str, dict[Origin, int]]:
    """How often each outcome of a rule was shown, by origin."""
    line = next(line for line in found.lines if line.rule.id == rule)
    return {word: dict(shown) for word, shown in line.outcomes.items()}


def test_without_any_trial_nothing_is_covered_and_everything_possible_is_listed(small: Programme) -> None:
    found = measure(small.decider, ())
    assert found.share == 0
    assert [line.rule.id for line in found.lines] == list(small.compiled.pack.rules)
    assert outcomes(found, "FACTURE") == {
        "satisfait": {}, "non_satisfait:absente": {}, "non_satisfait:autre_nom": {}, "non_satisfait:illisible": {},
    } | {"manquant": {}}  # fmt: skip
    assert set(outcomes(found, "DOMICILE")) == {
        "sans_objet", "satisfait", "non_satisfait:absente", "non_satisfait:perimee", "manquant",
    }  # fmt: skip
    assert set(outcomes(found, "FOYER-MODESTE")) == {"vrai", "faux", "manquant"}
    assert set(outcomes(found, "USAGE")) == {
        "sans_objet", "satisfait", "non_satisfait:sans_rapport", "a_apprecier", "manquant",
    }  # fmt: skip


def test_an_example_shows_its_own_rule_only(small: Programme) -> None:
    trials = [trial for trial in collect(small, []) if trial.rule]
    found = measure(small.decider, trials)
    assert outcomes(found, "FACTURE")["satisfait"] == {Origin.EXAMPLE: 1}
    assert outcomes(found, "FACTURE")["non_satisfait:absente"] == {Origin.EXAMPLE: 1}
    shown = {line.rule.id for line in found.lines if line.exercised.total()}
    assert shown == {"FACTURE"}


def test_a_scenario_shows_every_rule_of_its_request(bench: Bench, scenario: Scenario) -> None:
    bench.write(scenario())
    trials, _, made = bench.collected()
    found = measure(made.decider, [trial for trial in trials if not trial.rule])
    assert outcomes(found, "MAJORITE")["satisfait"] == {Origin.SCENARIO: 1}
    assert outcomes(found, "USAGE")["sans_objet"] == {Origin.SCENARIO: 1}
    # that a rule does not apply shows an outcome, and exercises nothing
    line = next(line for line in found.lines if line.rule.id == "USAGE")
    assert line.exercised.total() == 0


def test_both_sides_of_a_limit_are_to_be_shown(bench: Bench, scenario: Scenario) -> None:
    at = scenario(("prime.pieces.facture: absent", "beneficiaire.revenu_fiscal: 15400"),
                  (', regles: ["FACTURE:absente"]', ""), ("verdict: completer", "verdict: accepter"))  # fmt: skip
    beside = at.replace("Facture absente", "Au-delà").replace("15400", "15401").replace("509.97", "359.97")
    far = at.replace("15400", "90000").replace("509.97", "359.97")
    sides = {}
    for name, text in (("at", at), ("both", at + beside.removeprefix("scenarios:\n")), ("far", far)):
        bench.write(text)
        trials, faults, made = bench.collected()
        assert faults == []
        line = next(x for x in measure(made.decider, trials).lines if x.rule.id == "FOYER-MODESTE")
        (edge,) = line.edges
        assert edge.text == "beneficiaire.revenu_fiscal <= revenu_modeste"
        sides[name] = {point for point, shown in edge.shown.items() if shown.total()}
    assert sides == {"at": {Point.AT}, "both": {Point.AT, Point.BESIDE}, "far": set()}


def test_the_share_is_exact_and_grows_with_trials(small: Programme) -> None:
    trials = collect(small, [])
    shares = [measure(small.decider, trials[:count]).share for count in range(len(trials) + 1)]
    assert shares == sorted(shares)
    assert shares[0] == 0 < shares[-1] < 1
    shown, possible = measure(small.decider, trials).counts()
    assert shares[-1] == Fraction(shown, possible)


def test_what_lacks_is_said_in_the_words_of_examples(small: Programme) -> None:
    line = next(line for line in measure(small.decider, collect(small, [])).lines if line.rule.id == "FACTURE")
    assert line.lacking == ["non_satisfait:autre_nom", "non_satisfait:illisible", "manquant"]


@pytest.mark.parametrize(("text", "listed"), [
    ("tous(v dans versements, v.montant <= 100.00)", "v.montant <= 100.00, pour v dans versements"),
    ("non certains(v dans versements, v.montant > 100.00)", "v.montant > 100.00, pour v dans versements"),
    ("nombre(v dans versements, v.montant > 100.00) != 9", "v.montant > 100.00, pour v dans versements"),
    ("somme(v dans versements, si v.montant > 100.00 alors v.montant sinon 0) != 9.00",
     "v.montant > 100.00, pour v dans versements"),
    # the limit of a filter is one of all the elements, those that it leaves out too
    ("nombre(v dans versements si v.montant > 100.00, vrai) != 9", "v.montant > 100.00, pour v dans versements"),
    ("certains(w dans versements, tous(v dans versements, v.montant <= w.montant))",
     "v.montant <= w.montant, pour w dans versements, v dans versements"),
])  # fmt: skip
def test_a_limit_inside_a_list_is_shown_by_any_of_its_elements(bench: Bench, text: str, listed: str) -> None:
    def points(*amounts: str) -> set[Point]:
        paid = ", ".join(f'{{montant: "{amount}"}}' for amount in amounts)
        bench.write(
            f"""\
regles:
  - id: LISTE
    titre: Versements
    demandes: [prime]
    condition: {text}
    si_faux: {{consequence: signaler, message: Un versement.}}
    exigences: [PV-001]
    source: Règlement art. 1
    exemples:
      - {{avec: {{versements: [{paid}]}}, resultat: satisfait}}
""",
            "regles/liste.yaml",
        )
        trials, _, made = bench.collected()
        line = next(x for x in measure(made.decider, trials).lines if x.rule.id == "LISTE")
        assert line.exercised.total() == 1
        (edge,) = [edge for edge in line.edges if edge.text == listed]
        assert {shown.total() for shown in edge.shown.values()} <= {0, 1}
        return {point for point, shown in edge.shown.items() if shown.total()}

    nested = "w dans" in text
    assert points() == set()
    assert points("5.00") == ({Point.AT} if nested else set())
    assert points("5.00", "100.00", "100.00") == {Point.AT}
    assert points("5.00", "100.01") == ({Point.AT} if nested else {Point.BESIDE})
    assert points("100.00", "100.01") == {Point.AT, Point.BESIDE}
