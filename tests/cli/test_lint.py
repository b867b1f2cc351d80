"""`recevable lint` as policy staff use it: ten slips on the shipped pack, repairs, explanations, exit codes."""

from __future__ import annotations

import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.lint_slips import MORE, TEN
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


def counted(pack: Path) -> str:
    """How many files of the pack are checked: those that are not about its trials."""
    return str(sum(path.parent.name != "scenarios" and path.name != "mutants.yaml" for path in pack.rglob("*.yaml")))


@pytest.mark.parametrize("slip", [*TEN, *MORE], ids=[name for name, *_ in (*TEN, *MORE)])
def test_a_slip_gives_one_finding_at_its_place_that_says_what_to_write(
    recevable: Command, mine: Path, slip: tuple[str, ...]
) -> None:
    _, name, pattern, written, *expected = slip
    line, column = write(mine, name, pattern, written)
    outcome = recevable("lint", *NOW)
    said = "\n".join(expected).replace("{files}", counted(mine)) + "\n"
    for gap in re.findall(r"\{line([+-]\d+)\}", said):
        said = said.replace(f"{{line{gap}}}", str(line + int(gap)))
    assert outcome.out == f"rules/af-ope-mss/{name}:{line}:{column}: {said}"
    assert (outcome.code, outcome.err) == (exits.NOT_ACCEPTED, "")
    # the caret is below the character that the line and the column name
    _, shown, caret, told, _ = outcome.out.splitlines()
    text = (mine / name).read_text("utf-8").splitlines()[line - 1].replace("\t", " ").replace("\u00a0", "·")
    assert shown[caret.index("^") :][:4] == text[column - 1 :][:4]
    assert told.startswith("  aide : ")
    assert english(re.sub(r"`[^`]*`", "", said.splitlines()[0].partition("] ")[2] + told)) == []


def test_nothing_to_say_is_said(recevable: Command, mine: Path) -> None:
    outcome = recevable("lint", *NOW)
    assert (outcome.code, outcome.out, outcome.err) == (
        exits.ACCEPTED,
        f"{counted(mine)} fichiers contrôlés : rien à signaler.\n",
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
    assert balance == f"{counted(mine)} fichiers contrôlés : rien à signaler. 1 correction faite."
    assert path.read_bytes() == right
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert recevable("lint", *NOW, "--fix").out == f"{counted(mine)} fichiers contrôlés : rien à signaler.\n"


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


def test_a_difference_is_text_only(recevable: Command, mine: Path) -> None:
    outcome = recevable("lint", *NOW, "--diff", "--format", "json")
    assert (outcome.code, outcome.out) == (exits.USAGE, "")
    assert "--diff ne se montre qu'en texte" in outcome.err


def test_what_a_link_leads_out_of_the_pack_to_is_left_and_told(recevable: Command, mine: Path, tmp_path: Path) -> None:
    write(mine, "parametres.yaml", r'valeur: "58\.33"', 'valeur: ▸"58,33"')
    outside = tmp_path / "ailleurs.yaml"
    shutil.move(mine / "parametres.yaml", outside)
    (mine / "parametres.yaml").symlink_to(outside)
    before = outside.read_bytes()
    outcome = recevable("lint", *NOW, "--fix")
    assert outcome.code == exits.NOT_ACCEPTED
    assert "parametres.yaml:1:1: erreur [YAML-LECTURE] `parametres.yaml` est un lien vers l'extérieur" in outcome.out
    assert "yaml-language-server" not in outcome.out  # a line of that file
    assert outside.read_bytes() == before
    assert (mine / "parametres.yaml").is_symlink()


def test_the_caret_is_below_its_character_after_a_byte_order_mark(recevable: Command, mine: Path) -> None:
    path = mine / "parametres.yaml"
    path.write_bytes(b"\xef\xbb\xbfparametre:" + path.read_bytes().partition(b"parametres:")[2])
    assert "  | parametre:\n  | ^^^^^^^^^\n" in recevable("lint", *NOW).out


# --- --explain --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(manual.pages()))
def test_every_code_is_explained(recevable: Command, code: str) -> None:
    outcome = recevable("lint", "--explain", code.lower())
    assert (outcome.code, outcome.err) == (exits.ACCEPTED, "")
    assert outcome.out.startswith(f"{code} (")
    for heading in manual.HEADINGS:
        assert f"## {heading}\n" in outcome.out


def test_a_code_of_the_trials_is_explained_too(recevable: Command) -> None:
    outcome = recevable("lint", "--explain", "essai-verdict")
    assert outcome.code == exits.ACCEPTED
    assert outcome.out.startswith("ESSAI-VERDICT (recevable test)\nLe verdict n'est pas celui qui est attendu.\n")


def test_a_code_that_does_not_exist_is_a_misuse(recevable: Command) -> None:
    outcome = recevable("lint", "--explain", "PAQ-BOLEEN")
    assert outcome.code == exits.USAGE
    assert "aucun constat n'a le code `PAQ-BOLEEN`. Vouliez-vous dire `PAQ-BOOLEEN`" in outcome.err


def test_a_word_is_explained_in_each_of_its_meanings(recevable: Command) -> None:
    outcome = recevable("lint", "--explain", "rejeter")
    assert outcome.code == 0
    assert "rejeter (Conséquences d'une cause)\n  La demande est rejetée.\n" in outcome.out
    assert "rejeter (Verdicts d'une demande)\n" in outcome.out


def test_a_word_close_to_a_known_one_is_suggested(recevable: Command) -> None:
    outcome = recevable("lint", "--explain", "rejetter")
    assert outcome.code == 2
    assert "`rejeter`" in outcome.err
