"""Who is asked for what is said by the programme, never by the engine."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from recevable.cli.app import run_code
from recevable.programme import open_programme

HERE = Path(__file__).parent
PACK = HERE / "prime-velo"
DECLARED = "intervenants:\n  mairie: {nom: la mairie, a: à la mairie}\ndemandes:\n"


def _copy(folder: Path, rule_party: str, cause_party: str) -> Path:
    """The pack of the bicycle grant in which the first rule with a failure asks other people."""
    pack = folder / "prime-velo"
    shutil.copytree(PACK, pack)
    manifest = pack / "programme.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("demandes:\n", DECLARED, 1), "utf-8")
    rules = pack / "regles" / "prime.yaml"
    text = rules.read_text("utf-8")
    piece = "    piece: prime.pieces.facture\n    si_absente: {"
    assert piece in text
    rules.write_text(text.replace(piece, f"    aupres_de: {rule_party}\n{piece}aupres_de: {cause_party}, ", 1), "utf-8")
    return pack


def _check(pack: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any], str]:
    dossier = pack.parent / "dossier.json"
    dossier.write_text('{"programme": "prime-velo", "beneficiaire": {}, "prime": {}}', "utf-8")
    words = ["check", str(dossier), "--au", "2024-06-01", "--rules", str(pack)]
    code = run_code([*words, "--format", "json"])
    captured = capsys.readouterr()
    if code in (2, 3):
        return code, {}, captured.err
    run_code(words)
    return code, json.loads(captured.out)["decisions"][0], capsys.readouterr().out


def test_a_party_that_the_programme_declares_is_addressed_in_its_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, decision, text = _check(_copy(tmp_path, "demandeur", "mairie"), capsys)
    assert code == 1
    parties = {
        action["aupres_de"] for request in decision["demandes"].values() for action in request["reparation"]["actions"]
    }
    assert "mairie" in parties
    assert "Demander à la mairie :" in text


@pytest.mark.parametrize("parties", [("prefecture", "mairie"), ("mairie", "prefecture")])
def test_a_party_that_nobody_declares_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], parties: tuple[str, str]
) -> None:
    code, _, err = _check(_copy(tmp_path, *parties), capsys)
    assert code == 3
    assert "`prefecture`" in err
    assert "`mairie`" in err


@pytest.mark.parametrize("pack", ["embauches", "factures", "prime-velo", "salaires"])
def test_what_an_applicant_fills_in_is_known_in_every_pack(pack: str) -> None:
    fields = open_programme(Path(__file__).parent / pack).fields()
    assert "demandeur" in {by for one in fields for by in one.supplied_by}
