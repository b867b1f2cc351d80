"""The public face: its names are kept, typed, lazy and documented; the programs of its documentation run."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import recevable
from recevable import _PLACES

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "api.md").read_text("utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)


def test_the_names_are_these_and_each_is_found() -> None:
    assert sorted(recevable.__all__) == sorted(_PLACES)
    assert dir(recevable) == sorted([*recevable.__all__, "__version__"])
    for name in recevable.__all__:
        assert getattr(recevable, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'decider'"):
        recevable.decider  # noqa: B018


def test_each_name_is_typed_as_what_it_is() -> None:
    tree = ast.parse((ROOT / "engine" / "recevable" / "__init__.py").read_text("utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    typed = {}
    for line in block.body:
        assert isinstance(line, ast.ImportFrom)
        for name in line.names:
            public = name.asname or name.name
            whole = _PLACES[public][1] == ""
            typed[public] = (f"{line.module}.{name.name}", "") if whole else (line.module, name.name)
    assert typed == _PLACES


def test_importing_the_package_imports_nothing_of_it() -> None:
    code = "import sys, recevable; print([m for m in sys.modules if m.startswith('recevable.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_public_name_is_documented_and_nothing_else_is() -> None:
    headings = set(re.findall(r"^### `(\w+)", DOCUMENT, re.MULTILINE))
    assert headings == set(recevable.__all__)


@pytest.mark.parametrize("name", ["Decision", "RequestDecision", "AppraisalLine"])
def test_what_is_said_of_a_value_is_there(name: str) -> None:
    section = re.search(rf"^### `{name}`\n(.*?)^### ", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert section is not None
    members = {*dir(getattr(recevable, name))}
    # what is in brackets is said of something else
    said = set(re.findall(r"`([a-z_]+)", re.sub(r"\([^`()]*`[^()]*\)", "", section[1])))
    assert said - {"key"} <= members
    assert said >= {"receipt"} if name == "Decision" else said


def test_every_public_method_of_a_programme_is_documented_and_typed() -> None:
    for name, member in vars(recevable.Programme).items():
        if name.startswith("_"):
            continue
        assert f"`{name}" in DOCUMENT or f".{name}(" in DOCUMENT, name
        function = member.fget if isinstance(member, property) else member
        assert function.__doc__, name
        assert "return" in function.__annotations__, name


def test_there_are_three_programs_of_ten_lines_or_so() -> None:
    assert len(PROGRAMS) == 3
    assert all(len(program.strip().splitlines()) <= 16 for program in PROGRAMS)


@pytest.mark.parametrize("rank", range(3))
def test_a_program_of_the_documentation_runs_and_prints_what_it_says(rank: int, tmp_path: Path) -> None:
    fixture = ROOT / "fixtures" / "af-ope-mss" / "solde-cinq-defauts.json"
    (tmp_path / "dossier.json").write_bytes(fixture.read_bytes())
    line = b" ".join(fixture.read_bytes().split())
    (tmp_path / "dossiers.ndjson").write_bytes(b"\n".join([line, b'{"programme": "inconnu"}', line]) + b"\n")
    done = subprocess.run([sys.executable, "-c", PROGRAMS[rank]], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    printed = re.findall(r"^```text\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)[rank]
    assert done.stdout == printed
