"""`recevable letter`: what it writes, what it refuses and how it ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.letters.conftest import DAY, FACTS, FIXTURES, read_back

from recevable import letters, open_programme

if TYPE_CHECKING:
    from tests.cli.conftest import Command

DOSSIER = FIXTURES / "solde-cinq-defauts.json"
ABOUT = ("--demande", "solde", "--au", "2023-09-04")


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "faits.json"
    path.write_text(json.dumps(FACTS["demande_complement"]), "utf-8")
    return path


def test_it_writes_the_bytes_of_the_library(recevable: Command, facts: Path, tmp_path: Path) -> None:
    out = tmp_path / "lettre.pdf"
    done = recevable("letter", "demande_complement", DOSSIER, *ABOUT, "--faits", facts, "--out", out)
    assert done.code == 0, done.err
    programme = open_programme("af-ope-mss")
    dossier = programme.read(DOSSIER.read_bytes())
    decision = programme.decide(dossier, DAY).request("solde")
    content = letters.write(programme, "demande_complement", dossier, DAY, FACTS["demande_complement"], decision)
    assert out.read_bytes() == letters.pdf(content.data)
    # what is not validated is said, before anybody sends it
    assert "À confirmer par le service juridique" in done.err
    assert all(f"({one.source})" in " ".join(done.err.split("\n    ")) for one in content.unconfirmed[:2])


def test_a_preview_has_a_watermark(recevable: Command, facts: Path, tmp_path: Path) -> None:
    out = tmp_path / "apercu.pdf"
    assert (
        recevable("letter", "demande_complement", DOSSIER, *ABOUT, "--faits", facts, "--out", out, "--apercu").code == 0
    )
    found = read_back(out.read_bytes())
    assert found.watermark
    assert found.holds("À confirmer par le service juridique")


def test_the_data_of_a_letter_are_asked_for_as_json(recevable: Command, facts: Path, tmp_path: Path) -> None:
    out = tmp_path / "lettre.json"
    options = (*ABOUT, "--faits", facts, "--out", out, "--format", "json")
    assert recevable("letter", "demande_complement", DOSSIER, *options).code == 0
    assert json.loads(out.read_bytes())["nature"] == "demande_complement"


def test_a_letter_that_cannot_be_made_says_why(recevable: Command, facts: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.pdf"
    without = {key: value for key, value in FACTS["rejet"].items() if key != "reference"}
    facts.write_text(json.dumps(without), "utf-8")
    done = recevable("letter", "rejet", DOSSIER, *ABOUT, "--faits", facts, "--out", out)
    assert done.code == 1
    assert "ne peut pas être écrit" in done.err
    assert "Les règles proposent de demander un complément" in done.err
    assert "référence" in done.err
    assert not out.exists()


def test_facts_are_refused_where_they_are_wrong(recevable: Command, facts: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.pdf"
    facts.write_text('{"agent": {"nom": "Camille"},\n "completer_avant_le": "demain"}', "utf-8")
    done = recevable("letter", "demande_complement", DOSSIER, *ABOUT, "--faits", facts, "--out", out)
    assert done.code == 2
    assert f"{facts}:2:" in done.err
    assert "/completer_avant_le" in done.err
    assert "`signataire`" in done.err
    assert not out.exists()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("rejett", DOSSIER, *ABOUT), "Vouliez-vous dire `rejet`"),
        (("rejet", DOSSIER, "--demande", "sold"), "Vouliez-vous dire `solde`"),
        (("rejet", DOSSIER), "--demande manque"),
        (("rejet", DOSSIER, "--demande", "solde", "--au", "9999-12-31"), "--au : "),
        (("retrait", DOSSIER, "--demande", "solde"), "ne parle pas d'une demande"),
        (("rejet", "absent.json", *ABOUT), "DOSSIER"),
        (("rejet", DOSSIER, *ABOUT, "--faits", "absent.json"), "--faits"),
    ],
)
def test_a_wrong_usage_says_what_to_write(
    recevable: Command, tmp_path: Path, facts: Path, args: tuple[Any, ...], words: str
) -> None:
    more = () if "--faits" in args else ("--faits", facts)
    if args[0] == "retrait":
        facts.write_text(json.dumps(FACTS["retrait"]), "utf-8")
    elif args[0] == "rejet":
        facts.write_text(json.dumps(FACTS["rejet"]), "utf-8")
    done = recevable("letter", *args, *more, "--out", tmp_path / "x.pdf")
    assert done.code == 2
    assert words in done.err
    assert not (tmp_path / "x.pdf").exists()


def test_rules_whose_letters_are_wrong_are_told_at_their_line(recevable: Command, facts: Path, tmp_path: Path) -> None:
    import shutil

    pack = tmp_path / "paquet"
    shutil.copytree(Path(__file__).parents[1] / "second_programme" / "prime-velo", pack)
    path = pack / "courriers" / "rejet.yaml"
    path.write_text(path.read_text("utf-8").replace("role: motifs", "role: motif"), "utf-8")
    dossier = pack.parents[0] / "d.json"
    shutil.copy(Path(__file__).parents[1] / "second_programme" / "dossiers" / "hors-delai.json", dossier)
    facts.write_text(json.dumps(FACTS["rejet"]), "utf-8")
    options = ("--demande", "prime", "--au", "2024-10-01", "--faits", facts, "--rules", pack, "--out", tmp_path / "x")
    done = recevable("letter", "rejet", dossier, *options)
    assert done.code == 3
    assert f"{path}:6:" in done.err
    assert "Vouliez-vous dire `motifs`" in done.err


def test_without_typst_it_says_what_to_install(
    recevable: Command, facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    done = recevable("letter", "demande_complement", DOSSIER, *ABOUT, "--faits", facts, "--out", tmp_path / "x.pdf")
    assert done.code == 2
    assert "recevable[courriers]" in done.err
    assert not (tmp_path / "x.pdf").exists()
