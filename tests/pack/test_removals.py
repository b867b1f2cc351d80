"""`retraits.yaml`: data that exist, of requests that exist, for rules that concern them, each with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recevable.language.diagnostics import Diagnostic
from recevable.pack import removals
from recevable.pack.loader import load

if TYPE_CHECKING:
    from tests.pack.conftest import PackFolder

REMOVALS = """\
facultatives:
  - donnee: aide.nombre
    demandes: [aide]
    regles: [AID-RETARD-EXCUSE]
    raison: Un seul vélo, si rien n'est dit.
opposables:
  - donnee: aide.facture.prix
    demandes: [aide]
    regles: [AID-FACTURE]
    raison: Le prix ne se déclare pas.
"""


@pytest.fixture
def named(pack: PackFolder) -> PackFolder:
    pack.write(removals.REMOVALS, REMOVALS)
    return pack


def faults(pack: PackFolder) -> list[Diagnostic]:
    return removals.verify(pack.root, load(pack.root))


def slip(pack: PackFolder, old: str, new: str) -> Diagnostic:
    pack.edit(old, new, removals.REMOVALS)
    (found,) = faults(pack)
    assert str(found.span) == str(pack.expected), found
    assert found.help.endswith((".", "?"))
    return found


def test_a_pack_may_name_nothing(pack: PackFolder) -> None:
    assert faults(pack) == []
    assert removals.read(pack.root) == removals.Removals()


def test_what_is_named_is_read_in_the_order_of_the_file(named: PackFolder) -> None:
    assert faults(named) == []
    found = removals.read(named.root)
    (optional,), (against,) = found.optional, found.against
    assert (optional.datum.text, optional.reason) == ("aide.nombre", "Un seul vélo, si rien n'est dit.")
    assert [word.text for word in (*against.requests, *against.rules)] == ["aide", "AID-FACTURE"]


def test_a_datum_of_the_schema_is_named(named: PackFolder) -> None:
    assert slip(named, "donnee: aide.nombre", "donnee: ▸aide.nombres").code == "PAQ-CHAMP"


def test_only_a_list_has_elements(named: PackFolder) -> None:
    assert slip(named, "donnee: aide.nombre", "donnee: ▸aide.nombre[]").code == "PAQ-CHAMP"


def test_a_request_of_the_programme_is_named(named: PackFolder) -> None:
    fault = slip(named, "demandes: [aide]\n    regles: [AID-RET", "demandes: [aide, ▸aidee]\n    regles: [AID-RET")
    assert (fault.code, fault.help) == ("PAQ-DEMANDE", "Vouliez-vous dire `aide` ?")


def test_a_rule_of_the_pack_is_named(named: PackFolder) -> None:
    fault = slip(named, "regles: [AID-FACTURE]", "regles: [▸AID-FACTURES]")
    assert (fault.code, fault.help) == ("TRA-REGLE", "Vouliez-vous dire `AID-FACTURE` ou `AID-MAJEUR` ?")


def test_a_rule_that_concerns_the_request_is_named(named: PackFolder) -> None:
    assert slip(named, "regles: [AID-FACTURE]", "regles: [▸REC-CONTROLE]").code == "TRA-REGLE"


def test_a_datum_is_named_once_for_a_request(named: PackFolder) -> None:
    again = "  - {donnee: ▸aide.nombre, demandes: aide, regles: AID-DELAI, raison: Encore.}\nopposables:"
    assert slip(named, "opposables:", again).code == "PAQ-DOUBLON"


def test_the_same_datum_may_be_optional_and_stand_against_a_request(named: PackFolder) -> None:
    named.edit("donnee: aide.facture.prix", "donnee: aide.nombre", removals.REMOVALS)
    assert faults(named) == []


@pytest.mark.parametrize("key", ["donnee: aide.nombre", "demandes: [aide]", "regles: [AID-RETARD-EXCUSE]"])
def test_every_key_is_required(named: PackFolder, key: str) -> None:
    name = key.partition(":")[0]
    text = REMOVALS.replace(f"{key}\n    ", "", 1) if name == "donnee" else REMOVALS.replace(f"    {key}\n", "", 1)
    named.write(removals.REMOVALS, text)
    assert [d.code for d in faults(named)] == ["PAQ-CLE-MANQUANTE"]


def test_an_exception_has_a_reason(named: PackFolder) -> None:
    named.write(removals.REMOVALS, REMOVALS.replace("    raison: Le prix ne se déclare pas.\n", ""))
    assert [d.code for d in faults(named)] == ["PAQ-CLE-MANQUANTE"]


def test_a_file_without_keys_is_refused(named: PackFolder) -> None:
    named.write(removals.REMOVALS, "- aide.nombre\n")
    assert [d.code for d in faults(named)] == ["PAQ-BLOC"]
