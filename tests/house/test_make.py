"""The Makefile: what it offers, what it refuses to call a success, when it installs again."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKE = shutil.which("make") or "make"


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make in a folder, apart from the make that may be running these tests."""
    return subprocess.run(
        [MAKE, "--no-print-directory", *arguments],
        cwd=folder,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def program(path: Path, body: str) -> None:
    """Write an executable shell program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the real Makefile and an installer that is only a recording."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.lock").touch()
    program(
        tmp_path / ".ci" / "environnement",
        'echo install >>installs; rm -rf "$1"; mkdir -p "$1/bin"; '
        'cp answer "$1/bin/recevable"; cp answer "$1/bin/python"',
    )
    program(tmp_path / "answer", "exit 0")
    return tmp_path


def change_the_packaging(checkout: Path) -> None:
    """Make pyproject.toml newer than the installation, by more than the clock of a file system can blur."""
    stamp = (checkout / ".venv" / ".installed").stat()
    os.utime(checkout / ".venv" / ".installed", (stamp.st_atime - 10, stamp.st_mtime - 10))
    (checkout / "pyproject.toml").touch()


def installs(checkout: Path) -> int:
    """How many times the installer ran."""
    record = checkout / "installs"
    return len(record.read_text().splitlines()) if record.exists() else 0


def test_make_alone_lists_every_task() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = next(line for line in makefile.splitlines() if line.startswith(".PHONY:"))
    tasks = set(phony.split()[1:]) - {"FORCE"}
    done = make(ROOT)
    assert done.returncode == 0
    assert {line.split()[1] for line in done.stdout.splitlines()} == tasks
    assert {"demo", "test", "bench", "lint", "ci", "clean"} <= tasks


def test_the_demo_says_which_command_it_runs(checkout: Path) -> None:
    done = make(checkout, "demo", "DEMO=exemple.json", "DEMO_DATE=2023-10-01")
    assert done.returncode == 0
    assert "recevable check --au 2023-10-01 --demande solde exemple.json" in done.stdout


@pytest.mark.parametrize("code", [0, 1])
def test_a_verdict_whatever_it_is_makes_the_demo_succeed(checkout: Path, code: int) -> None:
    program(checkout / "answer", f"echo verdict; exit {code}")
    done = make(checkout, "demo")
    assert done.returncode == 0
    assert "verdict" in done.stdout


@pytest.mark.parametrize("code", [2, 3, 4, 139])
def test_an_error_makes_the_demo_fail(checkout: Path, code: int) -> None:
    program(checkout / "answer", f"exit {code}")
    assert make(checkout, "demo").returncode != 0


def test_the_demo_dossier_is_shipped(checkout: Path) -> None:
    program(checkout / "answer", 'for last; do :; done; echo "dossier $last"')
    shown = make(checkout, "demo").stdout.splitlines()[-1].removeprefix("dossier ")
    assert (ROOT / shown).is_file()


def test_failing_tests_make_the_test_task_fail(checkout: Path) -> None:
    program(checkout / "answer", "exit 1")
    assert make(checkout, "test").returncode != 0


def test_the_environment_is_installed_once(checkout: Path) -> None:
    make(checkout, "demo")
    make(checkout, "test")
    make(checkout, "demo")
    assert installs(checkout) == 1


def test_a_change_of_the_packaging_installs_again(checkout: Path) -> None:
    make(checkout, "demo")
    change_the_packaging(checkout)
    make(checkout, "demo")
    assert installs(checkout) == 2


def test_a_moved_checkout_installs_again(checkout: Path) -> None:
    make(checkout, "demo")
    moved = checkout.rename(checkout.with_name("moved here"))
    assert make(moved, "demo").returncode == 0
    assert make(moved, "demo").returncode == 0
    assert installs(moved) == 2


def test_a_vanished_interpreter_installs_again(checkout: Path) -> None:
    make(checkout, "demo")
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python3")
    assert make(checkout, "demo").returncode == 0
    assert installs(checkout) == 2


def test_a_failed_installation_is_started_again_next_time(checkout: Path) -> None:
    installer = checkout / ".ci" / "environnement"
    working = installer.read_text()
    program(installer, 'echo install >>installs; mkdir -p "$1/bin"; cp answer "$1/bin/python"; exit 1')
    assert make(checkout, "demo").returncode != 0
    assert not (checkout / ".venv" / ".installed").exists()
    installer.write_text(working)
    assert make(checkout, "demo").returncode == 0
    assert installs(checkout) == 2


def test_a_failed_reinstallation_does_not_leave_the_former_stamp_valid(checkout: Path) -> None:
    make(checkout, "demo")
    change_the_packaging(checkout)
    installer = checkout / ".ci" / "environnement"
    working = installer.read_text()
    program(installer, "exit 1")
    assert make(checkout, "demo").returncode != 0
    installer.write_text(working)
    assert make(checkout, "demo").returncode == 0
    assert installs(checkout) == 2


def test_clean_without_an_environment_is_no_failure(checkout: Path) -> None:
    assert make(checkout, "clean").returncode == 0


def test_a_change_of_the_lock_installs_again(checkout: Path) -> None:
    make(checkout, "demo")
    change_the_packaging(checkout)
    (checkout / "requirements" / "dev.lock").touch()
    make(checkout, "demo")
    assert installs(checkout) == 2


def test_the_tests_run_on_every_core(checkout: Path) -> None:
    program(checkout / "answer", 'echo "python $*"')
    assert "python -m pytest -n auto" in make(checkout, "test").stdout
    assert "python -m pytest -n 1 --dist worksteal -x" in make(checkout, "test", "WORKERS=1", "ARGS=-x").stdout


def test_clean_leaves_nothing_that_was_built(checkout: Path) -> None:
    make(checkout, "demo")
    for built in ("build", "dist", ".pytest_cache", "engine/recevable/__pycache__"):
        (checkout / built).mkdir(parents=True)
    assert make(checkout, "clean").returncode == 0
    left = {path.name for path in checkout.iterdir()}
    assert left == {"Makefile", "pyproject.toml", "requirements", ".ci", "answer", "installs", "engine"}
    assert not (checkout / "engine" / "recevable" / "__pycache__").exists()


def test_clean_empties_no_folder_that_make_did_not_fill(checkout: Path) -> None:
    mine = checkout / "elsewhere" / "notes.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    done = make(checkout, "clean", "VENV=elsewhere")
    assert done.returncode == 0
    assert "rien n'y est effacé" in done.stderr
    assert mine.read_text() == "mine"
