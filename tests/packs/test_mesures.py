"""The measures of the programme, literally: amounts to the cent, deadlines to the second, five defects at once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.packs.conftest import World

BASE = "solde-cas-b"
# Boxes of each type (applicative, organisational, personal) of the worked cases.
A, B, SMALL, NONE, CENT = (700, 5000, 40000), (5, 200, 15000), (3, 40, 250), (0, 0, 0), (1, 1, 0)


def _boxes(counts: tuple[int, int, int]) -> dict[str, Any]:
    names = ("applicatives", "organisationnelles", "personnelles")
    return {f"ans.annuaire.{name}": count for name, count in zip(names, counts, strict=True)}


def _taxed(rate: str | None) -> dict[str, Any]:
    """A subject at a rate, its advance paid with tax; None: not subject, its advance paid without."""
    if rate is None:
        attested = {"delivree_par": "drfip", "lisible": True}
        return {
            "operateur.tva": {"regime": "non_assujetti"},
            "enrolement.pieces.attestation_non_assujettissement": attested,
            "paiements": [{"demande": "avance", "montant": "6666.67", "paye_le": "2023-05-04"}],
        }
    paid = {"0.20": "8000.00", "0.085": "7233.34"}[rate]
    territory = {"0.20": "metropole", "0.085": "martinique"}[rate]
    return {
        "operateur.tva": {"regime": "assujetti", "taux": rate},
        "operateur.territoire": territory,
        "paiements": [{"demande": "avance", "montant": paid, "paye_le": "2023-05-04"}],
    }


@pytest.mark.parametrize(
    ("boxes", "rate", "total_ht", "total_ttc", "advance", "balance"),
    [
        (A, "0.20", "250000.00", "300000.00", "8000.00", "292000.00"),
        (B, "0.20", "86124.32", "103349.18", "8000.00", "95349.18"),
        (SMALL, "0.20", "8924.86", "10709.83", "8000.00", "2709.83"),
        (NONE, "0.20", "6666.67", "8000.00", "8000.00", "0.00"),
        (CENT, "0.20", "6745.83", "8095.00", "8000.00", "95.00"),
        (A, "0.085", "250000.00", "271250.00", "7233.34", "264016.66"),
        (B, "0.085", "86124.32", "93444.89", "7233.34", "86211.55"),
        (A, None, "250000.00", "250000.00", "6666.67", "243333.33"),
        (B, None, "86124.32", "86124.32", "6666.67", "79457.65"),
    ],
)
def test_the_worked_amounts_come_out_to_the_cent(
    world: World,
    boxes: tuple[int, int, int],
    rate: str | None,
    total_ht: str,
    total_ttc: str,
    advance: str,
    balance: str,
) -> None:
    answer = world.request("solde", BASE, {**_boxes(boxes), **_taxed(rate)})
    got = {name: f"{answer.amounts[name]:.2f}" for name in ("total_ht", "total_ttc", "avance_ttc", "solde_ttc")}
    assert got == {"total_ht": total_ht, "total_ttc": total_ttc, "avance_ttc": advance, "solde_ttc": balance}
    assert answer.verdict == "accepter"


@pytest.mark.parametrize(
    ("boxes", "balance_ht"), [(A, "243333.33"), (B, "79457.65"), (SMALL, "2258.19"), (NONE, "0.00")]
)
def test_advance_and_balance_without_tax_make_the_total_without_tax(
    world: World, boxes: tuple[int, int, int], balance_ht: str
) -> None:
    amounts = world.request("solde", BASE, _boxes(boxes)).amounts
    assert amounts["avance_ht"] == Decimal("6666.67")
    assert amounts["solde_ht"] == Decimal(balance_ht)


@pytest.mark.parametrize(
    ("under", "total", "over"),
    [
        ((4171, 0, 0), "249961.10", (4172, 0, 0)),
        ((0, 11681, 0), "249981.90", (0, 11682, 0)),
        ((0, 0, 48666), "249996.67", (0, 0, 48667)),
    ],
)
def test_one_more_box_reaches_the_cap(
    world: World, under: tuple[int, int, int], total: str, over: tuple[int, int, int]
) -> None:
    assert world.request("solde", BASE, _boxes(under)).amounts["total_ht"] == Decimal(total)
    assert world.request("solde", BASE, _boxes(over)).amounts["total_ht"] == Decimal("250000.00")


def test_an_advance_is_eight_thousand_euros_at_twenty_per_cent(world: World) -> None:
    amounts = world.request("avance", "avance-developpeur-complete").amounts
    assert (amounts["avance_ht"], amounts["avance_ttc"]) == (Decimal("6666.67"), Decimal("8000.00"))


# --- deadlines ------------------------------------------------------------------------------------------------------

# The same instants in Paris time, in UTC, in the time of La Réunion, and without an offset (then Paris).
NOTATIONS = ("paris", "utc", "reunion", "sans decalage")


def _written(day: str, second: int) -> list[str]:
    """An instant of the afternoon, 14:00 in Paris and some seconds, in the four notations."""
    return [
        f"{day}T{hour}:00:{second:02}{offset}" for hour, offset in ((14, "+02:00"), (12, "Z"), (16, "+04:00"), (14, ""))
    ]


@pytest.mark.parametrize("received", _written("2023-07-26", 0), ids=NOTATIONS)
def test_an_advance_received_at_the_very_second_of_the_deadline_is_on_time(world: World, received: str) -> None:
    answer = world.request("avance", "avance-recue-140000-paris", {"avance.recue_le": received})
    assert answer.accepted, answer


@pytest.mark.parametrize("received", _written("2023-07-26", 1), ids=NOTATIONS)
def test_an_advance_received_a_second_later_is_rejected(world: World, received: str) -> None:
    late = {"avance.recue_le": received, "avance.pieces_recues_le": received}
    answer = world.request("avance", "avance-recue-140000-paris", late)
    assert (answer.verdict, answer.findings) == ("rejeter", {"AVA-DELAI": "non_satisfait:depasse"})


@pytest.mark.parametrize("received", _written("2023-09-28", 0), ids=NOTATIONS)
def test_a_balance_received_at_the_very_second_of_the_deadline_is_on_time(world: World, received: str) -> None:
    answer = world.request("solde", "solde-recu-140000-paris", {"solde.recue_le": received})
    assert answer.accepted, answer


@pytest.mark.parametrize("received", _written("2023-09-28", 1), ids=NOTATIONS)
def test_a_balance_received_a_second_later_is_rejected(world: World, received: str) -> None:
    late = {"solde.recue_le": received, "solde.pieces_recues_le": received}
    answer = world.request("solde", "solde-recu-140000-paris", late)
    assert (answer.verdict, answer.findings) == ("rejeter", {"SOL-DELAI": "non_satisfait:depasse"})


def test_the_fraction_of_a_second_after_the_deadline_is_late(world: World) -> None:
    late = {"avance.recue_le": "2023-07-26T14:00:00.000001+02:00"}
    assert world.request("avance", "avance-recue-140000-paris", late).verdict == "rejeter"


# --- five defects ---------------------------------------------------------------------------------------------------


def test_a_dossier_with_five_defects_gets_all_five_in_one_answer(world: World) -> None:
    assert world.request("solde", "solde-cinq-defauts").findings == {
        "SOL-NUMERO": "non_satisfait:faux",
        "SOL-CAPTURE-TEST": "non_satisfait:absente",
        "SOL-GUIDE-EDITEUR": "non_satisfait:absente",
        "SOL-LIEN-DOCUMENTATION": "non_satisfait:faux",
        "SOL-FACTURE": "non_satisfait:absente",
    }


def test_five_defects_are_repaired_by_five_actions(world: World) -> None:
    repair = world.request("solde", "solde-cinq-defauts").request.repair
    assert repair.possible
    assert len(repair.actions) == 5


def test_a_rejection_hides_none_of_the_five_defects(world: World) -> None:
    whole = world.request("enrolement", "enrolement-cinq-defauts").findings
    rejected = world.request("enrolement", "enrolement-cinq-defauts-et-hors-espace").findings
    assert len(whole) == 5
    assert rejected == {"ELI-ESPACE-CONFIANCE": "non_satisfait:faux", **whole}
