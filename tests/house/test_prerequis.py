"""`.ci/prerequis` names everything that an installation would miss, with the command that installs it.

Each test runs the script with a PATH that holds only invented programs: what this machine has plays no part.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "prerequis"

# The script asks four kinds of questions with `-c`; each is recognised by a word of its code.
PYTHON = """#!/bin/sh
case $2 in
    *sys.exit\\(sys.version_info*) exit {recent} ;;
    *ensurepip*) exit {ensurepip} ;;
    *Python.h*) exit {headers} ;;
    *'"CC"'*) echo '{compiler}' ;;
    *'%d.%d'*) echo '{version}' ;;
    *) echo "unexpected question: $2" >&2; exit 99 ;;
esac
"""


@dataclass
class Machine:
    """A PATH made of invented programs."""

    bin: Path

    def program(self, name: str, body: str = "exit 0") -> None:
        """Add a program; its body is shell."""
        path = self.bin / name
        path.write_text(body if body.startswith("#!") else f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def python(
        self,
        name: str = "python3.12",
        *,
        version: str = "3.12",
        recent: bool = True,
        ensurepip: bool = True,
        headers: bool = True,
        compiler: str = "gcc -pthread",
    ) -> None:
        """Add a Python interpreter that answers the questions of the script."""
        answers = {"recent": recent, "ensurepip": ensurepip, "headers": headers}
        codes = {question: int(not answer) for question, answer in answers.items()}
        self.program(name, PYTHON.format(version=version, compiler=compiler, **codes))

    def user(self, number: int) -> None:
        """Say who runs the script."""
        self.program("id", f"echo {number}")

    def check(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script on this machine only."""
        return subprocess.run(
            ["/bin/sh", SCRIPT],
            env={"PATH": str(self.bin), "LC_ALL": "C.UTF-8", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A Debian machine with nothing but apt, used by somebody who is not root."""
    made = Machine(tmp_path)
    made.program("apt-get")
    made.program("apt-cache", '[ "$2" = python3.11 ]')
    made.user(1000)
    return made


def test_a_complete_machine_is_told_nothing_and_its_python_is_named(machine: Machine) -> None:
    machine.python()
    machine.program("gcc")
    done = machine.check()
    assert (done.returncode, done.stdout, done.stderr) == (0, "python3.12\n", "")


def test_a_missing_compiler_is_named_with_its_command(machine: Machine) -> None:
    machine.python()
    done = machine.check()
    assert done.returncode == 1
    assert "Il manque un compilateur C (gcc) : sudo apt install build-essential\n" in done.stderr
    assert done.stdout == ""


def test_the_compiler_looked_for_is_the_one_that_cc_names(machine: Machine) -> None:
    machine.python()
    machine.program("gcc")
    assert "un compilateur C (tcc)" in machine.check(CC="tcc -g").stderr
    machine.program("tcc")
    assert machine.check(CC="tcc -g").returncode == 0


def test_a_compiler_without_the_headers_of_the_c_library_is_not_enough(machine: Machine) -> None:
    machine.python()
    machine.program("gcc", "exit 1")
    done = machine.check()
    assert done.returncode == 1
    assert "stdlib.h) : sudo apt install build-essential\n" in done.stderr


def test_the_missing_headers_of_python_are_named_with_their_command(machine: Machine) -> None:
    machine.python(headers=False)
    machine.program("gcc")
    done = machine.check()
    assert done.returncode == 1
    command = "sudo apt install python3.12-dev\n"
    assert f"Il manque les en-têtes de Python 3.12 (Python.h) : {command}" in done.stderr


def test_a_python_without_ensurepip_is_named_with_its_command(machine: Machine) -> None:
    machine.python(ensurepip=False)
    machine.program("gcc")
    done = machine.check()
    assert done.returncode == 1
    assert "Il manque le module venv de Python 3.12 : sudo apt install python3.12-venv\n" in done.stderr


def test_a_missing_python_is_named_with_the_version_that_the_system_offers(machine: Machine) -> None:
    machine.program("cc")
    done = machine.check()
    assert done.returncode == 1
    command = "sudo apt install python3.11 python3.11-venv python3.11-dev\n"
    assert f"Il manque Python 3.11 ou plus récent : {command}" in done.stderr


def test_a_system_that_offers_no_suitable_python_is_told_where_to_find_one(machine: Machine) -> None:
    machine.program("apt-cache", "exit 100")
    machine.program("cc")
    done = machine.check()
    assert done.returncode == 1
    assert "Il manque Python 3.11 ou plus récent : voir https://www.python.org/downloads/\n" in done.stderr


def test_everything_missing_is_named_in_one_run_and_in_one_command(machine: Machine) -> None:
    machine.python(ensurepip=False, headers=False)
    done = machine.check()
    assert done.returncode == 1
    assert done.stderr.count("Il manque") == 3
    command = "sudo apt install python3.12-venv python3.12-dev build-essential\n"
    assert f"En une seule commande : {command}" in done.stderr


def test_a_single_missing_thing_is_not_said_twice(machine: Machine) -> None:
    machine.program("cc")
    assert machine.check().stderr.count("apt install") == 1


def test_root_is_not_told_to_use_sudo(machine: Machine) -> None:
    machine.user(0)
    machine.python()
    done = machine.check()
    assert ": apt install build-essential\n" in done.stderr
    assert "sudo" not in done.stderr


def test_an_old_python_is_not_taken(machine: Machine) -> None:
    machine.python("python3", version="3.10", recent=False)
    machine.program("cc")
    assert "Il manque Python 3.11 ou plus récent" in machine.check().stderr


def test_a_shim_that_refuses_to_run_is_passed_over(machine: Machine) -> None:
    machine.program("python3.12", "echo 'command not found' >&2; exit 127")
    machine.python("python3", version="3.11")
    machine.program("gcc")
    done = machine.check()
    assert (done.returncode, done.stdout, done.stderr) == (0, "python3\n", "")


def test_a_python_where_the_rules_engine_builds_as_published_comes_first(machine: Machine) -> None:
    machine.python("python3.13", version="3.13")
    machine.python("python3.11", version="3.11")
    machine.program("gcc")
    assert machine.check().stdout == "python3.11\n"


def test_the_python_that_the_user_imposes_is_taken(machine: Machine) -> None:
    machine.python("python3.12")
    machine.python("mon-python")
    machine.program("gcc")
    assert machine.check(PYTHON="mon-python").stdout == "mon-python\n"


def test_an_unsuitable_python_that_the_user_imposes_is_refused_by_name(machine: Machine) -> None:
    machine.python("python3.12")
    machine.python("python3.9", version="3.9", recent=False)
    machine.program("gcc")
    done = machine.check(PYTHON="python3.9")
    assert done.returncode == 1
    assert "PYTHON=python3.9 ne convient pas" in done.stderr


@pytest.mark.parametrize(
    ("manager", "compiler", "headers"),
    [
        ("dnf", "sudo dnf install gcc glibc-devel", "sudo dnf install python3.12-devel"),
        ("apk", "sudo apk add build-base", "sudo apk add python3-dev"),
        ("pacman", "sudo pacman -S base-devel", "réinstallez ce Python"),
        ("brew", "xcode-select --install", "réinstallez ce Python"),
        ("autre", "installez gcc ou clang", "réinstallez ce Python"),
    ],
)
def test_each_system_gets_its_own_commands(tmp_path: Path, manager: str, compiler: str, headers: str) -> None:
    machine = Machine(tmp_path)
    machine.user(1000)
    machine.program(manager)
    machine.python(headers=False)
    done = machine.check()
    assert f"Il manque un compilateur C (gcc) : {compiler}" in done.stderr
    assert f"Il manque les en-têtes de Python 3.12 (Python.h) : {headers}" in done.stderr
    assert "apt" not in done.stderr


def test_this_machine_which_runs_the_tests_has_what_it_needs() -> None:
    done = subprocess.run(["/bin/sh", SCRIPT], env=dict(os.environ), capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
