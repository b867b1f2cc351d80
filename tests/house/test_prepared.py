"""Prepared packs: the same decision with and without them, and never one that was made from something else."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recevable import cache as user_cache
from recevable.prepared import prepare

ROOT = Path(__file__).parents[2]
DOSSIER = ROOT / "fixtures" / "af-ope-mss" / "solde-cinq-defauts.json"
CHECK = ["check", str(DOSSIER), "--au", "2023-10-02", "--format", "json"]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("RECEVABLE_CACHE", str(folder))
    return folder


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the shipped pack, two levels below a folder that may hold schemas."""
    copy = tmp_path / "racine" / "rules" / "af-ope-mss"
    shutil.copytree(ROOT / "rules" / "af-ope-mss", copy)
    return copy


def _run(*words: str, **environment: str | None) -> subprocess.CompletedProcess[bytes]:
    variables = {**os.environ, **{name: value for name, value in environment.items() if value is not None}}
    for name in (name for name, value in environment.items() if value is None):
        variables.pop(name, None)
    command = [sys.executable, "-m", "recevable", *words]
    return subprocess.run(command, env=variables, capture_output=True, check=False)


def _entries(cache: Path) -> list[Path]:
    return sorted(cache.glob("*.paquet"))


def test_the_decision_is_the_same_without_a_cache_with_a_new_one_and_with_an_old_one(cache: Path) -> None:
    without = _run(*CHECK, RECEVABLE_CACHE="non")
    first = _run(*CHECK)
    assert len(_entries(cache)) == 1
    again = _run(*CHECK)
    assert without.stdout == first.stdout == again.stdout
    assert without.returncode == first.returncode == again.returncode == 1


# What reads, compiles, explains or writes something else: a decision on a prepared pack loads none of it.
UNNEEDED = (
    "yaml jsonschema json importlib.metadata tempfile xml.etree.ElementTree fractions recevable.pack.loader "
    "recevable.pack.compiler recevable.pack.yaml_strict recevable.inference.safety recevable.lint recevable.trials "
    "recevable.handbook recevable.outputs.annotations recevable.outputs.formats.as_sarif hashlib pickle "
    "recevable.pack.kinds recevable.pack.shared recevable.dossier.positions recevable.dossier.explain "
    "recevable.dossier.json_faults recevable.report.json_format recevable.report.diagnostics recevable.cli.proofs "
    "email.utils socket random calendar locale typing_extensions"
).split()


def test_a_pack_that_is_found_prepared_loads_nothing_that_only_reads_or_compiles_rules(cache: Path) -> None:
    words = [word for word in CHECK if word not in ("--format", "json")]
    _run(*words)
    # as `recevable.cli.main` does, which ends the process
    code = f"""
import sys
from recevable.lazy import import_lean
import_lean()
from recevable.cli.app import run_code
run_code({words!r})
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    loaded = done.stdout.splitlines()[-1].split()
    assert "recevable.decision.decide" in loaded
    assert [name for name in UNNEEDED if name in loaded] == []


def test_a_file_touched_but_not_changed_makes_no_other_entry(cache: Path, pack: Path) -> None:
    prepare(pack)
    (entry,) = _entries(cache)
    before = entry.stat()
    os.utime(pack / "regles" / "calendrier.yaml")
    prepare(pack)
    assert _entries(cache) == [entry]
    assert entry.stat().st_mtime_ns == before.st_mtime_ns


def test_an_entry_holds_no_text_of_the_rules_that_only_editors_and_examples_read(cache: Path, pack: Path) -> None:
    compiled = prepare(pack).compiled
    again = prepare(pack).compiled
    for one in (compiled, again):
        assert not one.pack.files
        for name in one.context_names:
            rules = one.context(name).rules.values()
            assert all(rule is one.pack.rules[rule.id] and rule.node is None and not rule.examples for rule in rules)


def test_a_changed_rule_makes_another_entry(cache: Path, pack: Path) -> None:
    prepare(pack)
    rules = pack / "regles" / "calendrier.yaml"
    rules.write_text(rules.read_text("utf-8") + "# une ligne de plus\n", "utf-8")
    prepare(pack)
    assert len(_entries(cache)) == 2


@pytest.mark.thorough
@pytest.mark.parametrize("damage", [b"", b"\x00" * 4_000, b"pas un paquet"])
def test_a_damaged_entry_is_made_again(cache: Path, pack: Path, damage: bytes) -> None:
    prepare(pack)
    (entry,) = _entries(cache)
    good = entry.stat().st_size
    entry.write_bytes(damage)
    compiled, networks, _ = prepare(pack)
    assert set(networks) == set(compiled.context_names)
    assert entry.stat().st_size == pytest.approx(good, rel=0.2)  # what is shared in it depends on what was made before


def test_an_entry_that_others_may_write_is_not_read(cache: Path, pack: Path) -> None:
    prepare(pack)
    (entry,) = _entries(cache)
    entry.chmod(0o666)
    before = entry.stat().st_ino
    prepare(pack)
    assert entry.stat().st_ino != before
    assert entry.stat().st_mode & 0o077 == 0


def test_a_folder_that_others_may_write_keeps_nothing(cache: Path, pack: Path) -> None:
    cache.mkdir(mode=0o777)
    cache.chmod(0o777)
    prepare(pack)
    assert _entries(cache) == []


def test_no_more_than_eight_entries_are_kept(cache: Path, pack: Path) -> None:
    rules = pack / "regles" / "calendrier.yaml"
    prepare(pack)
    (first,) = _entries(cache)
    for rank in range(9):
        older = cache / f"{rank}.paquet"
        older.write_bytes(b"")
        os.utime(older, (rank, rank))
    rules.write_text("# 1\n" + rules.read_text("utf-8"), "utf-8")
    prepare(pack)
    kept = _entries(cache)
    assert len(kept) == 8
    # the oldest went
    assert first in kept
    assert {one.name for one in kept} >= {f"{rank}.paquet" for rank in range(3, 9)}


@pytest.mark.usefixtures("cache")
def test_a_schema_that_appears_where_it_is_looked_for_first_is_the_one_used(pack: Path) -> None:
    shipped = prepare(pack)[0].pack.schema_file
    assert shipped is not None
    nearer = pack.parent.parent / "schemas" / "af-ope-mss" / "dossier.schema.json"
    nearer.parent.mkdir(parents=True)
    schema = json.loads(shipped.read_bytes())
    schema["title"] = "Un autre"
    nearer.write_text(json.dumps(schema), "utf-8")
    compiled = prepare(pack).compiled
    assert compiled.pack.schema_file == nearer
    assert compiled.pack.schema["title"] == "Un autre"


def test_without_a_home_the_command_works_all_the_same() -> None:
    done = _run(*CHECK, HOME=None, XDG_CACHE_HOME="/nulle/part", RECEVABLE_CACHE=None)
    assert done.returncode == 1
    assert json.loads(done.stdout)["decisions"]


def test_a_file_where_the_folder_should_be_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("", "utf-8")
    done = _run(*CHECK, RECEVABLE_CACHE=str(tmp_path / "fichier"))
    assert done.returncode == 1


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 100_000])
def test_the_digests_of_the_interpreter_are_those_of_openssl(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert user_cache.sha256(content).hexdigest() == hashlib.sha256(content).hexdigest()
    assert user_cache._digest("sha256", "_aucun_tel_module") is hashlib.sha256


def test_what_is_the_same_in_an_entry_is_one_object(cache: Path, pack: Path) -> None:
    prepare(pack)
    compiled = prepare(pack).compiled
    tests = [
        step.test for name in compiled.context_names for check in compiled.context(name).checks for step in check.steps
    ]
    assert len({id(test) for test in tests}) == len(set(tests)) < len(tests)
