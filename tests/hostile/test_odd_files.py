"""What is no regular file, or leads out of its folder: told at once, never opened, never waited for."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.hostile.odd import bind_socket

from recevable import files
from recevable.pack import source as pack_source
from recevable.registers.annuaire import extraction
from recevable.registers.annuaire.errors import EvidenceError

ROOT = Path(__file__).parents[2]
DOSSIER = ROOT / "fixtures" / "af-ope-mss" / "solde-cinq-defauts.json"


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _outside(path: Path) -> None:
    path.symlink_to("/etc/hostname")


ODD = pytest.mark.parametrize("make", [_pipe, bind_socket, _device, _outside])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "rules" / "af-ope-mss", tmp_path / "rules" / "af-ope-mss")
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    return tmp_path


def _run(*words: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """A command, stopped long after it should have answered."""
    command = [sys.executable, "-m", "recevable", *map(str, words)]
    environment = {**os.environ, "RECEVABLE_CACHE": "non"}
    return subprocess.run(command, capture_output=True, input=stdin, check=False, timeout=120, env=environment)


@ODD
@pytest.mark.parametrize(
    "name",
    [
        "rules/af-ope-mss/regles/odd.yaml",
        "rules/af-ope-mss/parametres.yaml",
        "rules/af-ope-mss/programme.yaml",
        "rules/af-ope-mss/exigences.yaml",
        "schemas/af-ope-mss/dossier.schema.json",
    ],
)
def test_one_in_a_pack_is_one_finding_and_exit_code_3(root: Path, name: str, make: Callable[[Path], None]) -> None:
    (root / name).unlink(missing_ok=True)
    make(root / name)
    done = _run("check", DOSSIER, "--au", "2023-10-02", "--rules", root / "rules" / "af-ope-mss")
    said = done.stderr.decode()
    assert done.returncode == 3, said
    assert said.count("erreur [") == 1
    assert Path(name).name in said
    assert "fichier ordinaire" in said or "vers l'extérieur" in said


@pytest.mark.parametrize("make", [_pipe, bind_socket, _device])
def test_one_given_as_a_dossier_is_refused_with_exit_code_2(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "d.json")
    done = _run("check", tmp_path / "d.json", "--au", "2023-10-02")
    assert done.returncode == 2
    assert "n'est pas un fichier ordinaire" in done.stderr.decode()
    assert done.stderr.decode().count("erreur [") == 1


@ODD
def test_one_in_a_folder_of_dossiers_is_told_and_the_others_are_read(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    shutil.copy(DOSSIER, tmp_path / "a.json")
    make(tmp_path / "b.json")
    done = _run("check", tmp_path, "--au", "2023-10-02", "--format", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 2
    assert len(report["decisions"]) == len(report["erreurs"]) == 1


@ODD
@pytest.mark.parametrize("name", ["solde-cas-b.json", "solde-cas-b.attendu.yaml"])
def test_one_among_the_known_dossiers_is_told(root: Path, name: str, make: Callable[[Path], None]) -> None:
    known = root / "fixtures" / "af-ope-mss"
    known.mkdir(parents=True)
    for suffix in (".json", ".attendu.yaml"):
        shutil.copy(ROOT / "fixtures" / "af-ope-mss" / f"solde-cas-b{suffix}", known)
    (known / name).unlink()
    make(known / name)
    done = _run("test", root / "rules" / "af-ope-mss", "--dossiers", known)
    assert done.returncode == 1
    said = (done.stdout + done.stderr).decode()
    assert "fichier ordinaire" in said or "vers l'extérieur" in said


def test_standard_input_is_still_read() -> None:
    done = _run("check", "-", "--au", "2023-10-02", stdin=DOSSIER.read_bytes())
    assert done.returncode == 1


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").symlink_to("a")
    assert files.read(tmp_path / "b", 10, tmp_path) == b"x"


def test_reading_stops_at_the_bound(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 11)
    assert files.read(tmp_path / "a", 11) == b"x" * 11
    with pytest.raises(files.TooLargeError):
        files.read(tmp_path / "a", 10)


def test_a_folder_of_rules_that_is_a_link_is_told(root: Path) -> None:
    pack = root / "rules" / "af-ope-mss"
    shutil.move(pack / "regles", root / "ailleurs")
    (pack / "regles").symlink_to(root / "ailleurs")
    done = _run("check", DOSSIER, "--au", "2023-10-02", "--rules", pack)
    assert done.returncode == 3
    assert "`regles`" in done.stderr.decode()


def test_a_folder_of_too_many_files_is_no_pack(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_source, "MAX_FILES", 3)
    with pytest.raises(pack_source.TooManyFilesError):
        pack_source.names(root / "rules" / "af-ope-mss")


def test_a_zip_with_names_beyond_counting_is_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for rank in range(40_000):
            archive.writestr(f"{rank:060}", b"")
    with (
        pytest.raises(EvidenceError, match="table des matières"),
        extraction.open_extraction(path) as reader,
    ):
        next(reader.blocks())
