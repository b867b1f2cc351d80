"""What an editor holds and has not saved is read in place of the disk's, file by file."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import pytest

from recevable.inference.verified import verified
from recevable.language.diagnostics import DiagnosticError
from recevable.lint.run import lint
from recevable.pack import requirements
from recevable.pack.loader import load

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


def edited(pack: PackFolder, old: str, new: str, name: str = RULES) -> dict[str, bytes]:
    text = (pack.root / name).read_text("utf-8")
    assert text.count(old) == 1
    return {name: text.replace(old, new).encode()}


def test_an_unsaved_file_stands_in_place_of_the_one_on_disk(pack: PackFolder) -> None:
    unsaved = edited(pack, "titre: Prime\n", "titre: Prime versée\n")
    found = verified(pack.root, unsaved).pack
    assert found.rules["AID-PRIME"].title == "Prime versée"
    assert found.digests[RULES] == hashlib.sha256(unsaved[RULES]).hexdigest()
    assert load(pack.root).rules["AID-PRIME"].title == "Prime"


def test_a_file_that_was_never_saved_is_part_of_the_pack(pack: PackFolder) -> None:
    found = load(pack.root, {"regles/autres.yaml": MORE.encode()})
    assert list(found.rules)[-1] == "DED-MINEUR"
    assert "regles/autres.yaml" in found.digests


def test_a_pack_may_not_be_on_disk_at_all(pack: PackFolder) -> None:
    names = ("programme.yaml", "parametres.yaml", RULES)
    unsaved = {name: (pack.root / name).read_bytes() for name in names}
    for name in names:
        (pack.root / name).unlink()
    with pytest.raises(DiagnosticError, match=r"ne contient pas de fichier programme\.yaml"):
        load(pack.root)
    assert next(iter(load(pack.root, unsaved).rules)) == "AID-FACTURE"


def test_a_fault_is_told_where_it_is_in_the_unsaved_file(pack: PackFolder) -> None:
    unsaved = edited(pack, "condition: demandeur.majeur = vrai", "condition: demandeur.majeur = oui")
    (found,) = lint(pack.root, TODAY, unsaved)
    assert str(found.span).startswith(f"{RULES}:")
    assert found.help == "Écrivez `vrai`."


def test_an_unsaved_file_that_nothing_reads_is_a_fault(pack: PackFolder) -> None:
    with pytest.raises(DiagnosticError, match=r"`regles/autres\.txt` n'est lu par rien"):
        load(pack.root, {"regles/autres.txt": b""})


def test_an_unsaved_inventory_is_read_too(pack: PackFolder) -> None:
    item = '  - {id: REQ-1, section: "1", resume: Être majeur, traitement: regle}\n'
    unsaved = {"exigences.yaml": f"exigences:\n{item}".encode(), "pieges.yaml": b"pieges:\n  []\n"}
    assert list(requirements.read(pack.root, unsaved).requirements) == ["REQ-1"]
    with pytest.raises(DiagnosticError, match="inventaire"):
        requirements.read(pack.root)


def test_a_file_read_twice_is_cut_once_unless_it_changed(pack: PackFolder) -> None:
    first, again = load(pack.root), load(pack.root)
    assert again.files[RULES] is first.files[RULES]
    pack.edit("titre: Prime\n", "titre: Prime versée\n")
    assert load(pack.root).files[RULES] is not first.files[RULES]
