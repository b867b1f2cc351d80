"""What is installed is named to the digest, for every Python that the project supports, and no machine is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PYTHONS = ["3.11.2", "3.12.1", "3.13.0"]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]


def locked(path: Path) -> list[tuple[Requirement, list[str]]]:
    """Each line of a lock: what it installs, and the digests that it may have."""
    text = path.read_text("utf-8").replace("\\\n", " ")
    lines = [line.split(" --hash=") for line in text.splitlines() if line and not line.startswith("#")]
    return [(Requirement(first.strip()), [digest.strip() for digest in digests]) for first, *digests in lines]


def chosen(path: Path, python: str) -> dict[str, str]:
    """The version of each distribution that a lock installs on a Python."""
    environment = {name: str(value) for name, value in default_environment().items()}
    environment |= {"python_version": python.rpartition(".")[0], "python_full_version": python}
    found: dict[str, str] = {}
    for requirement, _ in locked(path):
        if requirement.marker is None or requirement.marker.evaluate(environment):
            assert found.setdefault(canonicalize_name(requirement.name), "") == "", requirement
            found[canonicalize_name(requirement.name)] = str(requirement.specifier).removeprefix("==")
    return found


def wanted(name: str) -> list[Requirement]:
    """What must be in a lock, by the declarations of the project."""
    lines = [*(ROOT / "requirements" / "build.in").read_text("utf-8").splitlines()]
    if name == "recevable":
        lines = PROJECT["dependencies"]
    elif name == "web":
        lines = PROJECT["dependencies"] + EXTRAS["web"]
    elif name == "dev":
        lines += PROJECT["dependencies"] + [line for extra in EXTRAS.values() for line in extra]
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return [one for one in found if one.name != PROJECT["name"]]


def test_there_is_a_lock_for_what_runs_what_builds_and_what_develops() -> None:
    assert [path.stem for path in LOCKS] == ["build", "dev", "recevable", "web"]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_everything_has_one_version_and_digests(path: Path) -> None:
    for requirement, digests in locked(path):
        assert re.fullmatch(r"==[\w.+!]+", str(requirement.specifier)), requirement
        assert digests
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in digests)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_no_host_and_no_path_of_a_machine_is_named(path: Path) -> None:
    assert not re.search(r"://|index|find-links|trusted|(?<!\w)/\w|@", path.read_text("utf-8"))


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_holds_what_the_project_declares(path: Path, python: str) -> None:
    found = chosen(path, python)
    for requirement in wanted(path.stem):
        version = found[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement


@pytest.mark.parametrize("python", PYTHONS)
def test_what_runs_and_what_builds_have_the_versions_that_are_developed_with(python: str) -> None:
    dev = chosen(ROOT / "requirements" / "dev.lock", python)
    for path in LOCKS:
        found = chosen(path, python)
        assert found.items() <= dev.items(), path


@pytest.mark.parametrize("name", ["msgspec", "jsonschema-rs", "pyyaml"])
def test_more_than_this_machine_is_served(name: str) -> None:
    # the source, and a wheel for each Python and each system: one digest each
    found = {requirement.name: digests for requirement, digests in locked(ROOT / "requirements" / "recevable.lock")}
    assert len(found[name]) > len(PYTHONS) + 1


def test_the_search_page_of_a_site_escapes_what_it_finds() -> None:
    (sphinx,) = [Requirement(line) for line in EXTRAS["doc"] if line.startswith("sphinx")]
    assert not sphinx.specifier.contains("8.2.3")
