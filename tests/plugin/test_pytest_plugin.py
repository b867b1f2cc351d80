"""pytest collects the trials of a pack: off unless asked for, each with its file and line, nothing lost in silence."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from xml.etree import ElementTree

import pytest

Run = Callable[..., "CompletedProcess[str]"]
ROOT = Path(__file__).parents[2]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_the_plugin_is_found_by_pytest_once_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"recevable": "recevable.pytest_plugin"}


def test_it_collects_nothing_unless_asked_to(run: Run) -> None:
    assert run("-q").returncode == pytest.ExitCode.NO_TESTS_COLLECTED


def test_it_collects_examples_scenarios_and_known_dossiers(run: Run, tmp_path: Path) -> None:
    found = run("--recevable", "-q", "--junitxml", "r.xml", "-o", "junit_family=xunit1")
    assert (found.returncode, found.stdout.splitlines()[-1].split(" in ")[0]) == (0, "5 passed")
    cases = {case.get("name"): case for case in ElementTree.parse(tmp_path / "r.xml").iter("testcase")}
    assert {name: (case.get("file"), case.get("line")) for name, case in cases.items()} == {
        "essais": ("rules/prime-velo/programme.yaml", "0"),
        "FACTURE [1]": ("rules/prime-velo/regles/prime.yaml", "19"),
        "FACTURE [2]": ("rules/prime-velo/regles/prime.yaml", "20"),
        "Facture absente": ("rules/prime-velo/scenarios/essais.yaml", "1"),
        "acceptee": ("fixtures/prime-velo/acceptee.attendu.yaml", "0"),
    }


def test_a_setting_does_the_same(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nrecevable = true\n")
    found = run("-q", "rules", "-k", "FACTURE")
    assert (found.returncode, "3 passed, 1 deselected" in found.stdout) == (0, True)


def test_a_trial_that_fails_is_shown_at_its_line_without_a_trace(run: Run, project: Path) -> None:
    edit(project / "rules/prime-velo/scenarios/essais.yaml", "verdict: completer", "verdict: rejeter")
    edit(project / "rules/prime-velo/regles/prime.yaml", '{avec: {}, resultat: "non_satisfait:absente"}',
         "{avec: {}, resultat: satisfait}")  # fmt: skip
    found = run("--recevable", "-q")
    assert found.returncode == pytest.ExitCode.TESTS_FAILED
    assert "rules/prime-velo/scenarios/essais.yaml:7:24: erreur [ESSAI-VERDICT] verdict de `prime`" in found.stdout
    assert "rules/prime-velo/regles/prime.yaml:21:30: erreur [ESSAI-EXEMPLE] `FACTURE`" in found.stdout
    assert "  note : prime.pieces.facture est present → faux" in found.stdout
    assert "Traceback" not in found.stdout
    assert ".py:" not in found.stdout
    assert "2 failed, 3 passed" in found.stdout


def test_a_trial_that_cannot_be_read_fails_its_pack(run: Run, project: Path) -> None:
    edit(project / "rules/prime-velo/scenarios/essais.yaml", "FACTURE:absente", "FACTUR:absente")
    found = run("--recevable", "-q")
    assert found.returncode == pytest.ExitCode.TESTS_FAILED
    assert "erreur [ATT-REGLE] règle inconnue : `FACTUR`" in found.stdout
    assert "1 failed, 3 passed" in found.stdout


def test_a_pack_that_is_wrong_is_an_error_of_collection(run: Run, project: Path) -> None:
    edit(project / "rules/prime-velo/regles/prime.yaml", "beneficiaire.majeur = vrai", "beneficiaire.majer = vrai")
    found = run("--recevable", "-q", "rules")
    assert found.returncode == pytest.ExitCode.INTERRUPTED
    assert "rules/prime-velo/regles/prime.yaml:42:16: erreur" in found.stdout


def test_a_pack_without_any_trial_fails(run: Run, project: Path) -> None:
    for path in (project / "fixtures/prime-velo").iterdir():
        path.unlink()
    (project / "rules/prime-velo/scenarios/essais.yaml").unlink()
    rules = project / "rules/prime-velo/regles/prime.yaml"
    head, _, rest = rules.read_text("utf-8").partition("    exemples:\n")
    rules.write_text(head + rest.split("\n", 2)[2], "utf-8")
    found = run("--recevable", "-q")
    assert found.returncode == pytest.ExitCode.TESTS_FAILED
    assert "aucun essai" in found.stdout
