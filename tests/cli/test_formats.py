"""`--format junit|sarif|github|gitlab` and `--fail-level` of the verbs that CI runs, read back as CI does."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from junitparser import JUnitXml

from recevable.cli import exits
from recevable.outputs.formats import FORMATS

Command = Callable[..., Any]
Dossier = Callable[[str], Path]
MACHINES = sorted(set(FORMATS) - {"json"})
# A parameter that nothing uses: a warning.
UNUSED = """\
  oubli:
    titre: Oubli
    type: entier
    jusqu_au: ouvert
    verifie_le: "2026-11-26"
    valeurs: [{a_partir_du: "2024-01-01", valeur: 3, source: "Règlement, art. 2"}]
"""


@pytest.fixture
def wrong(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small pack, in the current folder, with an example that fails and a parameter that nothing uses."""
    monkeypatch.chdir(tmp_path)
    folder = Path(shutil.copytree(pack, "rules/prime-velo"))
    rules = folder / "regles" / "prime.yaml"
    text = rules.read_text("utf-8")
    assert text.count('{avec: {}, resultat: "non_satisfait:absente"}') == 1
    rules.write_text(text.replace('{avec: {}, resultat: "non_satisfait:absente"}', "{avec: {}, resultat: satisfait}"))
    parameters = folder / "parametres.yaml"
    parameters.write_text(parameters.read_text("utf-8") + UNUSED, "utf-8")
    return folder


def places(fmt: str, text: str) -> set[tuple[str, int, str]]:
    """Every file, line and code that an output points at."""
    if fmt == "github":
        found = re.findall(r"^::\w+ file=([^,]+),line=(\d+),col=\d+,endColumn=\d+,title=([^,:]+)::", text, re.MULTILINE)
        return {(file, int(line), code) for file, line, code in found}
    if fmt == "gitlab":
        return {(f["location"]["path"], f["location"]["lines"]["begin"], f["check_name"]) for f in json.loads(text)}
    if fmt == "sarif":
        results = json.loads(text)["runs"][0]["results"]
        spots = [(r["locations"][0]["physicalLocation"], r["ruleId"]) for r in results if r["locations"]]
        return {(spot["artifactLocation"]["uri"], spot["region"]["startLine"], code) for spot, code in spots}
    cases = [case for suite in JUnitXml.fromstring(text.encode()) for case in suite]
    texts = [one.text for case in cases for one in case.result]
    found = re.findall(r"^(\S+?):(\d+):\d+: \w+ \[([^\]]+)\]", "\n".join(texts), re.MULTILINE)
    return {(file, int(line), code) for file, line, code in found}


def line_with(path: Path, words: str) -> int:
    (found,) = (n for n, line in enumerate(path.read_text("utf-8").splitlines(), 1) if words in line)
    return found


@pytest.mark.parametrize("fmt", MACHINES)
def test_lint_points_at_the_line(recevable: Command, wrong: Path, fmt: str) -> None:
    outcome = recevable("lint", "--au", "2026-11-26", "--format", fmt)
    assert outcome.code == exits.NOT_ACCEPTED
    unused = (f"{wrong}/parametres.yaml", line_with(wrong / "parametres.yaml", "oubli:"), "PAR-INUTILE")
    assert unused in places(fmt, outcome.out)
    assert outcome.err == ""


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_path_whose_bytes_are_no_text_is_printed_all_the_same(
    recevable: Command, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fmt: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(pack, os.fsdecode(b"pk\xff"))
    outcome = recevable("lint", "--format", fmt, os.fsdecode(b"pk\xff"))
    assert outcome.code == exits.NOT_ACCEPTED
    assert "pk\N{REPLACEMENT CHARACTER}/" in unquote(outcome.out)


@pytest.mark.parametrize("fmt", MACHINES)
def test_test_points_at_the_line(recevable: Command, wrong: Path, fmt: str) -> None:
    outcome = recevable("test", "--format", fmt)
    assert outcome.code == exits.NOT_ACCEPTED
    file = wrong / "regles" / "prime.yaml"
    assert (str(file), line_with(file, "avec: {}, resultat: satisfait"), "ESSAI-EXEMPLE") in places(fmt, outcome.out)


@pytest.mark.parametrize("fmt", MACHINES)
def test_check_points_at_the_line_of_the_dossier(
    check: Command, dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fmt: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(dossier("a-completer"), "d.json")
    outcome = check("--format", fmt, "d.json")
    assert outcome.code == exits.NOT_ACCEPTED
    assert ("d.json", line_with(Path("d.json"), '"pieces"'), "FACTURE") in places(fmt, outcome.out)


@pytest.mark.parametrize("fmt", MACHINES)
def test_a_dossier_is_named_from_here_however_it_was_typed(
    check: Command, dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fmt: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dossiers").mkdir()
    path = Path("dossiers/d.json")
    shutil.copy(dossier("a-completer"), path)
    for typed in (tmp_path / path, Path("dossiers") / ".." / path):
        expected = (str(path), line_with(path, '"pieces"'), "FACTURE")
        assert expected in places(fmt, check("--format", fmt, typed).out)


@pytest.mark.parametrize("fmt", MACHINES)
def test_check_reports_an_unreadable_dossier_and_the_others(
    check: Command, dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fmt: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(dossier("a-completer"), "b.json")
    Path("a.json").write_text('{"programme":\n  "prime-velo",,}')
    outcome = check("--format", fmt, "a.json", "b.json")
    assert outcome.code == exits.USAGE
    found = {(file, line) for file, line, _ in places(fmt, outcome.out)}
    assert {file for file, _ in found} == {"a.json", "b.json"}
    assert ("a.json", 2) in found
    assert "a.json:2:" in outcome.err


def test_a_line_of_ndjson_is_pointed_at(
    check: Command, line: Callable[[str], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d.ndjson").write_bytes(line("acceptee") + b"\n" + line("a-completer") + b"\n")
    outcome = check("--format", "github", "d.ndjson")
    assert {line for _, line, _ in places("github", outcome.out)} == {2}


@pytest.mark.parametrize("fmt", MACHINES)
def test_a_run_with_nothing_to_say_is_well_formed(check: Command, dossier: Dossier, fmt: str) -> None:
    outcome = check("--format", fmt, dossier("acceptee"))
    assert (outcome.code, outcome.err) == (exits.ACCEPTED, "")
    assert places(fmt, outcome.out) == set()


@pytest.mark.parametrize("fmt", MACHINES)
def test_rules_that_are_wrong_close_the_report(recevable: Command, wrong: Path, dossier: Dossier, fmt: str) -> None:
    """What stopped the run is in the report, which is whole."""
    (wrong / "parametres.yaml").write_text("parametres: [\n")
    outcome = recevable("check", "--rules", wrong, "--format", fmt, dossier("acceptee"))
    assert outcome.code == exits.INVALID_RULES
    assert any(file.endswith("parametres.yaml") for file, _, _ in places(fmt, outcome.out))


# --- --fail-level -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", ["text", "json", "ndjson", *MACHINES])
@pytest.mark.parametrize(("name", "code"), [
    ("acceptee", {"erreur": 0, "avertissement": 0, "information": 0, "jamais": 0}),
    ("a-completer", {"erreur": 0, "avertissement": 1, "information": 1, "jamais": 0}),
    ("hors-delai", {"erreur": 1, "avertissement": 1, "information": 1, "jamais": 0}),
    ("revente-remboursee", {"erreur": 0, "avertissement": 0, "information": 1, "jamais": 0}),
])  # fmt: skip
def test_check_fails_from_the_level_asked_for(
    check: Command, dossier: Dossier, name: str, code: dict[str, int], fmt: str
) -> None:
    args = ("--format", fmt, dossier(name))
    assert {level: check("--fail-level", level, *args).code for level in code} == code
    assert check(*args).code == code["avertissement"]


def test_an_unreadable_dossier_fails_at_every_level(check: Command, dossier: Dossier) -> None:
    assert check("--fail-level", "jamais", dossier("sans-demande")).code == exits.USAGE


def test_lint_fails_from_the_level_asked_for(recevable: Command, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(Path(__file__).parents[1] / "lint" / "base", tmp_path / "base"))
    parameters = folder / "parametres.yaml"
    parameters.write_text(parameters.read_text("utf-8") + UNUSED, "utf-8")
    codes = {
        level: recevable("lint", "--au", "2026-11-26", "--fail-level", level, folder).code
        for level in ("erreur", "avertissement", "information", "jamais")
    }
    assert codes == {"erreur": 0, "avertissement": 1, "information": 1, "jamais": 0}


def test_test_fails_for_a_rule_without_trial_when_asked_to(recevable: Command, pack: Path) -> None:
    assert recevable("test", pack).code == exits.ACCEPTED
    assert recevable("test", "--fail-level", "avertissement", pack).code == exits.NOT_ACCEPTED


@pytest.mark.parametrize("verb", ["check", "lint", "test"])
def test_a_level_that_does_not_exist_is_a_misuse(recevable: Command, pack: Path, verb: str) -> None:
    outcome = recevable(verb, "--fail-level", "grave", pack)
    assert outcome.code == exits.USAGE
    assert "valeurs possibles : erreur, avertissement, information, jamais" in outcome.err
