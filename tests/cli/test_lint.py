"""`recevable lint` as policy staff use it: ten slips on the shipped pack, repairs, explanations, exit codes."""

from __future__ import annotations

import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_french import english

from recevable import data
from recevable.cli import exits
from recevable.lint import manual

Command = Callable[..., Any]
NOW = ("--au", "2026-12-01")


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped pack in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(data.shipped("rules") / "af-ope-mss", "rules/af-ope-mss"))


def write(folder: Path, name: str, pattern: str, slip: str) -> tuple[int, int]:
    """Make a slip at the first place that a pattern matches; where the mark of the slip is."""
    text = (folder / name).read_text("utf-8")
    found = re.search(pattern, text, re.MULTILINE)
    assert found is not None, pattern
    whole = text[: found.start()] + found.expand(slip) + text[found.end() :]
    before, mark, after = whole.partition("▸")
    assert mark
    (folder / name).write_text(before + after, "utf-8")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


# What is written, what a person who does not program writes; what she reads.  The mark is where the caret must start.
TEN = [
    ("wrong indentation", "regles/avance.yaml", r"^    titre: ", "      ▸titre: ",
     "YAML-SYNTAXE", "Alignez `titre` sur `id` de la ligne 6 (4 espaces devant)."),
    ("misspelt key", "regles/avance.yaml", r"consequence:", "▸consequense:",
     "PAQ-CLE-INCONNUE", "Vouliez-vous dire `consequence` ?"),
    ("non for a boolean", "parametres.yaml", r"(?<=^    )defaut_maison: true", "defaut_maison: ▸non",
     "PAQ-BOOLEEN", "Écrivez `false`, sans guillemets."),
    ("comma in a number", "parametres.yaml", r'valeur: "58\.33"', 'valeur: ▸"58,33"',
     "PAQ-VALEUR", 'Écrivez `"58.33"`.'),
    ("date written 31/07/2023", "parametres.yaml", r'a_partir_du: "2022-09-09"', "a_partir_du: ▸31/07/2023",
     "PAQ-DATE", 'Écrivez `"2023-07-31"` : l\'année, le mois puis le jour.'),
    ("missing quote", "regles/avance.yaml", r'(message: )("[^"\n]*)"', r"\1▸\2",
     "YAML-SYNTAXE", 'Ajoutez `"` à la fin du texte.'),
    ("duplicated id", "regles/avance.yaml", r"id: AVA-FORMULAIRE$", "id: ▸DEM-ENROLEMENT",
     "PAQ-DOUBLON", "Donnez-lui un autre identifiant."),
    ("accent in a key", "regles/avance.yaml", r"^    demandes:", "    ▸demandés:",
     "PAQ-CLE-INCONNUE", "Écrivez `demandes`, sans accent ni espace."),
    ("tab", "regles/avance.yaml", r"^    source:", "▸\tsource:",
     "YAML-TABULATION", "espaces"),
    ("date compared with an amount", "regles/avance.yaml", r"quand: ", "quand: avance.recue_le > ▸plafond et ",
     "EXP-TYPE", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "pattern", "slip", "code", "help"), [one[1:] for one in TEN], ids=[o[0] for o in TEN])
def test_a_typical_slip_gives_one_finding_at_its_place_that_says_what_to_write(
    recevable: Command, mine: Path, name: str, pattern: str, slip: str, code: str, help: str
) -> None:
    line, column = write(mine, name, pattern, slip)
    outcome = recevable("lint", *NOW)
    assert (outcome.code, outcome.err) == (exits.NOT_ACCEPTED, "")
    head, *excerpt, told, balance = outcome.out.splitlines()
    assert head.startswith(f"rules/af-ope-mss/{name}:{line}:{column}: erreur [{code}] ")
    assert outcome.out.count(": erreur [") == 1
    # the caret is below the character that the line and the column name
    shown, caret = excerpt
    assert shown.startswith("  | ")
    written = (mine / name).read_text("utf-8").splitlines()[line - 1].replace("\t", " ")
    assert shown[caret.index("^") :][:4] == written[column - 1 :][:4]
    assert told.startswith("  aide : ")
    assert help in told
    assert balance.startswith("24 fichiers contrôlés : 1 erreur.")
    assert english(re.sub(r"«[^»]*»|\".*?\"", "", head.partition("] ")[2] + told)) == []


def test_nothing_to_say_is_said(recevable: Command, mine: Path) -> None:
    outcome = recevable("lint", *NOW)
    assert (outcome.code, outcome.out, outcome.err) == (
        exits.ACCEPTED,
        "24 fichiers contrôlés : rien à signaler.\n",
        "",
    )


# --- --fix and --diff -------------------------------------------------------------------------------------------------


def test_what_is_certain_is_repaired_in_the_files(recevable: Command, mine: Path) -> None:
    path = mine / "parametres.yaml"
    right = path.read_bytes()
    path.chmod(0o640)
    line, column = write(mine, "parametres.yaml", r'valeur: "58\.33"', 'valeur: ▸"58,33"')
    outcome = recevable("lint", *NOW, "--fix")
    assert outcome.code == exits.ACCEPTED
    head, balance = outcome.out.splitlines()
    assert head.startswith(f"rules/af-ope-mss/parametres.yaml:{line}:{column}: corrigé [PAQ-VALEUR] ")
    assert head.endswith('→ `"58.33"`')
    assert balance == "24 fichiers contrôlés : rien à signaler. 1 correction faite."
    assert path.read_bytes() == right
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert recevable("lint", *NOW, "--fix").out == "24 fichiers contrôlés : rien à signaler.\n"


def test_a_repair_is_announced_without_the_option(recevable: Command, mine: Path) -> None:
    write(mine, "parametres.yaml", r'valeur: "58\.33"', 'valeur: ▸"58,33"')
    assert recevable("lint", *NOW).out.endswith("1 erreur. --fix en corrige 1.\n")


def test_a_difference_is_shown_and_nothing_is_written(recevable: Command, mine: Path) -> None:
    write(mine, "parametres.yaml", r'valeur: "58\.33"', 'valeur: ▸"58,33"')
    before = (mine / "parametres.yaml").read_bytes()
    outcome = recevable("lint", *NOW, "--diff")
    assert outcome.code == exits.ACCEPTED
    assert outcome.out.startswith("--- a/rules/af-ope-mss/parametres.yaml\n+++ b/rules/af-ope-mss/parametres.yaml\n")
    assert re.search(r'^-.*"58,33"', outcome.out, re.MULTILINE)
    assert re.search(r'^\+.*"58\.33"', outcome.out, re.MULTILINE)
    assert (mine / "parametres.yaml").read_bytes() == before


def test_what_is_left_fails(recevable: Command, mine: Path) -> None:
    write(mine, "parametres.yaml", r'valeur: "58\.33"', 'valeur: ▸"58,33"')
    write(mine, "regles/avance.yaml", r"consequence:", "▸consequense:")
    outcome = recevable("lint", *NOW, "--fix")
    assert outcome.code == exits.NOT_ACCEPTED
    assert "corrigé [PAQ-VALEUR]" in outcome.out
    assert "erreur [PAQ-CLE-INCONNUE]" in outcome.out


# --- --explain --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(manual.pages()))
def test_every_code_is_explained(recevable: Command, code: str) -> None:
    outcome = recevable("lint", "--explain", code.lower())
    assert (outcome.code, outcome.err) == (exits.ACCEPTED, "")
    assert outcome.out.startswith(f"{code} (")
    for heading in manual.HEADINGS:
        assert f"## {heading}\n" in outcome.out


def test_a_code_that_does_not_exist_is_a_misuse(recevable: Command) -> None:
    outcome = recevable("lint", "--explain", "PAQ-BOLEEN")
    assert outcome.code == exits.USAGE
    assert "aucun constat n'a le code `PAQ-BOLEEN`. Vouliez-vous dire `PAQ-BOOLEEN`" in outcome.err
