"""The scenarios of policy staff: what they may write, and what is said when it tries nothing or cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.trials.conftest import Bench

Scenario = Callable[..., str]
APPRAISED = """\
scenarios:
  - titre: Une association que l'agent refuse
    base: association
    au: "2024-05-31"
    changements:
      appreciations.USAGE:
        {reponse: sans_rapport, auteur: A, motif: M, le: "2024-05-10", expire_le: "2025-05-10"}
    attendu:
      prime: {verdict: rejeter, regles: ["USAGE:sans_rapport"], montants: {prime_accordee: "400.00"}}
"""
RECOVERY = """\
scenarios:
  - titre: Revente le lendemain de l'achat
    base: revente
    au: "2025-06-01"
    changements: {revente.le: "2024-03-16", versements.0.montant: "100.00"}
    attendu:
      recouvrement: [{regle: REVENTE, etape: demander, montant: "109.97"}]
"""


def test_a_scenario_that_is_as_expected_passes(bench: Bench, scenario: Scenario) -> None:
    bench.write(scenario())
    (result,) = bench.results().values()
    assert (result.trial.name, result.differences) == ("Facture absente", ())
    assert str(result.trial.span) == "scenarios/essais.yaml:2:12"


@pytest.mark.parametrize(
    ("edits", "code", "said"),
    [
        # verdict, deciding rules and amounts are all held to
        ([("verdict: completer", "verdict: rejeter")], "ESSAI-VERDICT", "rejeter/completer"),
        ([('"FACTURE:absente"', '"FACTURE:illisible"')], "ESSAI-REGLE", "la cause `illisible`/non_satisfait:absente"),
        ([('["FACTURE:absente"]', '["FACTURE:absente", MAJORITE]')], "ESSAI-REGLE", "se fait entendre/satisfait"),
        ([('"509.97"', '"509.98"')], "ESSAI-MONTANT", "509.98/509.97"),
        ([('"509.97"', "inconnu")], "ESSAI-MONTANT", "inconnu/509.97"),
    ],
)
def test_a_scenario_fails_on_each_thing_that_it_says(
    bench: Bench, scenario: Scenario, edits: list[tuple[str, str]], code: str, said: str
) -> None:
    bench.write(scenario(*edits))
    (result,) = bench.results().values()
    found = {(d.code, f"{d.expected}/{d.got}") for d in result.differences}
    assert (code, said) in found


def test_a_rule_that_decides_without_being_named_is_a_difference(bench: Bench, scenario: Scenario) -> None:
    bench.write(scenario(('"FACTURE:absente"', "DOMICILE"), ('"2024-05-31"', '"2025-05-31"')))
    (result,) = bench.results().values()
    assert [(d.subject, d.expected, d.got) for d in result.differences] == [
        ("`FACTURE` pour `prime`", "rien", "non_satisfait:absente")
    ]
    assert result.differences[0].notes == ("La facture du vélo manque.",)


def test_a_rule_may_be_named_without_its_cause(bench: Bench, scenario: Scenario) -> None:
    bench.write(scenario(('"FACTURE:absente"', "FACTURE")))
    (result,) = bench.results().values()
    assert result.passed


def test_a_provisional_verdict_is_said_or_it_is_a_difference(bench: Bench) -> None:
    bench.base("association")
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    text = APPRAISED.replace(
        '{reponse: sans_rapport, auteur: A, motif: M, le: "2024-05-10", expire_le: "2025-05-10"}\n    attendu:',
        '{reponse: conforme, auteur: A, motif: M, le: "2024-05-10", expire_le: "2024-05-11"}\n    attendu:',
    )
    text = text.replace('verdict: rejeter, regles: ["USAGE:sans_rapport"]', "verdict: accepter")
    bench.write(text)
    (result,) = bench.results().values()
    assert {(d.code, d.expected, d.got) for d in result.differences} >= {("ESSAI-VERDICT", "false", "true")}


def test_an_answer_may_be_recorded_and_a_list_changed(bench: Bench) -> None:
    bench.base("association")
    bench.base("revente")
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    bench.write(APPRAISED)
    bench.write(RECOVERY, "scenarios/reversement.yaml")
    assert {name: result.passed for name, result in bench.results().items()} == {
        "Une association que l'agent refuse": True,
        "Revente le lendemain de l'achat": True,
    }


def test_a_case_of_undue_payment_that_is_not_expected_is_a_difference(bench: Bench) -> None:
    bench.base("revente")
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    bench.write(RECOVERY.replace('[{regle: REVENTE, etape: demander, montant: "109.97"}]', "[]"))
    (result,) = bench.results().values()
    assert [(d.code, d.subject, d.got) for d in result.differences] == [
        ("ESSAI-RECOUVREMENT", "cas `REVENTE`", "ouvert")
    ]


# --- what tries nothing, or cannot be read ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "code", "message", "help"),
    [
        # nothing changes
        ("changements:\n      prime.pieces.facture: absent", "▸changements: {}", "SCE-INCHANGE", "ne change rien", ""),
        ("prime.pieces.facture: absent", "velo.prix: ▸\"1199.90\"", "SCE-INCHANGE",
         "`velo.prix` a déjà cette valeur dans le dossier", "donnez une autre valeur"),
        ("prime.pieces.facture: absent", "revente: ▸absent", "SCE-INCHANGE", "`revente` est déjà absent", ""),
        ("prime.pieces.facture: absent", "adhesion.deposee_le: ▸absent", "SCE-INCHANGE", "est déjà absent", ""),
        ("prime.pieces.facture: absent", "appreciations.USAGE.motif: ▸absent", "SCE-INCHANGE", "est déjà absent", ""),
        # a name that designates nothing
        ("\"FACTURE:absente\"", "▸\"FACTURES:absente\"", "ATT-REGLE", "règle inconnue : `FACTURES`", "`FACTURE`"),
        ("\"FACTURE:absente\"", "▸\"FACTURE:abssente\"", "ATT-RESULTAT", "cause inconnue", "`FACTURE:absente`"),
        ("base: acceptee", "base: ▸acepte", "SCE-BASE", "le dossier `acepte` n'existe pas", "`acceptee`"),
        ("prime.pieces.facture: absent", "▸prime.piece.facture: absent", "SCE-CHAMP", "champ inconnu",
         "`prime.pieces.facture`"),
        ("{prime_accordee:", "{▸prime_accorde:", "ATT-MONTANT", "montant inconnu : `prime_accorde`",
         "`prime_accordee`"),
        ("      prime: {", "      ▸prim: {", "ATT-DEMANDE", "demande inconnue : `prim`", "`prime`"),
        ("verdict: completer", "verdict: ▸complet", "", "", "`completer`"),
        ("changements:", "▸changement:", "", "changement", "`changements`"),
        ("prime.pieces.facture: absent", "▸appreciations.USAGES: absent", "SCE-CHAMP",
         "aucune règle ne pose la question `USAGES`", "`USAGE`"),
        ("prime.pieces.facture: absent", "▸versements.3.montant: \"1.00\"", "SCE-CHAMP", "champ inconnu|élément", ""),
        # a value that is not one
        ("\"509.97\"", "▸\"509,97\"", "ATT-MONTANT", "`509,97` n'est pas un montant", "`\"509.97\"`"),
        ("\"509.97\"", "▸509.97", "ATT-MONTANT", "n'est pas un montant", "entre guillemets"),
        ("prime.pieces.facture: absent", "velo.prix: ▸\"12,50\"", "EXE-FAIT", "12,50", ""),
        ("prime.pieces.facture: absent", "velo.achete_le: ▸\"31/07/2023\"", "EXE-FAIT", "31/07/2023", "2023-07-31"),
        ("\"2024-05-31\"", "▸\"31/05/2024\"", "", "31/05/2024", "2024-05-31"),
        # a dossier that could never have been received
        ("prime.pieces.facture: absent", "▸programme: absent", "SCE-SCHEMA", "n'a plus la forme d'un dossier", ""),
        # a verdict of which nobody says where it comes from
        (", regles: [\"FACTURE:absente\"]", "", "SCE-REGLES", "sans dire par quelle règle", "`regles:"),
    ],
)  # fmt: skip
def test_what_tries_nothing_or_names_nothing_is_told_at_its_place(
    bench: Bench, scenario: Scenario, old: str, new: str, code: str, message: str, help: str
) -> None:
    bench.write(scenario((old, new)))
    found = bench.fault()
    assert not code or found.code in code.split("|")
    assert any(part in found.message for part in message.split("|"))
    assert help in found.help


def test_a_scenario_that_expects_nothing_is_told(bench: Bench, scenario: Scenario) -> None:
    text = scenario()
    start = text.index("    attendu:")
    bench.write(text[:start] + "    attendu: {}\n")
    assert bench.fault().code in ("SCE-ATTENDU", "PAQ-VIDE")


def test_a_file_without_scenario_is_told(bench: Bench) -> None:
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    bench.write("scenarios: ▸[]\n")
    assert bench.fault().code == "PAQ-VIDE"


def test_two_scenarios_of_one_title_are_told_in_whatever_file(bench: Bench, scenario: Scenario) -> None:
    bench.write(scenario())
    bench.write(scenario(("titre: ", "titre: ▸")), "scenarios/suite.yaml")
    found = bench.fault()
    assert found.code == "PAQ-DOUBLON"
    assert "scenarios/essais.yaml:2:12" in found.message


def test_a_base_that_no_scenario_starts_from_is_told(bench: Bench, scenario: Scenario) -> None:
    bench.base("association")
    bench.write(scenario())
    found = bench.fault()
    assert (found.code, str(found.span)) == ("SCE-BASE", "scenarios/dossiers/association.json:1:1")


def test_a_base_that_is_no_dossier_is_told_once(bench: Bench, scenario: Scenario) -> None:
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").write_text('{"programme": "autre"}')
    bench.write(scenario())
    _, faults, _ = bench.collected()
    assert {fault.span.file for fault in faults if fault.span} == {
        "scenarios/dossiers/acceptee.json", "scenarios/essais.yaml",
    }  # fmt: skip


def test_one_bad_scenario_does_not_hide_the_others(bench: Bench, scenario: Scenario) -> None:
    other = scenario(("Facture absente", "Une autre")).removeprefix("scenarios:\n")
    bench.write(scenario(("base: acceptee", "base: acepte")) + other)
    trials, faults, _ = bench.collected()
    assert [trial.name for trial in trials if not trial.rule] == ["Une autre"]
    assert [fault.code for fault in faults] == ["SCE-BASE"]


def test_a_dossier_of_the_pack_hides_a_known_one_of_the_same_name(bench: Bench, scenario: Scenario) -> None:
    """A pack that is moved keeps its scenarios."""
    bench.know("acceptee", "", {"programme": "autre"})
    (bench.known / "acceptee.attendu.yaml").unlink()
    bench.write(scenario())
    (result,) = bench.results().values()
    assert result.passed


@pytest.mark.parametrize(("step", "got"), [("inconnu", []), ("demander", ["demander/inconnu"])])
def test_a_case_that_lacks_a_datum_has_an_unknown_step(bench: Bench, step: str, got: list[str]) -> None:
    text = RECOVERY.replace('revente.le: "2024-03-16", ', "revente.le: absent, ")
    bench.base("revente")
    (bench.folder / "scenarios" / "dossiers" / "acceptee.json").unlink()
    bench.write(text.replace("etape: demander", f"etape: {step}"))
    (result,) = bench.results().values()
    assert [f"{d.expected}/{d.got}" for d in result.differences] == got
