"""Digests that are remembered: never of what a file held before, whatever was done to make it look unchanged."""

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from recevable import data, digests, files
from recevable.decision import receipt
from recevable.digests import Status

MOST = 1_000_000
LATER = 60_000_000_000
NAMES = ["a.yaml", "regles/b.yaml", "regles/c.yaml"]
Sums = Callable[[], dict[str, str]]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("RECEVABLE_CACHE", str(folder))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three files of the same size, far enough from this moment for the clock of the tests."""
    folder = tmp_path / "paquet"
    (folder / "regles").mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_text(f"{name:20}", "utf-8")
    return folder


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How far the clock of the digests is ahead, in nanoseconds."""
    ahead = [LATER]
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + ahead[0])
    return ahead


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read, as they are."""
    found: list[str] = []
    read = files.read_open

    def noted(stream: object, most: int, path: Path) -> bytes:
        found.append(path.name)
        return read(stream, most, path)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "read_open", noted)
    return found


def _together(root: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(digests.of_modules(root, NAMES, MOST, json.dumps))
    return found


WAYS = {
    "files": lambda root: digests.of_files(root, NAMES, MOST),
    "modules": lambda root: digests.of_files(root, NAMES, MOST, modules=True),
    "together": _together,
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Callable[[Path], dict[str, str]]:
    """A way to ask for the digests of the folder."""
    return WAYS[request.param]


@pytest.fixture
def sums(cache: Path, root: Path, clock: list[int], way: Callable[[Path], dict[str, str]]) -> Sums:
    """The digests of the folder, with a memory of those that were there at first."""

    def compute() -> dict[str, str]:
        return way(root)

    assert compute() == _true(root)
    return compute


def _true(root: Path) -> dict[str, str]:
    return {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in NAMES}


def _same_dates(path: Path, status: os.stat_result) -> None:
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


# --- what it saves ----------------------------------------------------------------------------------------------------


def test_a_folder_that_has_not_changed_is_not_read_again(sums: Sums, root: Path, reads: list[str]) -> None:
    assert sums() == _true(root)
    assert reads == []


def test_a_file_touched_but_not_changed_costs_one_digest(sums: Sums, root: Path, reads: list[str]) -> None:
    os.utime(root / "regles/b.yaml")
    assert sums() == _true(root)
    assert reads == ["b.yaml"]


def test_a_file_that_comes_or_goes_leaves_the_others_known(sums: Sums, root: Path, reads: list[str]) -> None:
    (root / "d.yaml").write_text("d", "utf-8")
    assert digests.of_files(root, [*NAMES, "d.yaml"], MOST)["d.yaml"] == hashlib.sha256(b"d").hexdigest()
    assert set(digests.of_files(root, NAMES[1:], MOST)) == set(NAMES[1:])
    assert reads == ["d.yaml"]


# --- what must not pass -----------------------------------------------------------------------------------------------


def test_a_change_of_the_same_size_that_keeps_its_date_is_seen(sums: Sums, root: Path) -> None:
    path = root / "a.yaml"
    before = path.stat()
    path.write_text(f"{'autre':20}", "utf-8")
    _same_dates(path, before)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert sums() == _true(root)


def test_files_of_one_size_and_one_date_that_change_places_are_seen(sums: Sums, root: Path) -> None:
    first, second = root / "regles/b.yaml", root / "regles/c.yaml"
    _same_dates(second, first.stat())
    assert sums() == _true(root)
    first.rename(root / "x")
    second.rename(first)
    (root / "x").rename(second)
    assert sums() == _true(root)


def test_a_file_copied_over_with_its_date_is_seen(sums: Sums, root: Path, tmp_path: Path) -> None:
    other = tmp_path / "autre"
    other.write_text(f"{'autre':20}", "utf-8")
    _same_dates(other, (root / "a.yaml").stat())
    shutil.copy2(other, root / "a.yaml")
    assert sums() == _true(root)


def test_a_file_replaced_by_one_of_the_same_size_and_date_is_seen(sums: Sums, root: Path, tmp_path: Path) -> None:
    other = tmp_path / "autre"
    other.write_text(f"{'autre':20}", "utf-8")
    _same_dates(other, (root / "a.yaml").stat())
    other.replace(root / "a.yaml")
    assert sums() == _true(root)


def test_a_change_through_another_name_of_the_file_is_seen(sums: Sums, root: Path, tmp_path: Path) -> None:
    path, other = root / "a.yaml", tmp_path / "autre_nom"
    other.hardlink_to(path)
    assert sums() == _true(root)
    before = path.stat()
    other.write_text(f"{'autre':20}", "utf-8")
    _same_dates(other, before)
    assert sums() == _true(root)


def test_a_link_is_read_each_time(sums: Sums, root: Path, reads: list[str]) -> None:
    (root / "a.yaml").unlink()
    (root / "a.yaml").symlink_to("regles/b.yaml")
    assert sums()["a.yaml"] == sums()["regles/b.yaml"]
    (root / "a.yaml").unlink()
    (root / "a.yaml").symlink_to("regles/c.yaml")
    assert sums() == _true(root)
    assert reads == ["a.yaml"] * 3


def test_a_link_that_comes_to_lead_outside_is_refused(sums: Sums, root: Path, tmp_path: Path) -> None:
    (root / "a.yaml").rename(tmp_path / "dehors")
    (root / "a.yaml").symlink_to(tmp_path / "dehors")
    with pytest.raises(files.OutsideError):
        sums()


def test_a_file_that_can_no_longer_be_read_is_an_error(sums: Sums, root: Path) -> None:
    (root / "a.yaml").unlink()
    with pytest.raises(FileNotFoundError):
        sums()
    os.mkfifo(root / "a.yaml")
    with pytest.raises(files.NotRegularError):
        sums()


# --- races and clocks -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("cache")
def test_a_file_that_has_just_changed_is_read_again(root: Path, clock: list[int], reads: list[str]) -> None:
    clock[0] = 0
    assert digests.of_files(root, NAMES, MOST) == digests.of_files(root, NAMES, MOST)
    assert len(reads) == 6
    clock[0] = LATER
    digests.of_files(root, NAMES, MOST)
    digests.of_files(root, NAMES, MOST)
    assert len(reads) == 9


@pytest.mark.usefixtures("cache", "clock")
def test_a_file_dated_in_the_future_is_read_again(root: Path, reads: list[str]) -> None:
    soon = time.time_ns() + LATER
    os.utime(root / "a.yaml", ns=(soon, soon))
    digests.of_files(root, NAMES, MOST)
    reads.clear()
    digests.of_files(root, NAMES, MOST)
    assert reads == ["a.yaml"]


def test_after_the_clock_was_set_back_everything_is_read_again(
    sums: Sums, root: Path, clock: list[int], reads: list[str]
) -> None:
    clock[0] = LATER // 2
    assert sums() == _true(root)
    assert len(reads) == 3


def test_a_file_saved_while_it_is_read_is_not_remembered(
    cache: Path, root: Path, clock: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = root / "a.yaml"
    before = path.stat()
    read = files.read_open

    def saved_after(stream: object, most: int, path: Path) -> bytes:
        content = read(stream, most, path)  # type: ignore[arg-type]
        if path.name == "a.yaml":
            path.write_text(f"{'autre':20}", "utf-8")
            _same_dates(path, before)
        return content

    with monkeypatch.context() as patched:
        patched.setattr(files, "read_open", saved_after)
        digests.of_files(root, NAMES, MOST)
    (memory,) = cache.glob("*.empreintes")
    assert b"a.yaml" not in memory.read_bytes()
    assert b"b.yaml" in memory.read_bytes()
    assert digests.of_files(root, NAMES, MOST) == _true(root)


@pytest.mark.usefixtures("cache", "clock")
def test_a_folder_that_changes_places_while_it_is_read_poisons_nothing(
    root: Path, way: Callable[[Path], dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of a folder that is moved away and back keep their status: it must be that of what is read."""
    other = tmp_path / "autres"
    other.mkdir()
    for name in NAMES[1:]:
        (other / Path(name).name).write_text(f"{'autre':20}", "utf-8")
    opened = files.open_regular

    def swap() -> None:
        (root / "regles").rename(tmp_path / "x")
        other.rename(root / "regles")
        (tmp_path / "x").rename(other)

    def elsewhere(path: Path, inside: Path | None = None) -> object:
        if path.parent == root:
            return opened(path, inside)
        swap()
        try:
            return opened(path, inside)
        finally:
            swap()

    with monkeypatch.context() as patched:
        patched.setattr(files, "open_regular", elsewhere)
        assert way(root) != _true(root)
    assert way(root) == _true(root)


@pytest.mark.parametrize(
    ("changed", "settled"), [(1_000_000_007, True), (1_000_000_000, False), (1_010_000_000, False), (90, True)]
)
def test_the_dates_of_a_coarse_file_system_are_not_believed(changed: int, settled: bool) -> None:
    assert digests._is_settled(Status(1, 1, 1, 1_000_000_000, changed), 1_000_000_000_000) is settled


# --- the memory itself ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", [b"", b"\x00" * 4_000, b"{}"])
def test_a_damaged_memory_is_made_again(sums: Sums, root: Path, cache: Path, reads: list[str], damage: bytes) -> None:
    for memory in cache.iterdir():
        memory.write_bytes(damage)
    assert sums() == _true(root)
    assert len(reads) == 3
    sums()
    assert len(reads) == 3


def test_a_memory_that_others_may_write_is_not_read(sums: Sums, root: Path, cache: Path, reads: list[str]) -> None:
    for memory in cache.iterdir():
        memory.chmod(0o666)
    assert sums() == _true(root)
    assert len(reads) == 3


def test_without_a_cache_everything_is_read(
    sums: Sums, root: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECEVABLE_CACHE", "non")
    assert sums() == sums() == _true(root)
    assert len(reads) == 6


def test_no_more_memories_than_a_few_are_kept(cache: Path, clock: list[int], tmp_path: Path) -> None:
    for rank in range(digests.KEPT + 4):
        folder = tmp_path / f"p{rank}"
        folder.mkdir()
        (folder / "a.yaml").write_text(str(rank), "utf-8")
        digests.of_files(folder, ["a.yaml"], MOST)
    assert len(list(cache.glob("*.empreintes"))) == digests.KEPT


# --- the engine and what it stands on ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("cache", "clock")
def test_a_changed_module_of_the_engine_changes_the_receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "recevable"
    (package / "decision").mkdir(parents=True)
    for name in ("a.py", "decision/b.py"):
        (package / name).write_text("x = 1\n", "utf-8")
    monkeypatch.setattr(data, "PACKAGE", package)
    receipt.engine_digest.cache_clear()
    try:
        first = receipt.engine_digest()
        receipt.engine_digest.cache_clear()
        assert receipt.engine_digest() == first
        module = package / "decision/b.py"
        before = module.stat()
        module.write_text("x = 2\n", "utf-8")
        _same_dates(module, before)
        receipt.engine_digest.cache_clear()
        assert receipt.engine_digest() != first
    finally:
        receipt.engine_digest.cache_clear()


@pytest.mark.parametrize("name", receipt.DECIDING)
def test_the_version_of_what_decides_is_that_of_the_installed_package(name: str) -> None:
    assert receipt.version(name) == metadata.version(name)


@pytest.mark.parametrize("described", ["Une_Chose-1.2.dist-info/METADATA", "une_chose-1.2.egg-info/PKG-INFO"])
def test_a_package_is_found_however_it_is_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, described: str
) -> None:
    assert receipt.version("une-chose") == "absent"
    place = tmp_path / described
    place.parent.mkdir()
    place.write_text("Metadata-Version: 2.1\nName: une-chose\nVersion: 1.2\n\nVersion: 9 dans le texte\n", "utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    assert receipt.version("une-chose") == metadata.version("une-chose") == "1.2"
