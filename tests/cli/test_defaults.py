"""Options whose default is policy take it from the pack."""

import shutil
from pathlib import Path

import pytest

from recevable import data
from recevable.cli.app import run_code
from recevable.cli.defaults import PolicyDefaults

PARAMETERS = "af-ope-mss/parametres.yaml"


def _default(option: str, *verbs: str) -> object:
    level = PolicyDefaults()
    for verb in verbs:
        level = level.get(verb)
    return level.get(option)


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped packs, taken for the shipped ones."""
    copy = tmp_path / "rules"
    shutil.copytree(data.shipped("rules"), copy)
    schemas = data.shipped("schemas")
    monkeypatch.setattr(data, "shipped", lambda name: copy if name == "rules" else schemas)
    return copy


def test_the_threshold_of_growth_is_the_one_of_the_pack() -> None:
    assert _default("threshold", "annuaire", "compare") == "3.5"
    assert _default("smallest", "annuaire", "compare") == "30"


def test_another_value_in_the_pack_is_another_default(packs: Path) -> None:
    parameters = packs / PARAMETERS
    parameters.write_text(parameters.read_text("utf-8").replace('valeur: "3.5"', 'valeur: "2.25"'), "utf-8")
    assert _default("threshold", "annuaire", "compare") == "2.25"


@pytest.mark.parametrize("option", ["out", "html", "fmt"])
def test_other_options_keep_their_own_default(option: str) -> None:
    assert _default(option, "annuaire", "compare") is None
    assert PolicyDefaults().get("check") is None
    assert _default(option, "annuaire") is None


def test_a_pack_with_a_fault_leaves_the_option_its_own_default(packs: Path) -> None:
    (packs / PARAMETERS).write_text("parametres: [", "utf-8")
    assert _default("threshold", "annuaire", "compare") is None


def test_the_comparison_says_which_threshold_it_used(
    packs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--lines", "6000", "--operateurs", "12"]
    for name, seed, produced in (("a", "1", "202506300300"), ("b", "1", "202507310300")):
        made = ["annuaire", "sample", "--out", str(tmp_path / name), "--seed", seed, "--produite-le", produced, *words]
        assert run_code(made) == 0
    old, new = (next((tmp_path / name).glob("Extraction_*.txt")) for name in ("a", "b"))
    capsys.readouterr()
    compare = [
        "annuaire",
        "compare",
        str(old),
        str(new),
        "--liste-blanche",
        str(tmp_path / "b/listeblanchemssante.xml"),
    ]
    assert run_code(compare) in (0, 1)
    assert "3,5" in capsys.readouterr().out
    parameters = packs / PARAMETERS
    parameters.write_text(parameters.read_text("utf-8").replace('valeur: "3.5"', 'valeur: "9.5"'), "utf-8")
    assert run_code(compare) in (0, 1)
    assert "9,5" in capsys.readouterr().out
    assert run_code([*compare, "--seuil", "4.5"]) in (0, 1)
    assert "4,5" in capsys.readouterr().out
