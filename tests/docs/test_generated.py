"""Generated pages say what the code does today: running their generator changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def generate(folder: Path, **environment: str) -> str:
    """Run the generator as a developer does, into a folder; gives what it printed."""
    done = subprocess.run(
        [sys.executable, DOCS / "generate.py", folder],
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
    generate(folder, PYTHONHASHSEED="1", TZ="Pacific/Kiritimati")
    return folder


def test_every_generated_page_is_up_to_date(generated: Path) -> None:
    pages = contents(generated)
    assert pages
    committed = {name: (DOCS / name).read_bytes() for name in pages if (DOCS / name).is_file()}
    stale = sorted(name for name, page in pages.items() if committed.get(name) != page)
    assert not stale, "lancez `make generate`"


def test_the_same_code_writes_the_same_bytes(generated: Path, tmp_path: Path) -> None:
    generate(tmp_path, PYTHONHASHSEED="2", TZ="America/Cayenne", LC_ALL="C")
    assert contents(tmp_path) == contents(generated)


def test_a_page_that_would_not_change_is_left_alone(generated: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in generated.rglob("*")}
    told = generate(generated)
    assert {path: path.stat().st_mtime_ns for path in generated.rglob("*")} == before
    assert sorted(told.splitlines()) == sorted(f"{name} : inchangée" for name in contents(generated))


def test_a_stale_page_is_written_again_and_named(tmp_path: Path) -> None:
    (tmp_path / "langage.md").write_text("Une vieille page.", encoding="utf-8")
    told = generate(tmp_path)
    assert "langage.md : écrite" in told.splitlines()
    assert (tmp_path / "langage.md").read_bytes() == (DOCS / "langage.md").read_bytes()


def test_every_generated_page_says_that_it_is(generated: Path) -> None:
    unmarked = [name for name, page in contents(generated).items() if b"docs/generate.py" not in page.splitlines()[0]]
    assert unmarked == []
