"""`recevable test` and `recevable coverage`, as policy staff and CI use them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from recevable.cli import exits

Command = Callable[..., Any]
SCHEMAS = Path(__file__).parents[2] / "schemas"
SCENARIO = """\
scenarios:
  - titre: Facture absente
    base: acceptee
    au: "2024-05-31"
    changements: {prime.pieces.facture: absent}
    attendu:
      prime: {verdict: completer, regles: ["FACTURE:absente"]}
"""


@pytest.fixture
def mine(pack: Path, dossier: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small pack in the current folder, with a scenario."""
    monkeypatch.chdir(tmp_path)
    folder = Path(shutil.copytree(pack, "rules/prime-velo"))
    (folder / "scenarios" / "dossiers").mkdir(parents=True)
    shutil.copy(dossier("acceptee"), folder / "scenarios" / "dossiers")
    (folder / "scenarios" / "essais.yaml").write_text(SCENARIO)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{text.count(old)} × {old!r}"
    path.write_text(text.replace(old, new), "utf-8")


# --- test -------------------------------------------------------------------------------------------------------------


def test_trials_that_pass_are_counted(recevable: Command, mine: Path) -> None:
    outcome = recevable("test")
    assert (outcome.code, outcome.err) == (exits.ACCEPTED, "")
    last = outcome.out.splitlines()[-1]
    assert last == "rules/prime-velo : 3 essais réussis, 11 règles sans essai (2 exemples, 1 scénario)"


def test_a_trial_that_fails_says_where_what_and_why(recevable: Command, mine: Path) -> None:
    edit(mine / "scenarios" / "essais.yaml", "verdict: completer", "verdict: rejeter")
    outcome = recevable("test", "-k", "facture absente")
    assert outcome.code == exits.NOT_ACCEPTED
    where = "rules/prime-velo/scenarios/essais.yaml:7:24"
    assert outcome.out.splitlines() == [
        "échoué  scénario Facture absente",
        f"{where}: erreur [ESSAI-VERDICT] verdict de `prime` : attendu rejeter, obtenu completer",
        '  |       prime: {verdict: rejeter, regles: ["FACTURE:absente"]}',
        "  |                        ^^^^^^^",
        "  note : FACTURE:absente : La facture du vélo manque.",
        "rules/prime-velo : 0 essai réussi, 1 échoué (1 scénario)",
    ]


def test_verbose_shows_the_trials_that_pass(recevable: Command, mine: Path) -> None:
    outcome = recevable("test", "-v", "-k", "FACTURE [")
    assert outcome.out.splitlines() == [
        "réussi  exemple FACTURE [1]", "réussi  exemple FACTURE [2]",
        "rules/prime-velo : 2 essais réussis (2 exemples)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"FACTURE:absente"', '"FACTUR:absente"', "ATT-REGLE"),
        ("{prime.pieces.facture: absent}", "{revente: absent}", "SCE-INCHANGE"),
        ("base: acceptee", "base: autre", "SCE-BASE"),
        ("titre: Facture absente", "titre: Facture absente : non", "YAML-SYNTAXE"),
    ],
)
def test_what_cannot_be_read_is_a_failure(recevable: Command, mine: Path, old: str, new: str, code: str) -> None:
    """A misspelt rule id, a scenario that changes nothing: never a trial less in silence."""
    edit(mine / "scenarios" / "essais.yaml", old, new)
    outcome = recevable("test")
    assert outcome.code == exits.NOT_ACCEPTED
    assert f"erreur [{code}" in outcome.out
    assert re.search(r"rules/prime-velo : 2 essais réussis, \d+ illisibles?, ", outcome.out)


def test_no_trial_at_all_is_a_failure(recevable: Command, mine: Path) -> None:
    shutil.rmtree(mine / "scenarios")
    text = (mine / "regles" / "prime.yaml").read_text("utf-8")
    (mine / "regles" / "prime.yaml").write_text(re.sub(r"    exemples:\n(      - .*\n)+", "", text), "utf-8")
    outcome = recevable("test", "--fail-level", "erreur")
    assert outcome.code == exits.NOT_ACCEPTED
    assert "rules/prime-velo/programme.yaml:1:1: erreur [ESSAI-AUCUN] aucun essai n'a été joué" in outcome.out
    assert "0 essai réussi" in outcome.out


def test_a_name_that_chooses_no_trial_is_a_failure(recevable: Command, mine: Path) -> None:
    outcome = recevable("test", "-k", "FACTRE")
    assert outcome.code == exits.NOT_ACCEPTED
    assert "[ESSAI-AUCUN] aucun essai ne porte le nom `FACTRE`" in outcome.out


def test_known_dossiers_may_be_elsewhere(recevable: Command, mine: Path, dossier: Callable[[str], Path]) -> None:
    Path("ailleurs").mkdir()
    shutil.copy(dossier("acceptee"), "ailleurs")
    expected = 'titre: T\nau: "2024-05-31"\ndemandes: {prime: {verdict: rejeter}}\na_apprecier: []\nrecouvrement: []\n'
    Path("ailleurs/acceptee.attendu.yaml").write_text(expected)
    outcome = recevable("test", "--dossiers", "ailleurs")
    assert outcome.code == exits.NOT_ACCEPTED
    assert "échoué  dossier connu acceptee\nailleurs/acceptee.attendu.yaml:3:29: erreur [ESSAI-VERDICT]" in outcome.out
    assert recevable("test", "--dossiers", "absent").code == exits.USAGE


def test_rules_that_are_wrong_are_not_tried(recevable: Command, mine: Path) -> None:
    edit(
        mine / "regles" / "prime.yaml", "condition: beneficiaire.majeur = vrai", "condition: beneficiaire.majer = vrai"
    )
    for verb in ("test", "coverage"):
        outcome = recevable(verb)
        assert (outcome.code, outcome.out) == (exits.INVALID_RULES, "")
        assert "rules/prime-velo/regles/prime.yaml:42:16: erreur" in outcome.err


def test_several_packs_are_tried_and_one_that_fails_is_enough(recevable: Command, mine: Path, pack: Path) -> None:
    edit(mine / "scenarios" / "essais.yaml", "verdict: completer", "verdict: rejeter")
    outcome = recevable("test", pack, mine)
    assert outcome.code == exits.NOT_ACCEPTED
    assert outcome.out.count("essais réussis") + outcome.out.count("essai réussi") == 2


def test_a_pack_that_does_not_exist_is_a_misuse(recevable: Command, mine: Path) -> None:
    for verb in ("test", "coverage", "lint"):
        outcome = recevable(verb, "rules/prime-vlo")
        assert outcome.code == exits.USAGE
        assert "`rules/prime-vlo` ne désigne aucun paquet de règles" in outcome.err


def test_json_follows_its_schema(recevable: Command, mine: Path) -> None:
    schema = json.loads((SCHEMAS / "controle.schema.json").read_bytes())
    edit(mine / "scenarios" / "essais.yaml", "verdict: completer", "verdict: rejeter")
    for verb in ("test", "lint"):
        found = recevable(verb, "--format", "json").json
        jsonschema.Draft202012Validator(schema).validate(found)
        assert found["verbe"] == verb
        assert found["echec"] is True


# --- coverage ---------------------------------------------------------------------------------------------------------


def test_coverage_lists_what_is_not_shown_and_ends_with_the_share(recevable: Command, mine: Path) -> None:
    outcome = recevable("coverage")
    assert (outcome.code, outcome.err) == (exits.ACCEPTED, "")
    assert "\n  MAJORITE  rules/prime-velo/regles/prime.yaml:39:9\n" in outcome.out
    assert "✗ non_satisfait:faux" in outcome.out
    shown, possible, whole, tenth = map(
        int,
        re.fullmatch(r"Couverture : (\d+) sur (\d+), (\d+),(\d) %", outcome.out.splitlines()[-1]).groups(),  # type: ignore[union-attr]
    )
    assert whole * 10 + tenth == shown * 1000 // possible


@pytest.mark.parametrize(("threshold", "code"), [("0", 0), ("1", 0), ("99,9", 1), ("100", 1)])
def test_coverage_fails_below_the_threshold(recevable: Command, mine: Path, threshold: str, code: int) -> None:
    assert recevable("coverage", "--seuil", threshold).code == code


def test_the_threshold_is_compared_with_the_exact_share(recevable: Command, mine: Path) -> None:
    ((shown, possible),) = re.findall(r"Couverture : (\d+) sur (\d+)", recevable("coverage").out)
    # the share is no decimal number: a hair above it fails, a hair below passes
    exact = int(shown) * 100 / int(possible)
    assert recevable("coverage", "--seuil", f"{exact + 1e-9:.9f}").code == exits.NOT_ACCEPTED
    assert recevable("coverage", "--seuil", f"{exact - 1e-6:.6f}").code == exits.ACCEPTED


@pytest.mark.parametrize("word", ["101", "100.1", "-1", "beaucoup", "1/0", "1/2", "1e99999999", "٥"])
def test_a_threshold_that_is_no_percentage_is_a_misuse(recevable: Command, mine: Path, word: str) -> None:
    outcome = recevable("coverage", "--seuil", word)
    assert outcome.code == exits.USAGE
    assert f"`{word}` n'est pas un pourcentage de 0 à 100" in outcome.err


def test_coverage_of_nothing_is_a_failure(recevable: Command, mine: Path) -> None:
    shutil.rmtree(mine / "scenarios")
    text = (mine / "regles" / "prime.yaml").read_text("utf-8")
    (mine / "regles" / "prime.yaml").write_text(re.sub(r"    exemples:\n(      - .*\n)+", "", text), "utf-8")
    outcome = recevable("coverage")
    assert outcome.code == exits.NOT_ACCEPTED
    assert outcome.out.splitlines()[-1].endswith(", 0,0 %")


@pytest.mark.thorough
def test_the_matrix_says_who_carries_each_requirement(recevable: Command) -> None:
    outcome = recevable("coverage", "--matrice", "af-ope-mss")
    assert outcome.code == exits.ACCEPTED
    assert re.search(r"^  REQ-2-10 \(.*\).*\n(.*\n)*?      AVA-DELAI : \d+ exemples", outcome.out, re.MULTILINE)


def test_verbose_shows_every_rule_and_its_trials(recevable: Command, mine: Path) -> None:
    outcome = recevable("coverage", "-v")
    for rule in ("FACTURE", "MAJORITE", "REVENTE", "PRIME-SIMPLE"):
        assert re.search(rf"^  {rule}  rules/", outcome.out, re.MULTILINE)
    assert re.search(r"✓ satisfait +.*1 exemple", outcome.out)


def test_coverage_as_data_does_without_an_inventory_as_its_text_does(recevable: Command, pack: Path) -> None:
    (found,) = recevable("coverage", pack, "--format", "json").json["paquets"]
    assert found["exigences"] == []
    assert recevable("coverage", pack, "--matrice").code == exits.INVALID_RULES


@pytest.mark.thorough
def test_coverage_as_data_follows_its_schema(recevable: Command, mine: Path) -> None:
    schema = json.loads((SCHEMAS / "couverture.schema.json").read_bytes())
    (found,) = recevable("coverage", "af-ope-mss", "--format", "json").json["paquets"]
    jsonschema.Draft202012Validator(schema).validate({"paquets": [found]})
    assert found["exigences"]
