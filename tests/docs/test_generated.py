"""Generated pages say what the code does today: running their generator changes nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
# Guides whose commands play a pack again and again: `.ci/run` writes every page anew.
LONG_COMMANDS = re.compile(rb"^\$ recevable (nouveau|impact|test|coverage|mutate)\b", re.MULTILINE)
GUIDE = "instruire-un-dossier.md"


def generate(folder: Path, *pages: str, **environment: str) -> str:
    """Run the generator as a developer does, into a folder; gives what it printed."""
    done = subprocess.run(
        [sys.executable, DOCS / "generate.py", folder, *pages],
        cwd=DOCS.parent,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    marked = [path for path in DOCS.rglob("*.md") if b"docs/generate.py" in path.read_bytes().partition(b"\n")[0]]
    pages = {path.relative_to(DOCS).as_posix() for path in marked}
    short = {name for name in pages if not LONG_COMMANDS.search((DOCS / name).read_bytes())}
    assert GUIDE in short
    assert "modifier-une-regle.md" in pages - short
    generate(folder, *sorted(short), PYTHONHASHSEED="1", TZ="Pacific/Kiritimati")
    return folder


@pytest.mark.thorough
def test_every_generated_page_is_up_to_date(generated: Path) -> None:
    pages = contents(generated)
    assert pages
    committed = {name: (DOCS / name).read_bytes() for name in pages if (DOCS / name).is_file()}
    stale = sorted(name for name, page in pages.items() if committed.get(name) != page)
    assert not stale, "lancez `make generate`"


@pytest.mark.thorough
def test_the_same_code_writes_the_same_bytes(generated: Path, tmp_path: Path) -> None:
    names = ("langage.md", GUIDE)
    generate(tmp_path, *names, PYTHONHASHSEED="2", TZ="America/Cayenne", LC_ALL="C")
    assert contents(tmp_path) == {name: contents(generated)[name] for name in names}


def test_a_page_that_would_not_change_is_left_alone(generated: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in generated.rglob("*")}
    assert generate(generated, "langage.md") == "langage.md : inchangée\n"
    assert {path: path.stat().st_mtime_ns for path in generated.rglob("*")} == before


def test_a_stale_page_is_written_again_and_named(tmp_path: Path) -> None:
    (tmp_path / "langage.md").write_text("Une vieille page.", encoding="utf-8")
    assert generate(tmp_path, "langage.md") == "langage.md : écrite\n"
    assert (tmp_path / "langage.md").read_bytes() == (DOCS / "langage.md").read_bytes()


def test_every_generated_page_says_that_it_is(generated: Path) -> None:
    unmarked = [name for name, page in contents(generated).items() if b"docs/generate.py" not in page.splitlines()[0]]
    assert unmarked == []


def test_every_link_of_a_page_leads_to_a_file(generated: Path) -> None:
    pages = [path for path in DOCS.rglob("*.md") if "_modeles" not in path.parts]
    assert {path.relative_to(DOCS).as_posix() for path in pages} >= set(contents(generated))
    lost = [
        (page.name, link)
        for page in pages
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
        if not (page.parent / link).exists()
    ]
    assert lost == []
