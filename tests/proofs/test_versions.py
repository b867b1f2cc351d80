"""What may change from a version of a pack to another: proved never to, or shown by a dossier with both decisions."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from recevable import data
from recevable.cli.app import cli
from recevable.programme import open_programme
from recevable.proofs.prover import NotConfirmed, Prover
from recevable.trials.proved import Answer, Example, Status

OLD = "reconditionneurs"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A copy of a pack and its schema, without dossiers."""
    for kind in ("rules", "schemas"):
        shutil.copytree(data.shipped(kind) / OLD, tmp_path / kind / OLD)
    (tmp_path / "vide").mkdir()
    return tmp_path / "rules" / OLD


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def between(new: Path, *options: str, known: bool = False) -> Result:
    dossiers = [] if known else ["--dossiers", str(new.parents[1] / "vide")]
    line = ["prove", "--entre", OLD, str(new), *dossiers, *options]
    return CliRunner().invoke(cli, line, standalone_mode=False)


def answers(new: Path, *options: str, known: bool = False) -> tuple[dict[str, Any], int, dict[str, Any]]:
    """The whole report, the exit code, and the answers by identity."""
    result = between(new, "--format", "json", *options, known=known)
    found = json.loads(result.output)["paquets"][0]
    return found, result.return_value, {one["id"]: one for one in found["reponses"]}


def refused(*line: str) -> Result:
    """A wrong usage."""
    result = CliRunner().invoke(cli, ["prove", "--entre", OLD, *line])
    assert result.exit_code == 2
    return result


def test_nothing_changes_between_two_equal_packs(new: Path) -> None:
    _, code, found = answers(new)
    assert code == 0
    assert {"aide:accepter:rejeter", "aide:montant:hausse", "aide:sans-decision"} <= found.keys()
    assert {one["reponse"] for one in found.values()} == {"prouvee"}


def test_a_deadline_one_day_earlier_is_shown_by_a_dossier_with_both_decisions(new: Path) -> None:
    change(
        new / "parametres.yaml", 'valeur: "2023-03-31", source: "Décret, Dépôt"', 'valeur: "2023-03-30", source: Décret'
    )
    report, code, found = answers(new)
    assert code == 1
    assert report["avant_sha256"] != report["paquet_sha256"]
    example = found["aide:accepter:rejeter"]["exemple"]
    content, day = json.dumps(example["dossiers"][0]).encode(), date.fromisoformat(example["au"])
    verdicts = [
        str(one.decide(one.read(content), day).request("aide").verdict)
        for one in (open_programme(OLD), open_programme(new, prepared=False))
    ]
    assert verdicts == ["accepter", "rejeter"]
    assert example["decisions"][0].startswith("avant : ")
    assert example["decisions"][1].startswith("après : ")
    assert found["aide:montant:baisse"]["reponse"] == "refutee"
    # a shorter time for all helps nobody
    for never in ("aide:rejeter:accepter", "aide:rejeter:completer", "aide:montant:hausse", "aide:sans-decision"):
        assert found[never]["reponse"] == "prouvee", never


def test_a_known_dossier_answers_before_the_solver(new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(new / "parametres.yaml", 'valeur: "8.00"', 'valeur: "7.00"')
    monkeypatch.setattr(Prover, "ask", lambda *_, **__: Answer(Status.PROVED))
    shutil.copytree(data.shipped("fixtures") / OLD, new.parents[1] / "fixtures" / OLD)
    _, _, found = answers(new, "--propriete", "aide:montant:baisse", known=True)
    assert found["aide:montant:baisse"]["reponse"] == "refutee"
    assert found["aide:montant:baisse"]["exemple"]["connu"]


def test_a_field_of_one_schema_only_is_named(new: Path) -> None:
    schema = next((new.parents[1] / "schemas" / OLD).glob("*.json"))
    text = json.loads(schema.read_text("utf-8"))
    request = text["properties"]["aide"]["properties"]
    request["remarque"] = {"title": "Remarque", "type": "string", "x-fourni-par": "asp"}
    schema.write_text(json.dumps(text, ensure_ascii=False), "utf-8")
    change(
        new / "regles" / "depot.yaml",
        "condition: date_de(aide.recue_le) <= aujourd_hui",
        "condition: date_de(aide.recue_le) <= aujourd_hui ou aide.remarque est present",
    )
    report, _, found = answers(new)
    assert report["incomparables"] == ["le champ `aide.remarque`"]
    # without it, which no dossier that both read holds, nothing changes
    assert {one["reponse"] for one in found.values()} == {"prouvee"}


def test_a_request_that_stops_being_decided_is_found(new: Path) -> None:
    change(
        new / "regles" / "montant.yaml", "min(aide_calculee, reste_de_minimis, reste_enveloppe)", "aide_calculee * 3"
    )
    result = between(new, "--propriete", "aide:sans-decision")
    assert result.return_value == 1
    assert "réfutée aide:sans-decision" in result.output
    assert "    avant : Demande d'aide : accepter" in result.output
    assert "    après : aucune décision, les règles se contredisent" in result.output


def test_wrong_usages(new: Path) -> None:
    refused(str(new), str(new))
    refused(str(new), "--propriete", "aide:accepter:nulle-part")
    assert "deux programmes" in refused("af-ope-mss").output
    refused("nulle-part")


def test_an_invalid_version_ends_with_3(new: Path) -> None:
    change(new / "regles" / "depot.yaml", "condition: date_de(aide.recue_le)", "condition: date_de(aide.nulle_part)")
    result = between(new)
    assert result.return_value == 3
    assert "aide.nulle_part" in result.output


def test_an_example_that_the_engines_do_not_confirm_ends_with_4(new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Prover, question: str, *_: Any, **__: Any) -> Answer:
        raise NotConfirmed(question, Example((b"{}\n",), self.bounds.first, ""), "la décision ne le confirme pas")

    change(new / "parametres.yaml", 'valeur: "8.00"', 'valeur: "7.00"')
    monkeypatch.setattr(Prover, "ask", refuse)
    assert between(new, "--propriete", "aide:montant:baisse").return_value == 4
