"""`recevable check --preuve`: the figures of a dossier against the proof of a count."""

import json
from pathlib import Path
from typing import Any

import pytest

from recevable.cli.app import run_code

ROOT = Path(__file__).parents[2]
DOSSIER = ROOT / "fixtures" / "af-ope-mss" / "solde-cas-b.json"


@pytest.fixture
def count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The proof of the count of an invented extraction."""
    folder, proof = tmp_path / "releve", tmp_path / "preuve.json"
    size = ["--lines", "400", "--seed", "3", "--applicatives", "--produite-le", "202306301200"]
    assert run_code(["annuaire", "sample", "--out", str(folder), *size]) == 0
    extraction = next(folder.glob("Extraction_*.txt"))
    words = ["annuaire", "count", str(extraction), "--liste-blanche", str(folder / "listeblanchemssante.xml")]
    assert run_code([*words, "--certificat", str(folder / "signataire.pem"), "--out", str(proof)]) in (0, 1)
    capsys.readouterr()
    return proof


def _check(proof: Path, dossier: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = run_code(["check", str(dossier), "--au", "2023-10-02", "--format", "json", "--preuve", str(proof)])
    return code, json.loads(capsys.readouterr().out)


def _dossier_that_agrees(proof: Path, folder: Path) -> Path:
    """Case B with the figures, the instant and the SIRET of an operator of the proof."""
    counted = json.loads(proof.read_text("utf-8"))
    operator = next(o for o in counted["operateurs"] if o["identifiants"][0].startswith("3"))
    boxes = operator["bal"]
    dossier = json.loads(DOSSIER.read_text("utf-8"))
    dossier["operateur"]["siret"] = operator["identifiants"][0][1:]
    dossier["ans"]["annuaire"] = {
        "extrait_le": counted["extraction"]["produite_le"],
        **{kind: boxes[kind] for kind in ("applicatives", "organisationnelles", "personnelles", "types_inconnus")},
        "contestees": sum(operator["bal_contestees"].values()),
        "evolution_signalee": False,
    }
    path = folder / "dossier.json"
    path.write_text(json.dumps(dossier), "utf-8")
    return path


def test_without_a_proof_nothing_is_said_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_code(["check", str(DOSSIER), "--au", "2023-10-02", "--format", "json"]) == 0
    assert "preuve" not in json.loads(capsys.readouterr().out)["decisions"][0]


def test_figures_that_agree_with_the_proof_leave_nothing_but_remarks(
    count: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, report = _check(count, _dossier_that_agrees(count, tmp_path), capsys)
    (decision,) = report["decisions"]
    assert {line["niveau"] for line in decision["preuve"]} <= {"remarque"}


def test_a_siret_written_with_spaces_is_the_one_of_the_proof(
    count: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dossier = _dossier_that_agrees(count, tmp_path)
    content = json.loads(dossier.read_text("utf-8"))
    siret = content["operateur"]["siret"]
    content["operateur"]["siret"] = f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"
    dossier.write_text(json.dumps(content), "utf-8")
    _, report = _check(count, dossier, capsys)
    (decision,) = report["decisions"]
    assert {d["niveau"] for d in decision["preuve"]} <= {"remarque"}


def test_one_box_more_than_the_proof_counts_is_told(
    count: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _dossier_that_agrees(count, tmp_path)
    dossier = json.loads(path.read_text("utf-8"))
    proven = dossier["ans"]["annuaire"]["personnelles"]
    dossier["ans"]["annuaire"]["personnelles"] = proven + 1
    path.write_text(json.dumps(dossier), "utf-8")
    code, report = _check(count, path, capsys)
    told = [line for line in report["decisions"][0]["preuve"] if line["niveau"] == "ecart"]
    assert [(line["champ"], line["declare"], line["prouve"]) for line in told] == [("personnelles", proven + 1, proven)]
    assert code == 1


def test_a_figure_that_the_proof_contradicts_stands_against_acceptance(
    count: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = _check(count, DOSSIER, capsys)
    (decision,) = report["decisions"]
    assert (code, decision["acceptee"]) == (1, False)
    assert decision["demandes"]["solde"]["verdict"] == "accepter"


def test_the_text_shows_the_discrepancies_in_words(count: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_code(["check", str(DOSSIER), "--au", "2023-10-02", "--preuve", str(count)]) == 1
    printed = capsys.readouterr().out
    assert "PREUVE DES CHIFFRES" in printed
    assert "– écart : La preuve ne compte rien pour le SIRET" in printed


@pytest.mark.parametrize(
    ("content", "said"),
    [("{}", "il manque"), ("pas du JSON", "n'est pas une valeur JSON"), ('{"version": 1}', "champ")],
)
def test_a_file_that_is_no_proof_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    proof = tmp_path / "preuve.json"
    proof.write_text(content, "utf-8")
    assert run_code(["check", str(DOSSIER), "--au", "2023-10-02", "--preuve", str(proof)]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "preuve.json:1:" in captured.err
    assert "ACCEPTER" not in captured.out


def test_a_proof_that_does_not_exist_is_a_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_code(["check", str(DOSSIER), "--preuve", "absente.json"]) == 2
    assert "`absente.json` n'existe pas" in capsys.readouterr().err


def test_a_programme_without_figures_to_compare_says_so(
    count: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = tmp_path / "paquet"
    source = ROOT / "rules" / "af-ope-mss"
    for path in source.rglob("*.yaml"):
        copy = pack / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text("utf-8").partition("\npreuve:")[0] + "\n", "utf-8")
    assert run_code(["check", str(DOSSIER), "--rules", str(pack), "--preuve", str(count)]) == 2
    assert "ne dit pas quels chiffres comparer" in capsys.readouterr().err
