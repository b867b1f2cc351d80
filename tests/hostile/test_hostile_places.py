"""Where a file should be stands something else: nothing hangs, nothing of elsewhere is shown, one finding tells it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.bounds import HANG

from recevable import files
from recevable.cli.inputs import Content, contents
from recevable.lint.run import lint
from recevable.pack import source as pack_source
from recevable.pack.loader import load
from recevable.programme import open_programme
from recevable.registers.annuaire import extraction
from recevable.registers.annuaire.errors import EvidenceError
from recevable.trials.suite import collect

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "second_programme"
DOSSIER = ROOT / "fixtures" / "af-ope-mss" / "solde-cinq-defauts.json"
TODAY = date(2026, 12, 1)
SECRET = "mot-de-passe: tres-secret"
Apart = Callable[..., Any]


def fifo(path: Path, _: Path) -> None:
    os.mkfifo(path)


def link_out(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def link_to_device(path: Path, _: Path) -> None:
    path.symlink_to("/dev/zero")


def link_to_itself(path: Path, _: Path) -> None:
    path.symlink_to(path.name)


def link_to_nothing(path: Path, _: Path) -> None:
    path.symlink_to("nulle-part")


def bound_socket(path: Path, _: Path) -> None:
    # bound by a short name: the path of a socket is limited to a hundred bytes
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


def folder_there(path: Path, _: Path) -> None:
    path.mkdir()
    (path / "vide.md").touch()


KINDS = [fifo, link_out, link_to_device, link_to_itself, link_to_nothing, bound_socket]
Put = Callable[[Path, Path], None]


@pytest.fixture(autouse=True)
def _never_hangs() -> Iterator[None]:
    """What waits for ever fails instead."""
    signal.alarm(HANG)
    yield
    signal.alarm(0)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that is not of the folder that was received."""
    path = tmp_path / "ailleurs" / "secret.yaml"
    path.parent.mkdir()
    path.write_text(f"{SECRET}\n", "utf-8")
    return path


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL / "prime-velo", tmp_path / "rules" / "prime-velo"))


@pytest.mark.parametrize("put", KINDS)
@pytest.mark.parametrize(
    "name", ["programme.yaml", "parametres.yaml", "regles/autre.yaml", "exigences.yaml", "scenarios/autre.yaml"]
)
def test_in_a_pack_it_is_told_once_and_not_read(pack: Path, outside: Path, name: str, put: Put) -> None:
    (pack / name).unlink(missing_ok=True)
    (pack / name).parent.mkdir(exist_ok=True)
    put(pack / name, outside)
    (found,) = lint(pack, TODAY)
    assert (found.code, found.span and found.span.file) == ("YAML-LECTURE", name)
    assert f"`{name}`" in found.message
    assert found.help.endswith(".")


@pytest.mark.parametrize("put", KINDS)
def test_as_the_schema_it_is_told_once_where_the_pack_names_it(pack: Path, outside: Path, put: Put) -> None:
    schema = next(pack.glob("*.json"))
    schema.unlink()
    put(schema, outside)
    (found,) = lint(pack, TODAY)
    assert (found.code, found.span and found.span.file) == ("PAQ-SCHEMA", "programme.yaml")


def test_a_folder_of_rules_that_is_a_link_is_told_and_not_entered(pack: Path, outside: Path) -> None:
    (pack / "regles" / "autres").symlink_to(outside.parent)
    (found,) = lint(pack, TODAY)
    assert (found.code, found.span and found.span.file) == ("YAML-LECTURE", "regles/autres")


def test_a_link_that_stays_in_the_pack_is_followed(pack: Path) -> None:
    before = load(pack)
    rule = pack / "regles" / "prime.yaml"
    rule.rename(pack / "regles" / "prime.md")
    rule.symlink_to("prime.md")
    assert load(pack).digests == before.digests


def test_a_folder_of_rules_that_may_not_be_listed_is_told(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).rstrip("/").endswith("regles"):
            raise PermissionError(13, "refused", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert "regles" in [d.span.file for d in lint(pack, TODAY) if d.span]


def test_a_folder_of_very_many_files_is_no_pack(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_source, "MAX_FILES", 20)
    for rank in range(30):
        (pack / f"piece-{rank}.pdf").touch()
    (found,) = lint(pack, TODAY)
    assert (found.code, "plus de 20 fichiers" in found.message) == ("PAQ-FICHIER", True)


def test_a_pack_of_very_many_bytes_is_refused(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_source, "MAX_TOTAL", 2_000)
    assert "YAML-TAILLE" in [one.code for one in lint(pack, TODAY)]


def test_what_is_hidden_in_a_pack_is_not_walked(pack: Path) -> None:
    before = pack_source.names(pack)
    (pack / ".git" / "objects").mkdir(parents=True)
    (pack / ".git" / "objects" / "regle.yaml").touch()
    assert pack_source.names(pack) == before


@pytest.mark.parametrize("put", [*KINDS, folder_there])
def test_as_a_dossier_of_the_trials_it_is_told_once(pack: Path, tmp_path: Path, outside: Path, put: Put) -> None:
    dossiers = tmp_path / "dossiers"
    for name in ("acceptee.json", "acceptee.attendu.yaml"):
        dossiers.mkdir()
        shutil.copy(SMALL / "dossiers" / "acceptee.json", dossiers)
        (dossiers / "acceptee.attendu.yaml").touch()
        (dossiers / name).unlink()
        put(dossiers / name, outside)
        found: list[Any] = []
        collect(open_programme(pack, prepared=False), found, dossiers)
        (only,) = found
        assert only.code in ("ENTREE-LECTURE", "YAML-LECTURE"), only
        assert str(only.span).startswith(str(dossiers / name))
        shutil.rmtree(dossiers)


@pytest.mark.parametrize("put", [kind for kind in KINDS if kind is not link_out])
def test_given_as_a_dossier_it_is_refused_and_the_next_one_is_read(tmp_path: Path, outside: Path, put: Put) -> None:
    put(tmp_path / "d.json", outside)
    refused, read = contents([str(tmp_path / "d.json"), str(SMALL / "dossiers" / "acceptee.json")])
    assert getattr(refused, "code", "") == "ENTREE-LECTURE"
    assert isinstance(read, Content)


@pytest.mark.parametrize("put", KINDS)
def test_in_a_folder_of_dossiers_it_is_told_in_its_place(tmp_path: Path, outside: Path, put: Put) -> None:
    folder = tmp_path / "recus"
    folder.mkdir()
    shutil.copy(SMALL / "dossiers" / "acceptee.json", folder / "c.json")
    put(folder / "b.json", outside)
    (folder / "a").mkdir()
    shutil.copy(SMALL / "dossiers" / "acceptee.json", folder / "a" / "z.JSON")
    first, refused, last = contents([str(folder)])
    assert isinstance(first, Content)
    assert first.name == str(folder / "a" / "z.JSON")
    assert isinstance(last, Content)
    assert getattr(refused, "code", "") == "ENTREE-LECTURE"
    assert str(folder / "b.json") in getattr(refused, "message", "")


def test_a_dossier_that_a_person_names_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "d.json").symlink_to(SMALL / "dossiers" / "acceptee.json")
    (read,) = contents([str(tmp_path / "d.json")])
    assert isinstance(read, Content)


@pytest.mark.parametrize("place", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_what_a_shell_pipes_to_us_by_its_descriptor_is_read(place: str) -> None:
    reader, writer = os.pipe()
    content = (SMALL / "dossiers" / "acceptee.json").read_bytes()

    def feed() -> None:
        with os.fdopen(writer, "wb") as stream:
            stream.write(content)

    thread = threading.Thread(target=feed)
    thread.start()
    (read,) = contents([place.format(reader)])
    thread.join()
    os.close(reader)
    assert isinstance(read, Content)
    assert read.data == content


def test_standard_input_by_its_path_is_read(apart: Apart) -> None:
    content = (SMALL / "dossiers" / "acceptee.json").read_bytes()
    for name in ("/dev/stdin", "-"):
        outcome = apart("check", "--rules", str(SMALL / "prime-velo"), "--au", "2024-05-31", name, content=content)
        assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.parametrize("verb", ["lint", "check"])
def test_nothing_of_another_place_is_printed(pack: Path, outside: Path, apart: Apart, verb: str) -> None:
    (pack / "regles" / "autre.yaml").symlink_to(outside)
    words = [str(pack)] if verb == "lint" else ["--rules", str(pack), str(SMALL / "dossiers" / "acceptee.json")]
    outcome = apart(verb, *words)
    assert outcome.code == (1 if verb == "lint" else 3)
    assert "regles/autre.yaml" in outcome.out + outcome.err
    assert "secret" not in outcome.out + outcome.err


def test_a_command_that_is_given_a_named_pipe_ends(tmp_path: Path, pack: Path, apart: Apart) -> None:
    os.mkfifo(tmp_path / "d.json")
    assert apart("check", str(tmp_path / "d.json")).code == 2
    os.mkfifo(pack / "regles" / "tube.yaml")
    assert apart("check", "--rules", str(pack), str(SMALL / "dossiers" / "acceptee.json")).code == 3


def test_a_read_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100)
    with pytest.raises(files.TooLargeError):
        files.read(tmp_path / "a", 99)
    assert files.read(tmp_path / "a", 100) == b"x" * 100


def test_files_of_others_are_read_in_one_place() -> None:
    """What reads the disk by itself is known, with its reason: all else goes by `files`."""
    known = {
        "data.py": "what is shipped",
        "decision/receipt.py": "the engine's own files, the system's zones",
        "cli/app.py": "writes to nowhere",
        "cli/schema.py": "what is shipped",
        "registers/annuaire/extraction.py": "a person gives it, and it may be a pipe",
        "registers/annuaire/sample.py": "writes",
        "cache.py": "an entry that is the user's own",
        "digests.py": "the status of a file, never its bytes",
        "letters/rendering.py": "what is shipped",
        "lint/manual/__init__.py": "what is shipped",
        "handbook/publish.py": "what was written a moment ago",
        "outputs/batch/table.py": "what was written a moment ago",
        "handbook/site.py": "what Sphinx has just written",
    }
    package = Path(files.__file__).parent
    readers = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if any(word in path.read_text("utf-8") for word in (".read_bytes(", ".read_text(", '.open("rb")', "os.open("))
    }
    assert readers - {"files.py"} <= set(known)


# --- the commands, on the shipped pack ------------------------------------------------------------------------------

ODD = pytest.mark.parametrize("put", [fifo, bound_socket, link_to_device, link_out])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "rules" / "af-ope-mss", tmp_path / "rules" / "af-ope-mss")
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    return tmp_path


def run(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """A command in a process of its own."""
    command = [sys.executable, "-m", "recevable", *map(str, words)]
    return subprocess.run(command, capture_output=True, check=False, timeout=HANG)


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
def test_one_in_a_pack_is_one_finding_and_exit_code_3(root: Path, outside: Path, name: str, put: Put) -> None:
    (root / name).unlink(missing_ok=True)
    put(root / name, outside)
    done = run("check", DOSSIER, "--au", "2023-10-02", "--rules", root / "rules" / "af-ope-mss")
    said = done.stderr.decode()
    assert done.returncode == 3, said
    assert said.count("erreur [") == 1
    assert Path(name).name in said
    assert "fichier ordinaire" in said or "vers l'extérieur" in said


@pytest.mark.parametrize("put", [fifo, bound_socket, link_to_device])
def test_one_given_as_a_dossier_is_refused_with_exit_code_2(tmp_path: Path, outside: Path, put: Put) -> None:
    put(tmp_path / "d.json", outside)
    done = run("check", tmp_path / "d.json", "--au", "2023-10-02")
    assert done.returncode == 2
    assert "n'est pas un fichier ordinaire" in done.stderr.decode()
    assert done.stderr.decode().count("erreur [") == 1


@ODD
def test_one_in_a_folder_of_dossiers_is_told_and_the_others_are_read(tmp_path: Path, outside: Path, put: Put) -> None:
    folder = tmp_path / "recus"
    folder.mkdir()
    shutil.copy(DOSSIER, folder / "a.json")
    put(folder / "b.json", outside)
    done = run("check", folder, "--au", "2023-10-02", "--format", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 2
    assert len(report["decisions"]) == len(report["erreurs"]) == 1


@pytest.mark.thorough
@ODD
@pytest.mark.parametrize("name", ["solde-cas-b.json", "solde-cas-b.attendu.yaml"])
def test_one_among_the_known_dossiers_is_told(root: Path, outside: Path, name: str, put: Put) -> None:
    known = root / "fixtures" / "af-ope-mss"
    known.mkdir(parents=True)
    for suffix in (".json", ".attendu.yaml"):
        shutil.copy(ROOT / "fixtures" / "af-ope-mss" / f"solde-cas-b{suffix}", known)
    (known / name).unlink()
    put(known / name, outside)
    done = run("test", root / "rules" / "af-ope-mss", "--dossiers", known)
    assert done.returncode == 1
    said = (done.stdout + done.stderr).decode()
    assert "fichier ordinaire" in said or "vers l'extérieur" in said


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").symlink_to("a")
    assert files.read(tmp_path / "b", 10, tmp_path) == b"x"


def test_a_folder_of_rules_that_is_a_link_itself_is_told(root: Path) -> None:
    pack = root / "rules" / "af-ope-mss"
    shutil.move(pack / "regles", root / "ailleurs")
    (pack / "regles").symlink_to(root / "ailleurs")
    done = run("check", DOSSIER, "--au", "2023-10-02", "--rules", pack)
    assert done.returncode == 3
    assert "`regles`" in done.stderr.decode()


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
