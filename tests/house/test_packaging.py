"""The layout of the house: what the package holds, what it may name and what it declares."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

import recevable

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "engine" / "recevable"
EVIDENCE = PACKAGE / "registers"
# Who may import what an extra brings; everyone else works without it.
EXTRAS = {
    "annuaire": "registers",
    "courriers": "letters",
    "doc": "handbook",
    "editeur": "editor",
    "grappe": "cli/batch/cluster.py",
    "parquet": "tables.py",
    "preuves": "proofs",
    "pytest": "pytest_plugin.py",
}
MODULES = sorted(PACKAGE.rglob("*.py"))
LAYERS = (
    "cli proofs outputs drafts trials lint programme prepared report decision inference pack dossier language".split()
)
NAMES = [str(path.relative_to(PACKAGE)) for path in MODULES]


@cache
def pyproject() -> dict[str, Any]:
    """The packaging of the project."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def normal(name: str) -> str:
    """The name of a distribution as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution(requirement: str) -> str:
    """The distribution that a requirement names, without its version and extras."""
    return normal(re.split(r"[<>=~!\[; ]", requirement)[0])


@cache
def imported(path: Path) -> frozenset[str]:
    """The top-level names of everything a module imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return frozenset(found)


def test_every_layer_is_a_package() -> None:
    assert [
        one for one in LAYERS if not (PACKAGE / one / "__init__.py").is_file() and not (PACKAGE / f"{one}.py").is_file()
    ] == []


def test_every_layer_is_under_contract_in_its_order() -> None:
    contract = next(c for c in pyproject()["tool"]["importlinter"]["contracts"] if c["id"] == "layers")
    assert [layer for layer in contract["layers"] if "|" not in layer][: len(LAYERS)] == LAYERS
    assert contract["exhaustive"] is True


def test_the_engine_knows_no_programme_by_name() -> None:
    programmes = {folder.name for folder in (ROOT / "rules").iterdir() if folder.is_dir()}
    assert programmes
    whole_names = [rf"\b{re.escape(name)}\b" for name in sorted(programmes)]
    words = re.compile("|".join(["mssant", *whole_names]), re.IGNORECASE)
    files = [path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert len(files) >= len(MODULES)
    apart = [path for path in files if not path.is_relative_to(EVIDENCE)]
    assert [str(path.relative_to(ROOT)) for path in apart if words.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("module", NAMES)
def test_a_module_says_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(ast.parse((PACKAGE / module).read_text(encoding="utf-8")))


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").read_bytes() == b""


def test_the_version_is_written_in_one_place() -> None:
    assert "version" not in pyproject()["project"]
    assert ROOT / pyproject()["tool"]["hatch"]["version"]["path"] == PACKAGE / "__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", recevable.__version__)
    holders = [name for name in NAMES if recevable.__version__ in (PACKAGE / name).read_text("utf-8")]
    assert holders == ["__init__.py"]


def test_the_changelog_tells_the_present_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(recevable.__version__)}\]", changelog, re.MULTILINE)


def test_everything_the_engine_imports_is_declared() -> None:
    project = pyproject()["project"]
    extras = [line for extra in EXTRAS for line in project["optional-dependencies"][extra]]
    declared = {distribution(line) for line in [*project["dependencies"], *extras]}
    installed = packages_distributions()
    missing = {}
    for path in MODULES:
        for name in imported(path):
            if name in sys.stdlib_module_names or name == "recevable":
                continue
            if not declared & {normal(given) for given in installed.get(name, [name])}:
                missing[name] = str(path.relative_to(ROOT))
    assert missing == {}


@pytest.mark.parametrize("extra", EXTRAS)
def test_what_an_extra_brings_is_imported_where_it_belongs_only(extra: str) -> None:
    brought = {distribution(line) for line in pyproject()["project"]["optional-dependencies"][extra]}
    # an extra may bring another, which has its own place
    brought.discard(pyproject()["project"]["name"])
    assert brought
    # a distribution is not always imported by its own name
    names = {name for name, given in packages_distributions().items() if brought & {normal(one) for one in given}}
    users = [path for path in MODULES if names & imported(path)]
    assert users
    assert [str(path) for path in users if not path.is_relative_to(PACKAGE / EXTRAS[extra])] == []


def test_the_developers_have_every_extra() -> None:
    dev = pyproject()["project"]["optional-dependencies"]["dev"]
    assert f"recevable[{','.join(sorted([*EXTRAS, 'web']))}]" in dev


def test_everything_that_the_packaging_names_exists() -> None:
    build = pyproject()["tool"]["hatch"]["build"]["targets"]
    named = [*build["sdist"]["include"], *build["wheel"]["packages"], *build["wheel"]["force-include"]]
    named += [pyproject()["project"]["readme"], *pyproject()["project"]["license-files"]]
    assert [path for path in named if not (ROOT / path.lstrip("/")).exists()] == []


@pytest.mark.parametrize("folder", ["rules", "schemas", "fixtures"])
def test_the_wheel_carries_the_data_that_the_engine_reads(folder: str) -> None:
    carried = pyproject()["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert carried[folder] == f"recevable/_data/{folder}"


@pytest.mark.parametrize("script", ["prerequis", "environnement", "run"])
def test_the_scripts_of_the_house_can_be_run(script: str) -> None:
    path = ROOT / ".ci" / script
    assert path.stat().st_mode & 0o111 == 0o111
    assert path.read_text(encoding="utf-8").startswith("#!")
