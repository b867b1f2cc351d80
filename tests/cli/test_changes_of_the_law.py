"""Changes of the law on the shipped packs, as the guides make them: no expected result is typed by hand.

Each is made by one command, then its trials are reviewed: what is accepted is named, and the pack is sound again.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import Command

from recevable import data

AF, REC = "af-ope-mss", "reconditionneurs"
BALANCE = ("--demande", "solde", "--source", "AF §6.2")
AID = ("--demande", "aide", "--source", "Décret, Pièces")
PIECE = ("piece", "--titre", "Extrait Kbis", "--nom", "extrait_kbis")
QUESTION = (
    "appreciation", "--id", "SOL-SERIEUX", "--titre", "Sérieux", "--question", "Est-ce sérieux ?", "--reponse",
    "oui : satisfait", "--reponse", "non : rejeter : Ce n'est pas sérieux.", "--resume", "La demande est sérieuse.",
)  # fmt: skip
CHANGES = [
    (AF, ("report-de-date", "--parametre", "fin_depot_avance", "--a-partir-du", "2023-07-20",
          "--valeur", "2023-07-27T14:00:00", "--source", "AF §2")),
    (AF, ("report-de-date", "--parametre", "fin_depot_solde", "--a-partir-du", "2023-09-20",
          "--valeur", "2023-09-29T14:00:00", "--source", "AF §2")),
    (AF, ("valeur", "--parametre", "plafond", "--a-partir-du", "2023-08-01", "--valeur", "300 000 €",
          "--source", "AF §5.1")),
    (AF, (*PIECE, *BALANCE, "--a-partir-du", "2023-08-01")),
    (AF, (*QUESTION, *BALANCE)),
    (AF, ("facultative", "--regle", "SOL-CAPTURE-TEST")),
    (AF, ("abrogation", "--regle", "SOL-LIEN-DOCUMENTATION", "--jusqu-au", "2023-08-31")),
    (AF, ("abrogation", "--regle", "SOL-COMPLEMENT-TARDIF", "--jusqu-au", "2023-07-31")),
    (AF, ("abrogation", "--regle", "MON-PART-APP", "--jusqu-au", "2023-07-31")),
    (AF, ("donnee", "--voisine", "ans.annuaire.personnelles", "--nom", "cabinets", "--titre", "BAL de cabinet",
          "--source", "AF §5.1", "--essais", "0")),
    (REC, ("report-de-date", "--parametre", "fin_depot", "--a-partir-du", "2023-01-01", "--valeur", "2023-04-01",
           "--source", "Décret, Dépôt")),
    (REC, ("valeur", "--parametre", "montant_par_unite", "--a-partir-du", "2023-01-01", "--valeur", "9 €",
           "--source", "Décret, Montant")),
    (REC, (*PIECE, *AID, "--a-partir-du", "2023-02-01")),
    (REC, (*QUESTION, *AID)),
    (REC, ("facultative", "--regle", "PIE-FISCALE")),
    (REC, ("facultative", "--regle", "PIE-FISCALE", "--a-partir-du", "2023-03-01")),
    (REC, ("abrogation", "--regle", "PIE-IDENTITE", "--jusqu-au", "2023-02-28")),
]  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "change"), CHANGES, ids=[f"{name}-{change[0]}-{rank}" for rank, (name, change) in enumerate(CHANGES)]
)
def test_a_change_is_reviewed_until_the_pack_is_sound(
    recevable: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    for part in ("rules", "schemas", "fixtures"):
        shutil.copytree(data.shipped(part) / name, Path(part) / name)
    for part in ("rules", "schemas"):
        shutil.copytree(Path(part), Path("avant") / part)
    pack = Path("rules") / name
    review = ("test", "--revoir", "--depuis", f"avant/rules/{name}", pack)
    verb, *options = change
    made = recevable("nouveau", verb, pack, *options)
    assert made.code == 0, made.out + made.err
    told = recevable(*review).out
    assert "à récrire à la main" not in told.casefold()
    groups = re.findall(r"^\[(\S+)\]", told, re.MULTILINE)
    effects = re.findall(r"^    (\S+:\S+)  \d+ essai", told, re.MULTILINE)
    single = re.findall(r"^  (?:exemple|scénario|dossier connu) (.+?)  \S+:\d+  change un verdict", told, re.MULTILINE)
    names = [*groups, *(effects or single)]
    if names:
        accepted = recevable(*review, *(word for one in names for word in ("--accepter", one)), "--motif", "Le texte.")
        assert accepted.code == 0, accepted.out[-2000:] + accepted.err
    assert recevable("test", "--fail-level", "avertissement", pack).code == 0
    left = recevable("lint", "--fail-level", "avertissement", "--au", "2026-11-29", pack)
    assert left.code == 0, left.out
