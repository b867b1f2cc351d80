"""A file that changes while a pack is prepared: what decides is what was parsed, and nothing wrong is kept."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from recevable import files, prepared
from recevable.decision import receipt
from recevable.pack.loader import load

ROOT = Path(__file__).parents[2]
SCHEMA = "schemas/af-ope-mss/dossier.schema.json"
PARAMETERS = "rules/af-ope-mss/parametres.yaml"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a copy of the shipped pack and of its schema, and a cache of its own."""
    monkeypatch.setenv("RECEVABLE_CACHE", str(tmp_path / "cache"))
    shutil.copytree(ROOT / "rules" / "af-ope-mss", tmp_path / "rules" / "af-ope-mss")
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    return tmp_path


def _changing(path: Path, before: bytes, after: bytes, back: bool) -> Callable[[Path], prepared.Prepared]:
    """What makes a pack, while somebody saves a file and perhaps puts it back."""
    make = prepared._make

    def changing(folder: Path) -> prepared.Prepared:
        path.write_bytes(after)
        made = make(folder)
        if back:
            path.write_bytes(before)
        return made

    return changing


@pytest.mark.thorough
@pytest.mark.parametrize("back", [True, False])
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [(PARAMETERS, b'valeur: "20.83"', b'valeur: "90.83"'), (SCHEMA, b'"maxLength": 2000', b'"maxLength": 2')],
)
def test_what_was_made_of_other_bytes_is_not_kept(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str, old: bytes, new: bytes, back: bool
) -> None:
    good = (root / name).read_bytes()
    bad = good.replace(old, new) if old in good else good + b"\n"
    assert bad != good
    pack = root / "rules" / "af-ope-mss"
    with monkeypatch.context() as patched:
        patched.setattr(prepared, "_make", _changing(root / name, good, bad, back))
        made = prepared.prepare(pack)[0].pack
    held = made.schema_file_sha256 if name == SCHEMA else made.digests["parametres.yaml"]
    assert held == hashlib.sha256(bad).hexdigest()
    (root / name).write_bytes(good)
    again = prepared.prepare(pack)[0].pack
    held = again.schema_file_sha256 if name == SCHEMA else again.digests["parametres.yaml"]
    assert held == hashlib.sha256(good).hexdigest()


def test_a_pack_holds_the_digest_of_the_bytes_it_was_parsed_from(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = root / PARAMETERS
    good = path.read_bytes()
    reads: list[Path] = []
    read = files.read

    def saved_after(path: Path, most: int, inside: Path | None = None) -> bytes:
        content = read(path, most, inside)
        reads.append(path)
        if path.name == "parametres.yaml":
            path.write_bytes(good.replace(b'valeur: "20.83"', b'valeur: "90.83"'))
        return content

    monkeypatch.setattr(files, "read", saved_after)
    pack = load(root / "rules" / "af-ope-mss")
    assert pack.digests["parametres.yaml"] == hashlib.sha256(good).hexdigest()
    assert pack.files["parametres.yaml"].text == good.decode("utf-8")
    assert len(reads) == len(set(reads))
    assert path.read_bytes() != good


def test_another_version_of_what_decides_makes_another_entry(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = root / "rules" / "af-ope-mss"
    prepared.prepare(pack)
    monkeypatch.setattr(prepared, "deciding_versions", lambda: {**receipt.deciding_versions(), "durable-rules": "3"})
    prepared.prepare(pack)
    assert len(list((root / "cache").glob("*.paquet"))) == 2
