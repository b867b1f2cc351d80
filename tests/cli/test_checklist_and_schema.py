"""`recevable checklist` and `recevable schema`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recevable import data
from recevable.cli.schema import schema_files
from recevable.pack.source import shipped_programmes

Command = Callable[..., Any]


@pytest.fixture
def checklist(recevable: Command, pack: Path) -> Command:
    """The checklist of the small pack."""
    return lambda *args: recevable("checklist", "--rules", pack, "--au", "2024-05-31", *args)


def test_a_checklist_depends_on_the_profile(checklist: Command) -> None:
    found = {
        profile: {
            item["regle"]
            for section in json.loads(checklist("--profil", profile, "--demande", "prime", "--format", "json").out)[
                "conditions"
            ]
            for item in section["elements"]
        }
        for profile in ("particulier", "association")
    }
    assert found["particulier"] - found["association"] == {"DOMICILE"}
    assert found["association"] - found["particulier"] == {"USAGE"}  # what an agent appraises


def test_what_depends_on_something_else_is_under_its_condition(checklist: Command) -> None:
    report = json.loads(checklist("--profil", "particulier", "--demande", "prime", "--format", "json").out)
    conditions = {item["regle"]: s["condition"] for s in report["conditions"] for item in s["elements"]}
    assert conditions["FACTURE"] is None
    assert conditions["VELO-MUSCULAIRE"] == "« Électrique » : non"
    assert (report["profil"], report["demande"], report["au"]) == ("particulier", "prime", "2024-05-31")


def test_a_checklist_reads_as_a_list_to_tick(checklist: Command) -> None:
    outcome = checklist("--profil", "particulier", "--demande", "prime")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("Demande de prime : profil « Particulier »")
    assert (
        "    ☐ Facture du vélo\n      Joindre la facture du vélo\n        – Joindre une facture lisible\n"
        in outcome.out
    )


def test_a_checklist_of_invalid_rules_is_refused_at_their_place(recevable: Command, pack: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(pack, tmp_path / "prime-velo"))
    (folder / "regles" / "vide.yaml").write_text("regles:\n  - id: A\n", encoding="utf-8")
    outcome = recevable("checklist", "--rules", folder, "--profil", "particulier", "--demande", "prime")
    assert (outcome.code, outcome.out) == (3, "")
    assert "regles/vide.yaml:2:5: erreur [PAQ-NATURE]" in outcome.err


def test_several_programmes_are_told_apart_by_name(recevable: Command, pack: Path, tmp_path: Path) -> None:
    for name in ("prime-velo", "prime-velo-bis"):
        shutil.copytree(pack, tmp_path / name)
    options = ("--rules", tmp_path, "--profil", "particulier", "--demande", "prime", "--au", "2024-05-31")
    unnamed = recevable("checklist", *options)
    assert unnamed.code == 2
    assert "il y a plusieurs programmes : `prime-velo`, `prime-velo-bis`" in unnamed.err
    assert recevable("checklist", *options, "--programme", "prime-velo-bis").code == 0
    unknown = recevable("checklist", *options, "--programme", "prime")
    assert unknown.code == 2
    assert "le programme `prime` n'existe pas" in unknown.err


def test_a_programme_may_be_named_even_when_it_is_the_only_one(checklist: Command) -> None:
    options = ("--profil", "particulier", "--demande", "prime", "--programme")
    assert checklist(*options, "prime-velo").code == 0
    assert checklist(*options, "autre").code == 2


@pytest.mark.parametrize("name", sorted(schema_files()))
def test_every_schema_is_printed_as_it_is_shipped(recevable: Command, name: str) -> None:
    outcome = recevable("schema", name)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == schema_files()[name].read_text("utf-8")
    assert "$schema" in json.loads(outcome.out)


@pytest.mark.parametrize(
    "words", ["schema decision", "checklist --profil developpeur --demande solde --format json"], ids=["schema", "list"]
)
def test_what_a_machine_reads_is_utf_8_whatever_the_terminal(words: str) -> None:
    command = [sys.executable, "-m", "recevable", *words.split()]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    found = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert json.loads(found.stdout.decode("utf-8"))
    assert not found.stdout.isascii()


@pytest.mark.parametrize("name", shipped_programmes())
def test_the_schema_of_the_dossiers_of_a_programme(recevable: Command, name: str) -> None:
    path = data.shipped("schemas") / name / "dossier.schema.json"
    for asked in ("dossier", "dossier.schema.json"):
        assert recevable("schema", asked, "--programme", name).out == path.read_text("utf-8")
    folder = str(data.shipped("rules") / name)
    assert recevable("schema", "dossier", "--rules", folder).out == path.read_text("utf-8")


def test_a_schema_may_be_asked_for_by_its_file_name(recevable: Command) -> None:
    path = data.shipped("schemas") / "decision.schema.json"
    assert recevable("schema", "decision.schema.json").out == path.read_text("utf-8")


def test_the_programme_of_a_dossier_schema_is_never_guessed(recevable: Command) -> None:
    outcome = recevable("schema", "dossier")
    assert outcome.code == 2
    assert "choisissez avec --programme" in outcome.err
    outcome = recevable("schema", "decision", "--programme", shipped_programmes()[0])
    assert outcome.code == 2
    assert "ne servent qu'avec `dossier`" in outcome.err


def test_the_programme_is_the_only_one_that_has_what_is_asked(recevable: Command) -> None:
    assert "SIRET" in recevable("checklist", "--profil", "societe", "--demande", "aide").out
    outcome = recevable("checklist", "--profil", "societe", "--demande", "solde")
    assert outcome.code == 2
    assert "choisissez avec --programme" in outcome.err
