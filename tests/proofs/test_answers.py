"""Proofs, examples that the engines decide, and what is not decided."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import z3
from click.testing import CliRunner
from tests.proofs.conftest import Provers

from recevable import data
from recevable.cli.app import cli
from recevable.lint.run import lint
from recevable.pack import properties as written
from recevable.programme import open_programme
from recevable.proofs import properties, questions, search
from recevable.proofs.prover import NotConfirmed, Prover
from recevable.trials.proved import Answer, Example, Status

SECOND = Path(__file__).parents[1] / "second_programme"
HEAD = "proprietes:\n  - id: PRO-UN\n    titre: Une phrase\n    source: Décret\n    demande: aide\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a pack, without its own properties, with its dossiers."""
    for kind in ("rules", "schemas", "fixtures"):
        shutil.copytree(data.shipped(kind) / "reconditionneurs", tmp_path / kind / "reconditionneurs")
    found = tmp_path / "rules" / "reconditionneurs"
    (found / written.PROPERTIES).unlink(missing_ok=True)
    return found


def prove(folder: Path, text: str, *options: str) -> Any:
    (folder / written.PROPERTIES).write_text(HEAD + text, "utf-8")
    return CliRunner().invoke(
        cli, ["prove", "--propriete", "PRO-UN", *options, str(folder)], catch_exceptions=False, standalone_mode=False
    )


def answer_of(folder: Path, text: str, tmp_path: Path) -> tuple[dict[str, Any], int]:
    result = prove(folder, text, "--format", "json")
    return json.loads(result.output)["paquets"][0]["reponses"][0], result.return_value


def test_what_always_holds_is_proved_within_stated_bounds(folder: Path) -> None:
    result = prove(folder, "    toujours: aide_accordee <= aide_calculee\n    quand: aide_accordee >= 0\n")
    assert result.return_value == 0
    assert "1 prouvée (listes de 3 éléments au plus, dates du " in result.output


def test_what_does_not_hold_is_shown_by_a_dossier_that_the_engines_decided(folder: Path, tmp_path: Path) -> None:
    examples = tmp_path / "exemples"
    examples.mkdir()
    result = prove(folder, '    jamais: verdict(aide) = "accepter"\n', "--exemples", str(examples))
    assert result.return_value == 1
    assert "réfutée PRO-UN" in result.output
    assert "accepter" in result.output
    (content,) = [path.read_bytes() for path in examples.iterdir()]
    programme = open_programme(folder, prepared=False)
    dossier = programme.read(content)
    day = json.loads(prove(folder, '    jamais: verdict(aide) = "accepter"\n', "--format", "json").output)
    on = day["paquets"][0]["reponses"][0]["exemple"]["au"]
    assert str(programme.decide(dossier, date.fromisoformat(on)).request("aide").verdict) == "accepter"


def test_an_example_keeps_what_it_can_of_a_real_dossier(provers: Provers) -> None:
    prover = provers("reconditionneurs")
    answer = prover.ask("refus", prover.side.request("aide").rejected, lambda dossiers, day: True, ["aide"])
    assert answer.example is not None
    base = next(one for one in prover.bases if one.name == answer.example.near)
    changed = prover.programme.changes(base.dossier, prover.programme.read(answer.example.contents[0]))
    assert len(changed) <= 2


def test_a_condition_that_no_dossier_meets_proves_nothing(folder: Path, tmp_path: Path) -> None:
    found, code = answer_of(folder, "    quand: aide_calculee < 0 et aide_calculee > 0\n    jamais: vrai\n", tmp_path)
    assert (found["reponse"], code) == ("vide", 1)


def test_what_is_unknown_is_not_always_true(folder: Path, tmp_path: Path) -> None:
    found, code = answer_of(folder, "    toujours: aide_calculee >= 0\n", tmp_path)
    assert (found["reponse"], code) == ("refutee", 1)


def test_two_dossiers_are_compared(folder: Path, tmp_path: Path) -> None:
    pair = "    deux_dossiers: {different: [aide.declarant]}\n"
    same = pair + "    toujours: premier.aide_accordee = second.aide_accordee\n    quand: premier.aide_accordee >= 0\n"
    assert answer_of(folder, same, tmp_path)[0]["reponse"] == "prouvee"
    pair = "    deux_dossiers: {different: [aide.recue_le]}\n"
    found, _ = answer_of(folder, pair + "    toujours: verdict(premier.aide) = verdict(second.aide)\n", tmp_path)
    assert found["reponse"] == "refutee"
    first, second = found["exemple"]["dossiers"]
    first["aide"].pop("recue_le", None)
    second["aide"].pop("recue_le", None)
    assert first == second


def test_a_dossier_without_some_of_its_data_has_those_of_the_whole(folder: Path, tmp_path: Path) -> None:
    pair = "    deux_dossiers: {donnees_otees: true, sauf: [aide.voie]}\n"
    more = pair + "    jamais: premier.aide.recue_le est absent et second.aide.recue_le est present\n"
    assert answer_of(folder, more, tmp_path)[0]["reponse"] == "prouvee"


UNTRANSLATED = "    jamais: ajoute_jours_ouvres(date_de(aide.recue_le), 3, jours_chomes) < 2000-01-01\n"


def add_holidays(folder: Path) -> None:
    """Give the pack the calendar that UNTRANSLATED reads."""
    parameters = folder / "parametres.yaml"
    parameters.write_text(
        parameters.read_text("utf-8")
        + "\n  jours_chomes:\n    titre: Jours fériés\n    type: jours_feries\n    reference: decision\n"
        '    jusqu_au: "2023-12-31"\n'
        '    valeurs: [{a_partir_du: "2021-01-01", valeur: ["2023-05-01"], source: Décret}]\n'
    )


def test_an_operation_without_translation_is_not_decided_by_its_name(folder: Path, tmp_path: Path) -> None:
    add_holidays(folder)
    found, code = answer_of(folder, UNTRANSLATED, tmp_path)
    assert (found["reponse"], code) == ("non_decidee", 1)
    assert "ajoute_jours_ouvres" in found["raison"]


def test_what_takes_more_steps_than_are_given_is_not_decided(provers: Provers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_EFFORT", 1)
    prover = Prover(provers("reconditionneurs").programme)
    answer = prover.ask("q", prover.side.request("aide").accepted, lambda dossiers, day: True, ["aide"])
    assert answer.status is Status.UNDECIDED
    assert answer.reason == "le calcul accordé est dépassé (10 s, comptées en pas du solveur)"


def test_an_interruption_is_not_an_answer(provers: Provers) -> None:
    """The solver takes the signal for itself, and says that it was cancelled."""
    prover = provers("reconditionneurs")
    pigeons = [[z3.Bool(f"{pigeon}:{hole}") for hole in range(11)] for pigeon in range(12)]
    apart = [z3.AtMost(*(pigeon[hole] for pigeon in pigeons), 1) for hole in range(11)]
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        prover.possible(z3.And(*(z3.Or(pigeon) for pigeon in pigeons), *apart), seconds=3600)


def test_an_example_that_the_engines_do_not_confirm_is_our_fault(provers: Provers) -> None:
    prover = provers("reconditionneurs")
    with pytest.raises(NotConfirmed) as error:
        prover.ask("q", prover.side.request("aide").accepted, lambda dossiers, day: False, ["aide"])
    assert error.value.example.contents


def test_the_command_ends_with_4_when_an_example_is_not_confirmed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Prover, question: str, *_: Any, **__: Any) -> Answer:
        raise NotConfirmed(question, Example((b"{}\n",), self.bounds.first, ""), "la décision ne le confirme pas")

    monkeypatch.setattr(Prover, "ask", refuse)
    assert prove(folder, "    jamais: a_payer(aide) < 0\n").return_value == 4


def test_an_unknown_property_is_a_wrong_usage(folder: Path) -> None:
    (folder / written.PROPERTIES).write_text(f"{HEAD}    jamais: a_payer(aide) < 0\n", "utf-8")
    result = CliRunner().invoke(cli, ["prove", "--propriete", "PRO-DEUX", str(folder)])
    assert result.exit_code == 2


def test_invalid_properties_end_with_3(folder: Path) -> None:
    assert prove(folder, "    jamais: nulle_part > 0\n").return_value == 3


# --- what a pack accepts not to be proved ---------------------------------------------------------------------------


def tolerate(folder: Path, subject: str, until: str = "2999-12-31") -> None:
    (folder / "tolerances.yaml").write_text(
        f"tolerances:\n  - controle: PREUVE-ABSENTE\n    sujet: {subject}\n    motif: Le service le sait\n"
        f'    expire_le: "{until}"\n',
        "utf-8",
    )


def test_what_is_not_proved_may_be_accepted_until_a_day(folder: Path, tmp_path: Path) -> None:
    never = '    jamais: verdict(aide) = "accepter"\n'
    tolerate(folder, "PRO-UN")
    found, code = answer_of(folder, never, tmp_path)
    assert (found["reponse"], found["toleree"], code) == ("refutee", "Le service le sait", 0)
    assert [
        one for one in lint(open_programme(folder, prepared=False).source, date(2026, 1, 1)) if "PREUVE" in one.message
    ] == []
    tolerate(folder, "PRO-UN", "2026-01-31")
    result = prove(folder, never)
    assert result.return_value == 1
    assert "tolerances.yaml:2:15 cette tolérance a expiré le 2026-01-31" in result.output
    assert "réfutée PRO-UN" in result.output


def test_a_tolerance_of_what_is_proved_is_a_fault(folder: Path) -> None:
    tolerate(folder, "PRO-UN")
    result = prove(folder, "    toujours: a_payer(aide) >= 0\n")
    assert result.return_value == 1
    assert "tolerances.yaml:2:15 `PREUVE-ABSENTE` n'a rien à redire à `PRO-UN`" in result.output


# --- the questions put to any pack ----------------------------------------------------------------------------------


def asked(folder: Path, identity: str) -> dict[str, Any]:
    result = CliRunner().invoke(cli, ["prove", "--format", "json", "--propriete", identity, str(folder)])
    found: dict[str, Any] = json.loads(result.output)["paquets"][0]["reponses"][0]
    return found


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_request_that_can_be_accepted_is_told_from_one_that_cannot(folder: Path) -> None:
    assert asked(folder, "aide:acceptable")["reponse"] == "prouvee"
    change(folder, "regles/de_minimis.yaml", "condition: reste_de_minimis > 0", "condition: reste_de_minimis < 0")
    assert asked(folder, "aide:acceptable")["reponse"] == "vide"


def test_what_a_known_dossier_shows_asks_nothing_of_the_solver(
    provers: Provers, monkeypatch: pytest.MonkeyPatch
) -> None:
    prover = provers("reconditionneurs")
    monkeypatch.setattr(Prover, "ask", lambda *_: pytest.fail("the solver was asked"))
    asked = {one.id: one for one in questions.questions(prover.compiled)}
    assert questions.ask(prover, asked["aide:acceptable"]).status is Status.PROVED
    assert questions.ask(prover, asked["aide:MIN-PLAFOND:non_satisfait:faux"]).status is Status.PROVED


def test_a_possible_outcome_that_no_dossier_shows_is_confirmed_by_the_engines(
    provers: Provers, monkeypatch: pytest.MonkeyPatch
) -> None:
    prover = provers("reconditionneurs")
    alone = Prover(prover.programme)
    asked = {one.id: one for one in questions.questions(prover.compiled)}
    question = asked["aide:MIN-PLAFOND:non_satisfait:faux"]
    assert questions.ask(alone, question).status is Status.PROVED
    monkeypatch.setattr(Prover, "reached", lambda *_: set())
    with pytest.raises(NotConfirmed):
        questions.ask(alone, question)


def test_a_datum_of_which_no_text_is_known_hides_no_example(folder: Path, tmp_path: Path) -> None:
    schema = tmp_path / "schemas" / "reconditionneurs" / "dossier.schema.json"
    found = json.loads(schema.read_text("utf-8"))
    found["properties"]["aide"]["properties"]["lien"] = {
        "type": "string",
        "title": "Lien",
        "pattern": "^lien:[0-9]{9}$",
    }
    schema.write_text(json.dumps(found), "utf-8")
    text = '    jamais: verdict(aide) = "accepter" et non aide.lien est present\n'
    assert answer_of(folder, text, tmp_path)[0]["reponse"] == "refutee"
    text = '    quand: aide.lien = "lien:1"\n    jamais: verdict(aide) = "accepter"\n'
    assert answer_of(folder, text, tmp_path)[0]["reponse"] == "non_decidee"


def test_a_request_that_is_only_accepted_with_a_question_open_can_be_accepted_for_good() -> None:
    pack = Path(__file__).parents[1] / "second_programme" / "prime-velo"
    result = CliRunner().invoke(cli, ["prove", "--propriete", "prime:acceptable", str(pack)], standalone_mode=False)
    assert (result.return_value, result.exception) == (0, None)


def test_a_cause_that_can_never_be_the_one_is_found(folder: Path) -> None:
    assert asked(folder, "aide:MIN-PLAFOND:non_satisfait:faux")["reponse"] == "prouvee"
    change(folder, "regles/de_minimis.yaml", "condition: reste_de_minimis > 0", "condition: reste_de_minimis >= 0")
    assert asked(folder, "aide:MIN-PLAFOND:non_satisfait:faux")["reponse"] == "vide"


def test_an_amount_that_cannot_be_paid_is_found_with_a_dossier(folder: Path) -> None:
    assert asked(folder, "aide:payable")["reponse"] == "prouvee"
    change(folder, "regles/montant.yaml", "min(aide_calculee, reste_de_minimis, reste_enveloppe)", "aide_calculee * 3")
    found = asked(folder, "aide:payable")
    assert found["reponse"] == "refutee"
    assert found["exemple"]["dossiers"][0]["programme"] == "reconditionneurs"


def test_every_question_has_one_identity(provers: Provers) -> None:
    for name in ("af-ope-mss", "reconditionneurs"):
        found = questions.identifiers(provers(name).compiled)
        assert len(found) == len(set(found))


def test_a_typed_property_is_asked_of_the_prover(provers: Provers) -> None:
    prover = provers("reconditionneurs")
    source = prover.programme.source
    one = next(one for one in written.read(source) if one.pair is None)
    answer = properties.ask(prover, written.Properties(prover.compiled).typed(one))
    assert answer.status is Status.PROVED


def test_elements_of_an_example_have_the_key_that_the_programme_tells_them_by(tmp_path: Path) -> None:
    """No rule reads it; a dossier without it was refused, and nothing was decided."""
    pack = tmp_path / "embauches"
    shutil.copytree(SECOND / "embauches", pack)
    (pack / "regles" / "total.yaml").write_text(
        """
regles:
  - id: COURTES
    titre: Contrats trop courts
    demandes: [recouvrement]
    indu: nombre(e dans embauches si e.mois < 3, vrai) = 2
    modalite: obligatoire
    montant: depot.verse
    assiette: exact
    etapes: [{etape: demander, message: "Deux contrats de moins de trois mois."}]
    source: Délibération, art. 5
""",
        "utf-8",
    )
    run = CliRunner().invoke(cli, ["prove", str(pack)], catch_exceptions=False, standalone_mode=False)
    assert run.return_value == 0, run.output
    assert "recouvrement:COURTES" not in run.output, run.output
    assert "1 prouvée" in run.output


REFUTED = '    jamais: verdict(aide) = "accepter"\n'
PROVED = "    toujours: aide_accordee <= aide_calculee\n    quand: aide_accordee >= 0\n"


def test_a_refuted_property_is_an_annotation_at_its_line_for_each_format_of_ci(folder: Path) -> None:
    result = prove(folder, REFUTED, "--format", "github")
    assert result.return_value == 1
    command, last = result.output.splitlines()
    assert command.startswith("::error file=")
    assert f"{written.PROPERTIES},line=2,col=9," in command
    assert "title=PREUVE-REFUTEE::Une phrase : réfutée%0A" in command
    assert "accepter" in command, "the decision that the engines gave is shown"
    assert last == "recevable prove : 1 cas, 1 en échec"

    suites = ET.fromstring(prove(folder, REFUTED, "--format", "junit").output)
    (case,) = suites.iter("testcase")
    (failure,) = case.iter("failure")
    assert (case.get("name"), case.get("line"), failure.get("type")) == ("PRO-UN", "2", "PREUVE-REFUTEE")

    (found,) = json.loads(prove(folder, REFUTED, "--format", "sarif").output)["runs"][0]["results"]
    assert (found["ruleId"], found["level"]) == ("PREUVE-REFUTEE", "error")
    assert found["locations"][0]["physicalLocation"]["region"]["startLine"] == 2

    (found,) = json.loads(prove(folder, REFUTED, "--format", "gitlab").output)
    assert (found["check_name"], found["location"]["lines"]["begin"]) == ("PREUVE-REFUTEE", 2)


def test_what_is_proved_or_excused_does_not_fail_a_report_of_ci(folder: Path) -> None:
    result = prove(folder, PROVED, "--format", "junit")
    assert result.return_value == 0
    assert ET.fromstring(result.output).get("failures") == "0"
    (folder / "tolerances.yaml").write_text(
        "tolerances:\n  - {controle: PREUVE-ABSENTE, sujet: PRO-UN, motif: Un essai, expire_le: '2039-01-01'}\n",
        "utf-8",
    )
    result = prove(folder, REFUTED, "--format", "github")
    assert result.return_value == 0
    assert result.output.startswith("::notice ")
    assert "toléré : Un essai" in result.output


def test_a_fault_of_the_tolerances_fails_a_report_of_ci(folder: Path) -> None:
    (folder / "tolerances.yaml").write_text(
        "tolerances:\n  - {controle: PREUVE-ABSENTE, sujet: PRO-UN, motif: Un essai, expire_le: '2039-01-01'}\n",
        "utf-8",
    )
    result = prove(folder, PROVED, "--format", "github")
    assert result.return_value == 1, "what is excused is proved: the tolerance serves no more"
    assert result.output.startswith("::")


def test_an_empty_property_and_an_undecided_one_fail_a_report_of_ci(folder: Path) -> None:
    add_holidays(folder)
    for text, code in (
        ("    quand: aide_accordee < 0 et aide_accordee > 0\n    jamais: aide_accordee = 1\n", "PREUVE-VIDE"),
        (UNTRANSLATED, "PREUVE-NON-DECIDEE"),
    ):
        result = prove(folder, text, "--format", "github")
        assert (result.return_value, f"title={code}::" in result.output) == (1, True), result.output


def test_a_comparison_of_versions_has_no_report_of_ci() -> None:
    line = ["prove", "--entre", "reconditionneurs", "reconditionneurs", "--format", "junit"]
    assert CliRunner().invoke(cli, line).exit_code == 2
