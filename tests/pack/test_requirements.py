"""Traceability: nothing of the legal text is left out in silence, and nothing cited is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import recevable
from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.pack.loader import load
from recevable.pack.requirements import Inventory, Treatment, covering, read, verify

if TYPE_CHECKING:
    from tests.pack.conftest import PackFolder

ROOT = Path(recevable.__file__).parents[2]
REAL = ROOT / "rules" / "af-ope-mss"

# The inventory of AF-OPE_MSS v1.1, section by section: how many requirements each counts.
SECTIONS = {
    "0": 7, "1.1": 21, "2": 16, "3.1": 24, "3.2": 5, "4": 2, "4.1": 1, "4.2": 6, "4.3": 4, "5.1": 10, "5.2": 3, "6": 4,
    "6.1": 7, "6.2": 12, "7": 12,
}  # fmt: skip
TRAPS = 38

REQUIREMENTS = """\
exigences:
  - id: REQ-1
    section: "§1"
    resume: Le demandeur est majeur.
    traitement: regle
  - id: REQ-2
    section: "§2"
    resume: La facture est jointe.
    traitement: regle
  - id: REQ-3
    section: "§3"
    resume: Le vélo a deux roues.
    traitement: definition
    motif: Personne n'en demande la preuve.
"""
TRAP = """\
pieges:
  - id: TRAP-1
    resume: Le texte ne dit pas de quelle facture il s'agit.
    choix: Celle du vélo.
    regles: [AID-FACTURE]
    fixture: null
"""

Verify = Callable[[], list[Diagnostic]]


@pytest.fixture
def inventory(pack: PackFolder) -> PackFolder:
    pack.write("exigences.yaml", REQUIREMENTS)
    pack.write("pieges.yaml", TRAP)
    return pack


def faults(pack: PackFolder) -> list[Diagnostic]:
    return verify(pack.root, load(pack.root))


def fault(pack: PackFolder) -> Diagnostic:
    found = faults(pack)
    assert len(found) == 1, [f"{d.span} {d.message}" for d in found]
    if pack.expected is not None:
        assert str(found[0].span) == str(pack.expected), found[0]
    assert found[0].help.endswith((".", "?"))
    return found[0]


# --- reading --------------------------------------------------------------------------------------------------------


def test_an_inventory_that_is_complete_is_verified_in_silence(inventory: PackFolder) -> None:
    assert faults(inventory) == []


def test_a_requirement_holds_what_its_keys_say(inventory: PackFolder) -> None:
    found = read(inventory.root).requirements["REQ-3"]
    assert (found.section, found.summary) == ("§3", "Le vélo a deux roues.")
    assert (found.treatment, found.reason) == (Treatment.DEFINITION, "Personne n'en demande la preuve.")


def test_a_trap_holds_what_its_keys_say(inventory: PackFolder) -> None:
    found = read(inventory.root).traps["TRAP-1"]
    assert (found.choice, [word.text for word in found.rules], found.fixture) == ("Celle du vélo.", ["AID-FACTURE"], "")


def test_a_trap_may_name_the_fixture_that_shows_it(inventory: PackFolder) -> None:
    inventory.edit("fixture: null", "fixture: facture-d-un-autre", "pieges.yaml")
    assert read(inventory.root).traps["TRAP-1"].fixture == "facture-d-un-autre"


def test_the_rules_that_cover_a_requirement_are_listed(inventory: PackFolder) -> None:
    assert covering(load(inventory.root)) == {"REQ-1": ["AID-FACTURE", "AID-MAJEUR"], "REQ-2": ["AID-FACTURE"]}


def test_traps_may_be_absent(inventory: PackFolder) -> None:
    (inventory.root / "pieges.yaml").unlink()
    assert faults(inventory) == []


def test_an_inventory_may_not_be_absent(pack: PackFolder) -> None:
    found = fault(pack)
    assert (found.code, str(found.span)) == ("TRA-INVENTAIRE", "exigences.yaml:1:1")


def test_what_cannot_be_read_stops_the_reading(inventory: PackFolder) -> None:
    inventory.write("exigences.yaml", "exigences: [")
    with pytest.raises(DiagnosticError):
        read(inventory.root)


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "words"),
    [
        ("exigences.yaml", "traitement: definition", "traitement: ▸définition", "PAQ-VALEUR", "`définition`"),
        ("exigences.yaml", "traitement: definition", "▸traitment: definition", "PAQ-CLE-INCONNUE", "`traitment`"),
        ("exigences.yaml", "id: REQ-3", "id: ▸REQ-2", "PAQ-DOUBLON", "ligne 6"),
        ("exigences.yaml", "id: REQ-3", "id: ▸req 3", "PAQ-IDENTIFIANT", "`req 3`"),
        ("exigences.yaml", "  - id: REQ-3\n    section", "  - ▸section", "PAQ-CLE-MANQUANTE", "`id`"),
        ("exigences.yaml", "exigences:\n", "exigences:\n  - ▸REQ-0\n", "PAQ-BLOC", "`exigences`"),
        ("exigences.yaml", "exigences:\n", "▸exigence:\n", "PAQ-CLE-INCONNUE", "`exigence`"),
        ("exigences.yaml", REQUIREMENTS, "▸- id: REQ-1\n", "PAQ-BLOC", "`exigences.yaml`"),
        ("exigences.yaml", '    section: "§3"\n', '   ▸section: "§3"\n', "YAML-SYNTAXE", "`section`"),
        ("pieges.yaml", "regles: [AID-FACTURE]", "▸regle: [AID-FACTURE]", "PAQ-CLE-INCONNUE", "`regle`"),
        ("pieges.yaml", "    fixture: null\n", "    fixture: ▸[a]\n", "PAQ-TEXTE", "`fixture`"),
        ("pieges.yaml", TRAP, TRAP + TRAP.replace("pieges:\n", "").replace("id: ", "id: ▸"), "PAQ-DOUBLON", "ligne 2"),
    ],
)  # fmt: skip
def test_an_inventory_that_is_not_right_gives_one_diagnostic(
    inventory: PackFolder, name: str, old: str, new: str, code: str, words: str
) -> None:
    inventory.edit(old, new, name)
    found = fault(inventory)
    assert found.code == code, found
    assert words in found.message


def test_a_requirement_without_a_rule_needs_a_reason(inventory: PackFolder) -> None:
    inventory.edit("  - id: REQ-3", "  - ▸id: REQ-3", "exigences.yaml")
    inventory.edit("    motif: Personne n'en demande la preuve.\n", "", "exigences.yaml")
    found = fault(inventory)
    assert (found.code, "`motif`" in found.message) == ("PAQ-CLE-MANQUANTE", True)


# --- holding against the rules --------------------------------------------------------------------------------------


def test_a_requirement_that_no_rule_covers_is_told(inventory: PackFolder) -> None:
    inventory.edit("id: REQ-2", "id: ▸REQ-2", "exigences.yaml")
    inventory.edit("exigences: [REQ-1, REQ-2]", "exigences: [REQ-1]")
    found = fault(inventory)
    assert (found.code, found.message) == ("TRA-COUVERTURE", "l'exigence `REQ-2` n'est portée par aucune règle")
    assert "`definition`, `information`, `hors_champ`, `humain`" in found.help


def test_a_requirement_that_is_only_defined_needs_no_rule(inventory: PackFolder) -> None:
    assert "REQ-3" not in covering(load(inventory.root))
    assert faults(inventory) == []


def test_a_cited_requirement_exists(inventory: PackFolder) -> None:
    inventory.edit("exigences: [REQ-1, REQ-2]", "exigences: [REQ-1, REQ-2, ▸REQ-22]")
    found = fault(inventory)
    assert found.code == "TRA-EXIGENCE"
    assert "`REQ-2`" in found.help


def test_a_misspelt_citation_is_told_where_it_is_and_nowhere_else(inventory: PackFolder) -> None:
    inventory.edit("exigences: [REQ-1, REQ-2]", "exigences: [REQ-1, ▸REQ-22]")
    assert fault(inventory).code == "TRA-EXIGENCE"


def test_a_rule_cites_a_requirement_once(inventory: PackFolder) -> None:
    inventory.edit("exigences: [REQ-1, REQ-2]", "exigences: [REQ-1, REQ-2, ▸REQ-1]")
    assert fault(inventory).code == "TRA-EXIGENCE"


def test_the_rules_of_a_trap_exist(inventory: PackFolder) -> None:
    inventory.edit("[AID-FACTURE]", "[AID-FACTURE, ▸AID-FACTURES]", "pieges.yaml")
    found = fault(inventory)
    assert found.code == "TRA-REGLE"
    assert found.help.startswith("Vouliez-vous dire `AID-FACTURE`")


def test_a_trap_is_carried_by_a_rule(inventory: PackFolder) -> None:
    inventory.edit("id: TRAP-1", "id: ▸TRAP-1", "pieges.yaml")
    inventory.edit("[AID-FACTURE]", "[]", "pieges.yaml")
    assert fault(inventory).code == "TRA-COUVERTURE"


def test_faults_come_in_the_order_of_files_and_lines(inventory: PackFolder) -> None:
    inventory.edit("exigences: [REQ-1, REQ-2]", "exigences: [REQ-11, ANNEXE-XII]")
    inventory.edit("[AID-FACTURE]", "[AID-FACTURES]", "pieges.yaml")
    places = [(d.span.file, d.span.line) for d in faults(inventory) if d.span]
    assert places == sorted(places)
    assert len(places) == 4


# --- the shipped pack -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Inventory:
    return read(REAL)


def test_the_shipped_pack_leaves_nothing_out() -> None:
    assert verify(REAL, load(REAL)) == []


def test_every_requirement_of_the_text_is_in_the_inventory(shipped: Inventory) -> None:
    wanted = {f"REQ-{section}-{n:02}" for section, count in SECTIONS.items() for n in range(1, count + 1)}
    assert set(shipped.requirements) == wanted


def test_every_trap_of_the_text_is_in_the_inventory(shipped: Inventory) -> None:
    assert set(shipped.traps) == {f"TRAP-{n:02}" for n in range(1, TRAPS + 1)}


def test_every_fixture_that_shows_a_trap_exists(shipped: Inventory) -> None:
    folder = ROOT / "fixtures" / "af-ope-mss"
    named = {trap.fixture for trap in shipped.traps.values() if trap.fixture}
    assert [name for name in sorted(named) if not (folder / f"{name}.json").is_file()] == []
