"""A pack that is not all on a disk: what an editor has not saved lies over it, or all of it is in memory."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import pytest

from recevable.inference.verified import verified
from recevable.language.diagnostics import DiagnosticError
from recevable.lint.run import lint
from recevable.pack import requirements, source
from recevable.pack.loader import load
from recevable.pack.source import FolderSource, MemorySource, OverlaidSource

if TYPE_CHECKING:
    from tests.pack.conftest import PackFolder

TODAY = date(2024, 6, 1)
RULES = "regles/aide.yaml"
MORE = """\
regles:
  - id: DED-MINEUR
    titre: Le demandeur est mineur
    deduction: est_mineur
    vaut: demandeur.majeur = faux
    source: Arrêté, article 1
"""


def over(pack: PackFolder, unsaved: dict[str, bytes]) -> OverlaidSource:
    return OverlaidSource(FolderSource(pack.root), unsaved)


def edited(pack: PackFolder, old: str, new: str, name: str = RULES) -> dict[str, bytes]:
    text = (pack.root / name).read_text("utf-8")
    assert text.count(old) == 1
    return {name: text.replace(old, new).encode()}


def test_an_unsaved_file_stands_in_place_of_the_one_on_disk(pack: PackFolder) -> None:
    unsaved = edited(pack, "titre: Prime\n", "titre: Prime versée\n")
    found = verified(over(pack, unsaved)).pack
    assert found.rules["AID-PRIME"].title == "Prime versée"
    assert found.digests[RULES] == hashlib.sha256(unsaved[RULES]).hexdigest()
    assert load(pack.root).rules["AID-PRIME"].title == "Prime"


def test_a_file_that_was_never_saved_is_part_of_the_pack(pack: PackFolder) -> None:
    found = load(over(pack, {"regles/autres.yaml": MORE.encode()}))
    assert list(found.rules)[-1] == "DED-MINEUR"
    assert "regles/autres.yaml" in found.digests


def test_a_pack_may_not_be_on_disk_at_all(pack: PackFolder) -> None:
    names = ("programme.yaml", "parametres.yaml", RULES)
    unsaved = {name: (pack.root / name).read_bytes() for name in names}
    for name in names:
        (pack.root / name).unlink()
    with pytest.raises(DiagnosticError, match=r"ne contient pas de fichier programme\.yaml"):
        load(pack.root)
    assert next(iter(load(over(pack, unsaved)).rules)) == "AID-FACTURE"


def in_memory(pack: PackFolder) -> dict[str, bytes]:
    return {p.relative_to(pack.root).as_posix(): p.read_bytes() for p in pack.root.rglob("*") if p.is_file()}


def test_a_pack_in_memory_is_the_same_as_on_disk(pack: PackFolder) -> None:
    on_disk, found = load(pack.root), load(MemorySource(in_memory(pack)))
    assert found.digests == on_disk.digests
    assert found.schema_file_sha256 == on_disk.schema_file_sha256
    assert list(found.rules) == list(on_disk.rules)
    assert lint(MemorySource(in_memory(pack)), TODAY) == lint(pack.root, TODAY)


def test_a_pack_in_memory_may_have_a_shipped_schema(pack: PackFolder) -> None:
    files = {name: data for name, data in in_memory(pack).items() if not name.endswith(".json")}
    with pytest.raises(DiagnosticError, match="n'existe pas"):
        load(MemorySource(files))
    files["programme.yaml"] = files["programme.yaml"].replace(b"dossier.schema.json", b"af-ope-mss/dossier.schema.json")
    with pytest.raises(DiagnosticError) as raised:
        load(MemorySource(files))
    # it was found: what is wrong is who it says supplies its fields
    assert "intervenant inconnu" in raised.value.diagnostics[0].message


@pytest.mark.parametrize("name", ["../dehors.json", "/etc/passwd"])
def test_a_pack_in_memory_reads_nothing_else_of_the_disk(pack: PackFolder, name: str) -> None:
    files = in_memory(pack)
    files["programme.yaml"] = files["programme.yaml"].replace(b"dossier.schema.json", name.encode())
    with pytest.raises(DiagnosticError, match="n'existe pas"):
        load(MemorySource(files))


def test_nothing_in_memory_is_no_pack() -> None:
    with pytest.raises(DiagnosticError, match=r"`ma version` ne contient pas de fichier programme\.yaml"):
        load(MemorySource({}, "ma version"))


def test_bytes_in_memory_are_bounded(pack: PackFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    files = in_memory(pack)
    monkeypatch.setattr(source, "MAX_FILES", 2)
    assert [d.code for d in lint(MemorySource(files), TODAY)] == ["PAQ-FICHIER"]
    monkeypatch.undo()
    monkeypatch.setattr(source, "MAX_SCHEMA", 10)
    assert [d.code for d in lint(MemorySource(files), TODAY)] == ["PAQ-SCHEMA"]
    assert MemorySource(files).is_folder("regles") is False


def test_a_fault_is_told_where_it_is_in_the_unsaved_file(pack: PackFolder) -> None:
    unsaved = edited(pack, "condition: demandeur.majeur = vrai", "condition: demandeur.majeur = oui")
    (found,) = lint(over(pack, unsaved), TODAY)
    assert str(found.span).startswith(f"{RULES}:")
    assert found.help == "Écrivez `vrai`."


def test_an_unsaved_file_that_nothing_reads_is_a_fault(pack: PackFolder) -> None:
    with pytest.raises(DiagnosticError, match=r"`regles/autres\.txt` n'est lu par rien"):
        load(over(pack, {"regles/autres.txt": b""}))


def test_an_unsaved_inventory_is_read_too(pack: PackFolder) -> None:
    item = '  - {id: REQ-1, section: "1", resume: Être majeur, traitement: regle}\n'
    unsaved = {"exigences.yaml": f"exigences:\n{item}".encode(), "pieges.yaml": b"pieges:\n  []\n"}
    assert list(requirements.read(over(pack, unsaved)).requirements) == ["REQ-1"]
    with pytest.raises(DiagnosticError, match="inventaire"):
        requirements.read(pack.root)


def test_a_file_read_twice_is_cut_once_unless_it_changed(pack: PackFolder) -> None:
    first, again = load(pack.root), load(pack.root)
    assert again.files[RULES] is first.files[RULES]
    pack.edit("titre: Prime\n", "titre: Prime versée\n")
    assert load(pack.root).files[RULES] is not first.files[RULES]
