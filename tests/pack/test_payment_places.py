"""Where a dossier says what was paid and to whom: keys of the manifest, each slip told once at its place."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.pack.conftest import MANIFEST, PackFolder

from recevable import PaymentFact, open_programme
from recevable.decision.payments import paid, payee
from recevable.pack.loader import load
from recevable.pack.model import DecisionPlaces, PaymentPlaces

PAID = """\
paiements:
  liste: paiements
  demande: demande
  montant: montant
  paye_le: paye_le
  reference: reference
  beneficiaire: demandeur.nom
  iban: [demandeur.iban, compte.iban]
  bic: demandeur.bic
"""
DECIDED = "    decision: {sens: aide.sens, le: aide.decidee_le, accepter: accordee}\n"
TEXT = {"type": "string"}


@pytest.fixture
def paying(pack: PackFolder) -> PackFolder:
    schema = json.loads((pack.root / "dossier.schema.json").read_text())
    fields = schema["properties"]
    fields["paiements"] = {
        "type": "array",
        "maxItems": 10,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "demande": {"type": "string", "enum": ["aide"]},
                "montant": {"type": "string", "format": "montant"},
                "paye_le": {"type": "string", "format": "date"},
                "reference": TEXT,
            },
        },
    }
    fields["demandeur"]["properties"] |= {"iban": TEXT, "bic": TEXT}
    fields["compte"] = {"type": "object", "additionalProperties": False, "properties": {"iban": TEXT}}
    fields["aide"]["properties"] |= {
        "sens": {"type": "string", "enum": ["accordee", "refusee"]},
        "decidee_le": {"type": "string", "format": "instant"},
    }
    pack.write("dossier.schema.json", json.dumps(schema, ensure_ascii=False))
    manifest = MANIFEST.replace("intervenants:", PAID + "intervenants:")
    pack.write(
        "programme.yaml", manifest.replace("    montant_propose: prime\n", f"    montant_propose: prime\n{DECIDED}")
    )
    return pack


def test_the_manifest_says_where_payments_are(paying: PackFolder) -> None:
    manifest = load(paying.root).manifest
    assert manifest.payments == PaymentPlaces(
        "paiements", "demande", "montant", "paye_le", ("demandeur.nom",), ("demandeur.iban", "compte.iban"),
        ("demandeur.bic",), "", "reference",
    )  # fmt: skip
    assert manifest.requests["aide"].decided == DecisionPlaces("aide.sens", "aide.decidee_le", "accordee")


@pytest.mark.parametrize(
    ("old", "new", "code", "help"),
    [
        ("liste: paiements", "liste: ▸paiement", "PAQ-CHAMP", "`paiements`"),
        ("liste: paiements", "liste: ▸aide.nombre", "PAQ-CHAMP", "une liste de blocs"),
        ("  demande: demande", "  demande: ▸demandes", "PAQ-CHAMP", "`demande`"),
        ("montant: montant", "montant: ▸reference", "PAQ-CHAMP", "montant"),
        ("paye_le: paye_le", "paye_le: ▸montant", "PAQ-CHAMP", "date"),
        ("reference: reference", "reference: ▸paye_le", "PAQ-CHAMP", ""),
        ("beneficiaire: demandeur.nom", "beneficiaire: ▸demandeur.majeur", "PAQ-CHAMP", "`demandeur.nom`"),
        ("compte.iban]", "▸compte.ibam]", "PAQ-CHAMP", "`compte.iban`"),
        ("bic: demandeur.bic", "▸swift: demandeur.bic", "PAQ-CLE-INCONNUE", "`bic`"),
        ("{sens: aide.sens", "{sens: ▸demandeur.nom", "PAQ-CHAMP", "`demandeur.profil`"),
        ("le: aide.decidee_le", "le: ▸aide.sens", "PAQ-CHAMP", "instant"),
        ("accepter: accordee", "accepter: ▸accorde", "PAQ-VALEUR", "`accordee`"),
    ],
)
def test_a_slip_gives_one_diagnostic_at_its_place(paying: PackFolder, old: str, new: str, code: str, help: str) -> None:
    fault = paying.slip(old, new, "programme.yaml")
    assert fault.code == code, fault
    assert help in fault.help, fault


def test_every_request_that_pays_can_be_named(paying: PackFolder) -> None:
    schema = (paying.root / "dossier.schema.json").read_text().replace('"enum": ["aide"]', '"enum": ["autre"]')
    paying.write("dossier.schema.json", schema)
    assert "ne peut pas nommer la demande `aide`" in paying.fault().message


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"demandeur": {"nom": " Camille   Exemple ", "iban": "fr76 3000", "bic": "TEST"}}, ("FR763000", "TEST", ())),
        ({"compte": {"iban": "FR76 3000"}}, ("FR763000", "", ())),
        ({"demandeur": {"iban": "FR763000"}, "compte": {"iban": "fr76 3000"}}, ("FR763000", "", ())),
        ({"demandeur": {"iban": "FR763000"}, "compte": {"iban": "FR763001"}}, ("FR763000", "", ("compte.iban",))),
        ({"demandeur": {"iban": "  "}, "compte": {"iban": 3}}, ("", "", ())),
        ({}, ("", "", ())),
    ],
)
def test_who_is_paid_is_what_every_field_says(
    paying: PackFolder, data: dict[str, Any], found: tuple[str, str, tuple[str, ...]]
) -> None:
    one = payee(load(paying.root).manifest, data)
    assert (one.iban, one.bic, one.contradictions) == found


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({}, "0"),
        ({"paiements": []}, "0"),
        ({"paiements": [{"montant": "8000.00"}, {"montant": "0.01"}]}, "8000.01"),
        ({"paiements": [{"montant": "8000.00"}, {"demande": "aide"}]}, None),
    ],
)
def test_what_was_paid_is_known_only_when_every_amount_is(
    paying: PackFolder, data: dict[str, Any], found: str | None
) -> None:
    assert paid(load(paying.root).manifest, data) == (None if found is None else Decimal(found))


def test_a_payment_is_added_to_what_is_there_with_the_acceptance_it_stands_on(paying: PackFolder) -> None:
    programme = open_programme(paying.root, prepared=False)
    accepted = datetime(2026, 1, 2, 23, 30, tzinfo=UTC)
    fact = PaymentFact("aide", "", Decimal("12.5"), date(2026, 1, 5), "VIR-1", accepted)
    given: dict[str, Any] = {"autre": {"x": 1}}
    first = programme.with_payment(given, fact)
    assert given == {"autre": {"x": 1}}
    assert first == {
        "autre": {"x": 1},
        "paiements": [{"demande": "aide", "montant": "12.50", "paye_le": "2026-01-05", "reference": "VIR-1"}],
        "aide": {"sens": "accordee", "decidee_le": "2026-01-03T00:30:00+01:00"},
    }
    # what a person recorded of the decision stays
    decided = {**first, "aide": {"sens": "refusee"}}
    again = programme.with_payment(decided, PaymentFact("aide", "", Decimal(1), date(2026, 1, 6), "", accepted))
    assert again["aide"] == {"sens": "refusee"}
    assert again["paiements"][1] == {"demande": "aide", "montant": "1.00", "paye_le": "2026-01-06"}
    with pytest.raises(ValueError, match="autre"):
        programme.with_payment({}, PaymentFact("autre", "", Decimal(1), date(2026, 1, 6), "", accepted))


def test_a_payment_that_came_back_is_taken_away_alone_and_once(paying: PackFolder) -> None:
    programme = open_programme(paying.root, prepared=False)
    accepted = datetime(2026, 1, 2, 23, 30, tzinfo=UTC)
    fact = PaymentFact("aide", "", Decimal("12.5"), date(2026, 1, 5), "VIR-1", accepted)
    other = PaymentFact("aide", "", Decimal("12.5"), date(2026, 1, 5), "VIR-2", accepted)
    both = programme.with_payment(programme.with_payment(programme.with_payment({"autre": 1}, fact), other), fact)
    left = programme.without_payment(both, fact)
    assert [one["reference"] for one in left["paiements"]] == ["VIR-2", "VIR-1"]
    assert len(both["paiements"]) == 3, "what was given does not change"
    left = programme.without_payment(left, fact)
    assert left == {**programme.with_payment({"autre": 1}, other)}
    with pytest.raises(ValueError, match="do not hold"):
        programme.without_payment(left, fact)
    with pytest.raises(ValueError, match="do not hold"):
        programme.without_payment({}, fact)
    with pytest.raises(ValueError, match="autre"):
        programme.without_payment({}, PaymentFact("autre", "", Decimal(1), date(2026, 1, 6), "", accepted))
