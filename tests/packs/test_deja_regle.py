"""No request is proposed for payment once it was paid, refused or perhaps paid: summing `montant_propose` pays once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.packs.conftest import DOSSIERS

from recevable.programme import Programme

PAYABLE = [("solde-cas-b", "avance"), ("solde-cas-b", "solde")]
DAY = date(2023, 10, 2)


def decided(programme: Programme, data: dict[str, Any]) -> dict[str, Any]:
    read = programme.read(json.dumps(data).encode())
    found: dict[str, Any] = json.loads(programme.to_json(programme.decide(read, DAY)))["demandes"]
    return found


def known(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(DOSSIERS) / f"{name}.json").read_bytes())
    return found


def test_a_paid_advance_is_not_proposed_again_and_the_balance_is(programme: Programme) -> None:
    found = decided(programme, known("solde-cas-b"))
    assert (found["avance"]["verdict"], found["avance"]["montant_propose"]) == ("accepter", None)
    assert found["avance"]["montant_estime"]["valeur"] == "8000.00"
    assert found["solde"]["montant_propose"]["valeur"] == "95349.18"


@pytest.mark.parametrize("payment", [{"demande": "solde"}, {}])
def test_a_balance_that_was_or_may_have_been_paid_is_not_proposed(
    programme: Programme, payment: dict[str, str]
) -> None:
    data = known("solde-cas-b")
    data["paiements"].append({"montant": "95349.18", "paye_le": "2023-10-01", **payment})
    data["solde"]["decision"] = {"sens": "validee", "le": "2023-09-30T10:00:00+02:00"}
    assert decided(programme, data)["solde"]["montant_propose"] is None


@pytest.mark.parametrize("request_", ["avance", "solde"])
def test_a_request_that_the_agency_rejected_is_not_proposed(programme: Programme, request_: str) -> None:
    data = known("solde-cas-b")
    data["paiements"] = []
    data[request_]["decision"] = {**data[request_].get("decision", {}), "sens": "rejetee"}
    assert decided(programme, data)[request_]["montant_propose"] is None
