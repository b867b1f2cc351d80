"""`recevable mutate`, as policy staff and CI use it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from recevable.cli import exits
from recevable.trials.mutation.operators import operators

Command = Callable[..., Any]
SCHEMAS = Path(__file__).parents[2] / "schemas"
# Every change of this rule but one is noticed: nothing shows what it does in a dossier.
RULE = """\
regles:
  - id: PRIX
    titre: Prix d'au moins 100 euros
    demandes: [prime]
    condition: velo.prix >= 100
    si_faux: {consequence: rejeter, message: "Le vélo coûte moins de 100 euros."}
    source: Délibération, art. 2
    exemples:
      - {avec: {velo.prix: "99.99"}, resultat: "non_satisfait:faux"}
      - {avec: {velo.prix: "100.00"}, resultat: satisfait}
"""
ALIVE = ("PRIX/regle-retiree/regle/1", "PRIX/consequence/consequence:faux/1", "PRIX/consequence/consequence:faux/2")
SCENARIO = """\
scenarios:
  - titre: Vélo à 99,99 euros
    base: acceptee
    au: "2024-05-31"
    changements: {velo.prix: "99.99"}
    attendu:
      prime: {verdict: rejeter, regles: ["PRIX:faux"]}
"""


@pytest.fixture
def mine(pack: Path, dossier: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small pack in the current folder, with a rule and its examples."""
    monkeypatch.chdir(tmp_path)
    folder = Path(shutil.copytree(pack, "rules/prime-velo"))
    (folder / "regles" / "prix.yaml").write_text(RULE, "utf-8")
    (folder / "scenarios" / "dossiers").mkdir(parents=True)
    shutil.copy(dossier("acceptee"), folder / "scenarios" / "dossiers")
    (folder / "scenarios" / "essais.yaml").write_text(SCENARIO, "utf-8")
    return folder


@pytest.fixture
def unseen(mine: Path) -> Path:
    """The same without the scenario: what the rule does in a dossier is not noticed."""
    shutil.rmtree(mine / "scenarios")
    return mine


@pytest.fixture
def mutate(recevable: Command) -> Command:
    """The command on the rule `PRIX`, in this process alone."""
    return lambda *args: recevable("mutate", "--processus", "1", "--regle", "PRIX", *args)


def explain(folder: Path, *names: str, reason: str = "Rien ne le montre") -> None:
    """Write `mutants.yaml`."""
    lines = "".join(f"  - {{mutant: {name}, motif: {reason}}}\n" for name in names)
    (folder / "mutants.yaml").write_text(f"mutants:{lines and chr(10)}{lines or ' []'}\n", "utf-8")


# --- what is told -----------------------------------------------------------------------------------------------------


def test_a_rule_whose_every_change_is_noticed(mutate: Command, mine: Path) -> None:
    outcome = mutate()
    assert (outcome.code, outcome.err) == (exits.ACCEPTED, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "rules/prime-velo : 8 mutants, 5 essais"
    assert lines[-1] == "Mutants tués : 8 sur 8, 100,0 %"


def test_a_survivor_is_told_where_it_is_what_it_was_what_it_became_and_what_to_do(
    mutate: Command, unseen: Path
) -> None:
    outcome = mutate()
    assert outcome.code == exits.NOT_ACCEPTED
    where = "rules/prime-velo/regles/prix.yaml"
    assert outcome.out.splitlines() == [
        "rules/prime-velo : 8 mutants, 4 essais",
        "",
        f"{where}:2:9: avertissement [MUT-SURVIVANT] `PRIX` retiré : aucun essai ne le remarque",
        "  |   - id: PRIX",
        "  |         ^^^^",
        "  note : mutant PRIX/regle-retiree/regle/1",
        "  aide : Ajoutez un scénario dont cette règle décide ; si rien ne peut le montrer, dites pourquoi dans "
        "mutants.yaml.",
        "",
        f"{where}:6:28: avertissement [MUT-SURVIVANT] `rejeter` remplacé par `completer` ou `signaler` : aucun essai "
        "ne le remarque",
        '  |     si_faux: {consequence: rejeter, message: "Le vélo coûte moins de 100 euros."}',
        "  |                            ^^^^^^^",
        "  note : mutant PRIX/consequence/consequence:faux/1",
        "  note : mutant PRIX/consequence/consequence:faux/2",
        "  aide : Ajoutez un scénario dont cette cause, seule, fait le verdict ; si rien ne peut le montrer, dites "
        "pourquoi dans mutants.yaml.",
        "",
        "  Opérateur      Tués  Survivants  Invalides  Ce qui change",
        "  nombre         2     0           0          Nombre écrit ± 1 ou ± 0,01",
        "  comparaison    2     0           0          Comparaison voisine (`<`, `<=`, `>`, `>=`, `=`, `!=`)",
        "  negation       1     0           0          Condition niée",
        "  regle-retiree  0     1           0          Règle retirée, avec ses exemples",
        "  consequence    0     2           0          Autre conséquence d'une cause",
        "",
        "3 survivants sans motif : écrivez l'exemple qui manque, ou le motif dans mutants.yaml.",
        "Mutants tués : 5 sur 8, 62,5 %",
    ]


def test_a_survivor_with_a_reason_still_counts_as_one(mutate: Command, unseen: Path) -> None:
    explain(unseen, *ALIVE)
    outcome = mutate()
    assert outcome.code == exits.ACCEPTED
    assert "Survivants expliqués dans mutants.yaml (3)\n" in outcome.out
    assert outcome.out.count("Rien ne le montre") == 1, "a reason is said once"
    assert "MUT-SURVIVANT" not in outcome.out
    assert outcome.out.splitlines()[-1] == "Mutants tués : 5 sur 8, 62,5 %"


def test_what_the_compiler_refuses_does_not_count(recevable: Command, mine: Path) -> None:
    command = ("mutate", "--processus", "1", "--regle", "PRIME-DE-BASE", "--operateur", "regle-retiree")
    for verbose in ((), ("-v",)):
        outcome = recevable(*command, *verbose)
        assert outcome.code == exits.NOT_ACCEPTED, "nothing was tried"
        assert ("PRIME-DE-BASE/regle-retiree/regle/1 : `PRIME-DE-BASE` retiré" in outcome.out) is bool(verbose)
        assert outcome.out.splitlines()[-2:] == [
            "Aucun changement n'a été essayé : cela ne prouve rien.",
            "Mutants tués : 0 sur 0, 0,0 %",
        ]


def test_the_share_is_cut_and_never_rounded_up(mutate: Command, unseen: Path) -> None:
    """5 of 8 is 62,5 %; 4 of 6 is 66,6 % and not 66,7 %."""
    outcome = mutate("--operateur", "comparaison", "--operateur", "nombre", "--operateur", "consequence")
    assert outcome.out.splitlines()[-1] == "Mutants tués : 4 sur 6, 66,6 %"


def test_the_json_format_follows_its_schema(mutate: Command, unseen: Path) -> None:
    explain(unseen, ALIVE[0])
    outcome = mutate("--format", "json")
    assert outcome.code == exits.NOT_ACCEPTED
    found = json.loads(outcome.out)
    jsonschema.validate(found, json.loads((SCHEMAS / "mutation.schema.json").read_bytes()))
    (one,) = found["paquets"]
    assert [one[key] for key in ("paquet", "essais", "tues", "comptes", "part")] == [
        "rules/prime-velo", 4, 5, 8, "62,5 %",
    ]  # fmt: skip
    assert [m["mutant"] for m in one["survivants"]] == list(ALIVE)
    assert [m["motif"] for m in one["survivants"]] == ["Rien ne le montre", None, None]
    assert one["survivants"][1] == {
        "mutant": ALIVE[1], "regle": "PRIX", "operateur": "consequence",
        "fichier": "rules/prime-velo/regles/prix.yaml", "ligne": 6, "colonne": 28,
        "avant": "rejeter", "apres": "completer", "motif": None,
    }  # fmt: skip
    assert sum(count for fates in one["operateurs"].values() for count in fates.values()) == 8


def test_a_survivor_is_killed_by_a_dossier_that_both_packs_decided(
    mutate: Command, unseen: Path, tmp_path: Path
) -> None:
    (examples := tmp_path / "exemples").mkdir()
    explain(unseen, ALIVE[0])
    outcome = mutate("--prouver", "--exemples", str(examples), "--format", "json")
    assert outcome.code == exits.NOT_ACCEPTED
    found = json.loads(outcome.out)
    jsonschema.validate(found, json.loads((SCHEMAS / "mutation.schema.json").read_bytes()))
    answers = {one["id"]: one for one in found["paquets"][0]["preuves"]["reponses"]}
    assert {name: one["reponse"] for name, one in answers.items()} == dict.fromkeys(ALIVE, "refutee")
    # a reason that a dossier refutes is told
    assert answers[ALIVE[0]]["raison"] == "mutants.yaml dit pourtant : Rien ne le montre"
    assert "raison" not in answers[ALIVE[1]]
    before, after = answers[ALIVE[1]]["exemple"]["decisions"]
    assert before.startswith("avant : ")
    assert "rejeter" in before
    assert "completer" in after
    written = {path.name: json.loads(path.read_bytes()) for path in examples.iterdir()}
    assert written["prix-regle-retiree-regle-1.json"] == answers[ALIVE[0]]["exemple"]["dossiers"][0]


def test_a_survivor_is_killed_by_the_scenario_that_is_offered_once_accepted(
    mutate: Command, unseen: Path, dossier: Callable[[str], Path], tmp_path: Path
) -> None:
    (known := tmp_path / "fixtures" / "prime-velo").mkdir(parents=True)
    shutil.copy(dossier("acceptee"), known)
    expected = (
        'titre: Acceptée\nau: "2024-05-31"\ndemandes: {prime: {verdict: accepter, provisoire: false}}\n'
        "recouvrement: []\na_apprecier: []\n"
    )
    (known / "acceptee.attendu.yaml").write_text(expected, "utf-8")
    (waiting := tmp_path / "a-relire").mkdir()
    outcome = mutate("--prouver", "--completer", str(waiting))
    assert outcome.code == exits.NOT_ACCEPTED
    offered = waiting / "a-accepter-prime-velo.yaml"
    text = offered.read_text("utf-8")
    assert text.count("À DÉCIDER") == len(ALIVE) + 1, "each survivor, and the line that says what to do"
    # nothing is accepted by itself, and what waits is not overwritten
    assert mutate("--prouver", "--completer", str(waiting)).code == exits.USAGE
    assert offered.read_text("utf-8") == text
    (unseen / "scenarios").mkdir()
    (unseen / "scenarios" / "acceptes.yaml").write_text(text.replace("À DÉCIDER : ", ""), "utf-8")
    outcome = mutate("--prouver")
    assert outcome.code == exits.ACCEPTED
    assert "Mutants tués : 8 sur 8" in outcome.out


def test_scenarios_are_those_of_a_proof(mutate: Command, unseen: Path) -> None:
    assert mutate("--completer", str(unseen)).code == exits.USAGE


def test_a_survivor_that_changes_no_decision_is_proved_equivalent(mutate: Command, unseen: Path) -> None:
    path = unseen / "regles" / "prix.yaml"
    path.write_text(path.read_text("utf-8").replace("velo.prix >= 100", "velo.prix >= 100 et velo.prix > 50"), "utf-8")
    outcome = mutate("--prouver", "--operateur", "terme-retire")
    assert "prouvée PRIX/terme-retire/condition/2 : `velo.prix > 50` retiré : aucune décision ne change" in outcome.out


def test_examples_are_those_of_a_proof(recevable: Command, unseen: Path, tmp_path: Path) -> None:
    assert recevable("mutate", "--exemples", str(tmp_path)).code == exits.USAGE


def test_the_list_of_a_pack_follows_its_schema() -> None:
    schema = json.loads((SCHEMAS / "mutants.schema.json").read_bytes())
    jsonschema.validate(
        {"mutants": [{"mutant": ALIVE[0], "motif": "M"}, {"mutant": list(ALIVE), "motif": "M"}]}, schema
    )
    for wrong in ({"mutant": "PRIX", "motif": "M"}, {"mutant": ALIVE[0]}, {"mutant": [], "motif": "M"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"mutants": [wrong]}, schema)


# --- what makes it fail -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("threshold", "code"), [("62", 0), ("62.5", 0), ("62,51", 1), ("100", 1)])
def test_a_threshold_is_missed_below_it_only(mutate: Command, unseen: Path, threshold: str, code: int) -> None:
    outcome = mutate("--seuil", threshold)
    assert outcome.code == code
    said = f"Le seuil de {threshold.replace('.', ',')} % n'est pas atteint."
    assert (said in outcome.out) is bool(code)
    assert outcome.out.splitlines()[-1] == "Mutants tués : 5 sur 8, 62,5 %"


def test_with_a_list_a_survivor_without_reason_fails_whatever_the_threshold(mutate: Command, unseen: Path) -> None:
    explain(unseen, ALIVE[0])
    outcome = mutate("--seuil", "50")
    assert outcome.code == exits.NOT_ACCEPTED
    assert "2 survivants sans motif" in outcome.out
    assert "n'est pas atteint" not in outcome.out


def test_a_reason_for_what_is_now_noticed_fails(mutate: Command, mine: Path) -> None:
    explain(mine, ALIVE[0])
    outcome = mutate()
    assert outcome.code == exits.INVALID_RULES
    assert outcome.err.splitlines()[0] == (
        f"rules/prime-velo/mutants.yaml:2:14: erreur [MUT-TUE] le mutant `{ALIVE[0]}` est tué par un essai : il n'y a "
        "rien à expliquer"
    )


def test_a_reason_for_no_mutant_fails_even_when_other_rules_are_tried(mutate: Command, mine: Path) -> None:
    explain(mine, "AUTRE/regle-retiree/regle/1")
    outcome = mutate()
    assert (outcome.code, outcome.out) == (exits.INVALID_RULES, "")
    assert "rules/prime-velo/mutants.yaml:2:14: erreur [MUT-INCONNU]" in outcome.err


def test_a_list_that_cannot_be_read_fails_at_its_place(mutate: Command, mine: Path) -> None:
    explain(mine, ALIVE[0], ALIVE[0])
    outcome = mutate()
    assert (outcome.code, outcome.out) == (exits.INVALID_RULES, "")
    assert "rules/prime-velo/mutants.yaml:3:14: erreur [PAQ-DOUBLON]" in outcome.err


def test_trials_that_fail_before_any_change_are_told_first(mutate: Command, mine: Path) -> None:
    path = mine / "regles" / "prix.yaml"
    path.write_text(RULE.replace('"100.00"}', '"10.00"}'), "utf-8")
    outcome = mutate()
    assert (outcome.code, outcome.out) == (exits.NOT_ACCEPTED, "")
    assert outcome.err == (
        "rules/prime-velo : 1 essai échoue avant tout changement : corrigez-le d'abord (recevable test).\n"
    )


def test_a_trial_that_cannot_be_read_fails_at_its_place(mutate: Command, mine: Path) -> None:
    path = mine / "scenarios" / "essais.yaml"
    path.write_text(SCENARIO.replace("PRIX:faux", "PRI:faux"), "utf-8")
    outcome = mutate()
    assert (outcome.code, outcome.out) == (exits.INVALID_RULES, "")
    assert "rules/prime-velo/scenarios/essais.yaml:7:42: erreur [ATT-REGLE]" in outcome.err


def test_a_pack_that_nothing_tries_proves_nothing(mutate: Command, unseen: Path) -> None:
    for path in (unseen / "regles").glob("*.yaml"):
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"    exemples:\n(      - .*\n)+", "", text), "utf-8")
    outcome = mutate("--seuil", "0")
    assert outcome.code == exits.NOT_ACCEPTED
    assert "Aucun essai n'a été joué : cela ne prouve rien." in outcome.out


def test_a_kind_of_change_that_a_rule_does_not_know_proves_nothing(mutate: Command, mine: Path) -> None:
    outcome = mutate("--operateur", "arrondi")
    assert outcome.code == exits.NOT_ACCEPTED
    assert "Aucun changement n'a été essayé" in outcome.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--regle", "PRI"), "`PRI` n'est ni une règle ni un paramètre du paquet. Vouliez-vous dire `PRIX` ?"),
        (("--operateur", "negatio"), "negation"),
        (("--processus", "0"), "0"),
        (("--seuil", "101"), "`101` n'est pas un pourcentage de 0 à 100"),
        (("--format", "xml"), "valeurs possibles : text, json"),
        (("--dossiers", "absent"), "absent"),
        (("absent",), "`absent` ne désigne aucun paquet de règles."),
    ],
)
def test_bad_usage(recevable: Command, mine: Path, args: tuple[str, ...], said: str) -> None:
    outcome = recevable("mutate", *args)
    assert (outcome.code, outcome.out) == (exits.USAGE, "")
    assert said in outcome.err


def test_rules_that_are_wrong_are_not_changed(recevable: Command, mine: Path) -> None:
    (mine / "regles" / "prix.yaml").write_text(RULE.replace("velo.prix >=", "velo.pri >="), "utf-8")
    outcome = recevable("mutate")
    assert (outcome.code, outcome.out) == (exits.INVALID_RULES, "")
    assert "rules/prime-velo/regles/prix.yaml:5:16: erreur" in outcome.err


# --- several packs, several processes ---------------------------------------------------------------------------------


def test_a_parameter_may_be_asked_for(recevable: Command, mine: Path) -> None:
    outcome = recevable("mutate", "--processus", "1", "--regle", "plafond", "--regle", "PRIX")
    assert outcome.out.startswith("rules/prime-velo : 10 mutants")
    assert outcome.code == exits.NOT_ACCEPTED
    assert "parametres.yaml" in outcome.out


def test_several_packs_share_the_last_line(recevable: Command, mine: Path) -> None:
    shutil.copytree(mine, "rules/autre")
    outcome = recevable("mutate", "rules", "--processus", "1", "--regle", "PRIX")
    assert outcome.code == exits.ACCEPTED
    assert [line for line in outcome.out.splitlines() if "essais" in line] == [
        "rules/autre : 8 mutants, 5 essais", "rules/prime-velo : 8 mutants, 5 essais",
    ]  # fmt: skip
    assert outcome.out.splitlines()[-1] == "Mutants tués : 16 sur 16, 100,0 %"


def test_known_dossiers_notice_too(mutate: Command, unseen: Path, dossier: Callable[[str], Path]) -> None:
    known = Path("ailleurs")
    known.mkdir()
    content = json.loads(dossier("acceptee").read_bytes())
    content["velo"]["prix"] = "99.99"
    (known / "bas.json").write_text(json.dumps(content))
    expected = (
        'titre: Bas\nau: "2024-05-31"\ndemandes:\n  prime:\n    verdict: rejeter\n    reparation: impossible\n'
        '    constats: {PRIX: "non_satisfait:faux"}\na_apprecier: []\nrecouvrement: []\n'
    )
    (known / "bas.attendu.yaml").write_text(expected)
    assert mutate("--dossiers", "ailleurs").out.splitlines()[-1] == "Mutants tués : 8 sur 8, 100,0 %"


@pytest.mark.thorough
def test_the_result_does_not_depend_on_the_number_of_processes(
    apart: Callable[..., subprocess.CompletedProcess[bytes]], mine: Path
) -> None:
    found = {
        (outcome.returncode, outcome.stdout, outcome.stderr)
        for outcome in (
            apart("mutate", "--format", "json", "--processus", str(count), cwd=Path()) for count in (1, 2, 5)
        )
    }
    ((code, out, err),) = found
    assert (code, err) == (exits.NOT_ACCEPTED, b"")
    assert len(json.loads(out)["paquets"][0]["survivants"]) > 10


def test_every_kind_of_change_is_offered(recevable: Command) -> None:
    page = re.sub(r"\s+", "", recevable("mutate", "--help").out)
    assert ",".join(operators()) in page
