"""The ready-made configurations of CI: accepted by the schemas of their makers, and run command by command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from recevable import data

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "second_programme"
GITHUB, GITLAB = ROOT / "docs" / "ci" / "github.yml", ROOT / "docs" / "ci" / "gitlab.yml"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


@pytest.mark.parametrize(("path", "schema"), [(GITHUB, "vendor.github-workflows"), (GITLAB, "vendor.gitlab-ci")])
def test_a_configuration_follows_the_schema_of_its_maker(path: Path, schema: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stdout.strip()) == (0, "ok -- validation done")


def test_the_hooks_are_hooks_of_pre_commit() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stdout) == (0, "")


def test_a_hook_runs_for_every_file_that_its_command_reads() -> None:
    watched = {hook["id"]: re.compile(hook["files"]) for hook in read(ROOT / ".pre-commit-hooks.yaml")}
    pack = ROOT / "rules" / "af-ope-mss"
    of_tests = [*(ROOT / "fixtures" / "af-ope-mss").iterdir(), *(pack / "scenarios").iterdir()]
    of_both = [*(pack / "regles").iterdir(), *(ROOT / "schemas").rglob("*.json"), pack / "parametres.yaml"]
    of_lint = [path for path in pack.glob("*.yaml") if path.name != "mutants.yaml"]
    for hook, paths in (("recevable-test", [*of_tests, *of_both]), ("recevable-lint", [*of_lint, *of_both])):
        missed = [path for path in paths if not watched[hook].search(path.relative_to(ROOT).as_posix())]
        assert (hook, missed) == (hook, [])


# --- the commands -----------------------------------------------------------------------------------------------------


def scripts() -> Iterator[tuple[str, str]]:
    """Every command of both configurations that is ours, with a name."""
    for step in read(GITHUB)["jobs"]["regles"]["steps"]:
        if "recevable " in step.get("run", ""):
            yield f"github {step['name']}", step["run"]
    for name, job in read(GITLAB).items():
        for line in job.get("script", ()) if isinstance(job, dict) else ():
            if "recevable " in line:
                yield f"gitlab {name} {line[:20].strip()}", line
    for hook in read(ROOT / ".pre-commit-hooks.yaml"):
        yield f"pre-commit {hook['id']}", hook["entry"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project under version control, of which the last commit changes a parameter; `recevable` is on the way."""
    folder = tmp_path_factory.mktemp("projet")
    shutil.copytree(ROOT / "tests" / "lint" / "base", folder / "rules" / "aide")
    fixtures = folder / "fixtures" / "aide"
    fixtures.mkdir(parents=True)
    (folder / "bin").mkdir()
    shim = folder / "bin" / "recevable"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m recevable "$@"\n')
    shim.chmod(0o755)
    return folder


def shell(folder: Path, command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A command as CI runs it."""
    path = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
    python = os.pathsep.join([str(data.PACKAGE.parent), os.environ.get("PYTHONPATH", "")])
    whole = {**os.environ, "PATH": path, "PYTHONPATH": python, **env}
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command], cwd=folder, env=whole, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def base(project: Path) -> str:
    """The commit before the last one, which raised a ceiling; a dossier is known that it concerns."""
    dossier = (
        '{"programme": "aide-demenagement", "demandeur": {"profil": "particulier"}, '
        '"aide": {"recue_le": "2025-03-01T10:00:00+01:00", "facture": {"prix": "860.00"}}}'
    )
    expected = 'titre: T\nau: "2025-03-02"\ndemandes:\n  aide: {verdict: accepter}\na_apprecier: []\nrecouvrement: []\n'
    fixtures = project / "fixtures" / "aide"
    (fixtures / "aide-versee.json").write_text(dossier)
    (fixtures / "aide-versee.attendu.yaml").write_text(expected)
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "Essai"), ("EMAIL", "essai@exemple.fr"))}  # fmt: skip
    parameters = project / "rules" / "aide" / "parametres.yaml"
    made = shell(project, "git init -q . && git add rules fixtures && git commit -qm un", **who)
    assert made.returncode == 0, made.stderr
    text = parameters.read_text("utf-8")
    assert text.count('"850.00"') == 1
    parameters.write_text(text.replace('"850.00"', '"900.00"'), "utf-8")
    made = shell(project, "git commit -qam deux && git rev-parse HEAD~1", **who)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


COMMANDS = dict(scripts())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_of_a_configuration_runs(project: Path, base: str, name: str) -> None:
    outcome = shell(project, COMMANDS[name], BASE=base)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    if "impact" in name or "change" in name:
        page = project / "impact-aide.html"
        assert "aide-versee" in page.read_text("utf-8")
        page.unlink()


@pytest.mark.parametrize("name", [name for name in COMMANDS if "impact" not in name and "change" not in name])
def test_a_command_of_a_configuration_fails_when_it_should(project: Path, tmp_path: Path, name: str) -> None:
    """Nothing in the commands swallows a failure: here a rule contradicts its examples, and a name is lost."""
    folder = Path(shutil.copytree(project, tmp_path / "projet"))
    rules = folder / "rules" / "aide" / "regles" / "base.yaml"
    text = rules.read_text("utf-8")
    assert text.count("condition: non est_association") == 1
    wrong = "non est_asociation" if "lint" in COMMANDS[name] or "coverage" in COMMANDS[name] else "est_association"
    rules.write_text(text.replace("condition: non est_association", f"condition: {wrong}"), "utf-8")
    assert shell(folder, COMMANDS[name]).returncode != 0
