"""`recevable import`: what it writes, what it says, and its exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import Command

from recevable import data

EXPORT = Path(__file__).parents[1] / "adapters" / "exports" / "dossier.json"


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    export = json.loads(EXPORT.read_bytes())
    export["data"]["dossier"]["state"] = "refuse"
    path = tmp_path / "refuse.json"
    path.write_text(json.dumps(export))
    return path


def test_dossiers_are_written_one_by_line_or_one_by_file(recevable: Command, tmp_path: Path) -> None:
    outcome = recevable("import", str(EXPORT))
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out)["reference"] == "123456"
    assert outcome.out.count("\n") == 1
    outcome = recevable("import", "--format", "demarche-numerique", "--output", str(tmp_path), str(EXPORT))
    assert outcome.out == f"{EXPORT} : 1 dossier écrit, 0 refusé.\n".replace(str(EXPORT), outcome.out.split(" : ")[0])
    written = tmp_path / "demarche-numerique-123456.json"
    assert recevable("check", "--au", "2023-09-04", "--demande", "solde", str(written)).code == 1


def test_a_refused_dossier_is_told_and_the_others_are_written(recevable: Command, wrong: Path) -> None:
    outcome = recevable("import", str(wrong), str(EXPORT))
    assert outcome.code == 1
    assert "[IMP-ETAT] dossier n° 123456, il est dans l'état « refuse »" in outcome.err
    assert len(outcome.out.splitlines()) == 1


def test_the_mapping_is_confronted_with_an_export(recevable: Command, tmp_path: Path) -> None:
    assert recevable("import", "--verifier", str(EXPORT)).out.endswith(" : 0 faute, 0 information.\n")
    changed = tmp_path / "change.json"
    changed.write_bytes(EXPORT.read_bytes().replace("Opérateur MSSanté – SIRET".encode(), "Numéro SIRET".encode()))
    outcome = recevable("import", "--verifier", str(changed))
    assert outcome.code == 1
    assert "aucune question ne s'appelle « Opérateur MSSanté – SIRET »" in outcome.err
    assert outcome.out.endswith(" : 2 fautes, 0 information.\n")


def test_wrong_usage_and_wrong_packs_have_their_codes(recevable: Command, tmp_path: Path, wrong: Path) -> None:
    assert recevable("import", str(tmp_path / "absent.json")).code == 2
    assert recevable("import", "--format", "demarche-numerik", str(EXPORT)).code == 2
    assert "demarche-numerique" in recevable("import", "--format", "demarche-numerik", str(EXPORT)).err
    assert recevable("import", "--output", str(tmp_path / "rien"), str(EXPORT)).code == 2
    assert recevable("import", "--output", str(tmp_path), "--verifier", str(EXPORT)).code == 2
    pack = tmp_path / "af-ope-mss"
    shutil.copytree(data.shipped("rules") / "af-ope-mss", pack)
    (pack / "import.yaml").write_text("demarche-numerique: {}\n")
    outcome = recevable("import", "--rules", str(pack), str(EXPORT))
    assert outcome.code == 3
    assert "il manque la clé `etats`" in outcome.err
    (pack / "import.yaml").unlink()
    outcome = recevable("import", "--rules", str(pack), str(EXPORT))
    assert outcome.code == 2
    assert "n'a pas de fichier import.yaml" in outcome.err
