"""`.ci/environnement` makes an environment in which the rules engine, a C extension, really loads.

Python is played by a shell program that records what pip was asked; nothing is downloaded or compiled.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "environnement"

PYTHON = """#!/bin/sh
case "$*" in
    '-m venv '*)
        mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
    *sys.version_info*) exit "$OLDER_THAN_313" ;;
    '-m pip freeze') echo 'click==8.1'; echo 'durable_rules==2.0.28' ;;
    '-m pip install'*)
        echo "pip $* [${CPPFLAGS:-}]" >>record
        exit "${PIP_CODE:-0}" ;;
    '-c import durable_rules_engine')
        echo load >>record
        [ "$(grep -c '^load' record)" -gt "${LOADS_AFTER:-0}" ] ;;
    *) echo "unexpected: $*" >&2; exit 99 ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the real script, a machine that has all it needs and an invented Python."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(SCRIPT, tmp_path / ".ci")
    (tmp_path / "dev.lock").write_text(LOCK)
    for path, body in ((".ci/prerequis", f'#!/bin/sh\necho "{tmp_path}/python"\n'), ("python", PYTHON)):
        (tmp_path / path).write_text(body)
        (tmp_path / path).chmod(0o755)
    return tmp_path


LOCK = """click==8.1 \\
    --hash=sha256:a
durable-rules==2.0.28 \\
    --hash=sha256:b \\
    --hash=sha256:c
lxml==6 \\
    --hash=sha256:d
"""


def environnement(checkout: Path, lock: str = "dev.lock", **environment: str) -> subprocess.CompletedProcess[str]:
    """Install the checkout into `.venv`; Python is 3.12 unless said otherwise."""
    return subprocess.run(
        [checkout / ".ci" / "environnement", ".venv", lock, "--editable", ".[dev]"],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "OLDER_THAN_313": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def record(checkout: Path) -> list[str]:
    """What the invented Python was asked to install or to load, in order."""
    return (checkout / "record").read_text().splitlines()


def test_what_the_lock_names_is_installed_then_what_is_asked_and_the_rules_engine_is_loaded(checkout: Path) -> None:
    assert environnement(checkout).returncode == 0
    assert record(checkout) == [
        "pip -m pip install -qq --require-hashes -r requirements/build.lock []",
        "pip -m pip install -qq --require-hashes --no-build-isolation -r dev.lock []",
        "pip -m pip install -qq --no-deps --no-build-isolation --editable .[dev] []",
        "load",
    ]


def test_without_a_lock_pip_chooses(checkout: Path) -> None:
    assert environnement(checkout, lock="").returncode == 0
    assert record(checkout) == ["pip -m pip install -qq --editable .[dev] []", "load"]


def test_python_313_compiles_the_rules_engine_with_the_function_it_lost(checkout: Path) -> None:
    assert environnement(checkout, OLDER_THAN_313="0", CPPFLAGS="-DX").returncode == 0
    assert record(checkout)[0].endswith("[-DX -DPyEval_CallObject=PyObject_CallObject]")


def test_a_rules_engine_that_does_not_load_is_compiled_anew_from_what_the_lock_names(checkout: Path) -> None:
    assert environnement(checkout, LOADS_AFTER="1").returncode == 0
    *_, load, again, reload = record(checkout)
    assert (load, reload) == ("load", "load")
    assert "--no-cache-dir" in again
    assert "--require-hashes" in again
    alone = (checkout / ".venv" / "durable-rules.lock").read_text()
    assert alone == LOCK[LOCK.index("durable") : LOCK.index("lxml")]


def test_without_a_lock_it_is_compiled_anew_too(checkout: Path) -> None:
    assert environnement(checkout, lock="", LOADS_AFTER="1").returncode == 0
    asked = record(checkout)
    assert [line.split()[0] for line in asked] == ["pip", "load", "pip", "load"]
    assert "--no-cache-dir" in asked[2]
    assert "durable_rules==2.0.28" in asked[2]


def test_a_rules_engine_that_still_does_not_load_is_a_failure(checkout: Path) -> None:
    assert environnement(checkout, LOADS_AFTER="2").returncode != 0


def test_a_failed_installation_is_a_failure_and_says_where_to_look(checkout: Path) -> None:
    done = environnement(checkout, PIP_CODE="1")
    assert done.returncode == 1
    assert "L'installation a échoué" in done.stderr


def test_a_missing_prerequisite_stops_before_the_environment_is_touched(checkout: Path) -> None:
    kept = checkout / ".venv" / "kept"
    kept.parent.mkdir()
    kept.touch()
    (checkout / ".venv" / ".recevable").touch()
    (checkout / ".ci" / "prerequis").write_text("#!/bin/sh\necho 'Il manque tout' >&2\nexit 1\n")
    done = environnement(checkout)
    assert done.returncode == 1
    assert "Il manque tout" in done.stderr
    assert kept.exists()


# the second: made before there was a mark
@pytest.mark.parametrize("mark", [".recevable", ".installed"])
def test_an_environment_that_was_left_half_made_is_emptied(checkout: Path, mark: str) -> None:
    debris = checkout / ".venv" / "lib" / "debris"
    debris.parent.mkdir(parents=True)
    debris.touch()
    (checkout / ".venv" / mark).touch()
    assert environnement(checkout).returncode == 0
    assert not debris.exists()


def test_a_folder_that_it_did_not_make_is_left_alone(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "notes.txt").write_text("mine")
    done = environnement(checkout)
    assert done.returncode == 1
    assert "rien n'y est touché" in done.stderr
    assert (checkout / ".venv" / "notes.txt").read_text() == "mine"
    assert not (checkout / "record").exists()


def test_what_it_made_is_emptied_and_made_again(checkout: Path) -> None:
    assert environnement(checkout).returncode == 0
    (checkout / ".venv" / "old").write_text("old")
    assert environnement(checkout).returncode == 0
    assert not (checkout / ".venv" / "old").exists()
    assert (checkout / ".venv" / ".recevable").exists()


def test_an_installation_that_fails_can_be_made_again(checkout: Path) -> None:
    assert environnement(checkout, PIP_CODE="1").returncode == 1
    assert environnement(checkout).returncode == 0
