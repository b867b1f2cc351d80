"""Two rules that may give one name in one case: however many there are, at every date, within the schema."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from recevable.lint.run import lint

BASE: Final = Path(__file__).parent / "base"
ADULT: Final = "aide.enfants > 10 ou demandeur.majeur"
CHILD: Final = "aide.enfants > 10 ou non demandeur.majeur"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "p")
    return tmp_path / "p"


def said(pack: Path, *conditions: str) -> list[str]:
    """What is said of rules that give one name, one for each condition."""
    rules = [
        {
            "id": f"CAS-{rank}", "titre": f"Cas {rank}", "demandes": ["aide"], "quand": text, "montant": "plafond",
            "nom": "part", "exigences": ["REQ-2"], "source": "Règlement, art. 2",
        }
        for rank, text in enumerate(conditions)
    ]  # fmt: skip
    (pack / "regles" / "cas.yaml").write_text(yaml.safe_dump({"regles": rules}, allow_unicode=True), "utf-8")
    found = lint(pack, date(2026, 12, 1))
    assert not [d for d in found if d.code.startswith(("PAQ-", "EXP-TYPE"))], found
    return [d.message for d in found if d.code == "MON-CONCURRENTS"]


def bounded(pack: Path, **bounds: int) -> None:
    schema = json.loads((pack / "dossier.schema.json").read_text("utf-8"))
    schema["$defs"] = {"compte": {"type": "integer", **bounds}}
    schema["properties"]["aide"]["properties"]["enfants"] = {"$ref": "#/$defs/compte"}
    (pack / "dossier.schema.json").write_text(json.dumps(schema), "utf-8")


def dated(pack: Path, name: str, reference: str, *values: tuple[str, str]) -> None:
    """One more parameter, an amount."""
    path = pack / "parametres.yaml"
    found: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    found["parametres"][name] = {
        "titre": name, "type": "montant", "reference": reference, "jusqu_au": "ouvert",
        "valeurs": [{"a_partir_du": day, "valeur": value, "source": "Règlement, art. 2"} for day, value in values],
    }  # fmt: skip
    path.write_text(yaml.safe_dump(found, allow_unicode=True, sort_keys=False), "utf-8")


@pytest.mark.parametrize("rank", [0, 99, 100, 101, 149])
def test_a_rule_is_held_against_all_those_of_its_name(pack: Path, rank: int) -> None:
    conditions = [f"aide.enfants = {i}" for i in range(150)]
    assert said(pack, *conditions) == []
    (message,) = said(pack, *conditions, f"aide.enfants entre {rank} et {rank} et aide.facture.prix > 5.00")
    assert message.startswith(f"`CAS-150` et `CAS-{rank}` ")
    assert f"`aide.enfants` = {rank}" in message


@pytest.mark.parametrize(
    "last", ["aide.facture.prix = 3.00", "demandeur.majeur", "aide.recue_le > 2024-01-01T00:00:00"]
)
def test_rules_that_read_different_data_are_held_against_each_other(pack: Path, last: str) -> None:
    conditions = [f"aide.enfants = {i}" for i in range(120)]
    (message,) = said(pack, *conditions, last)
    assert message.startswith("`CAS-120` et `CAS-0` ")


@pytest.mark.parametrize(("other", "worth"), [
    ("aide.facture.prix <= 799.99", None),
    ("aide.facture.prix <= 800.00", "800.00"),
    ("aide.facture.prix < plafond ou aide.facture.prix = 900.00", "800.00"),
    ("aide.facture.prix <= 849.99 et aide.recue_le >= 2025-01-01T00:00:00", None),
    ("aide.facture.prix <= 850.00 et aide.recue_le >= 2025-01-01T00:00:00", "850.00"),
    ("aide.facture.prix <= 820.00 et aide.recue_le < 2024-01-01T00:00:00", None),
])  # fmt: skip
def test_a_parameter_has_each_of_its_values_on_its_days(pack: Path, other: str, worth: str | None) -> None:
    """`plafond` is 800.00 from 2024, 850.00 from 2025."""
    messages = said(pack, "aide.facture.prix >= plafond", other)
    assert len(messages) == (worth is not None)
    assert all(f"`plafond` = {worth}" in message for message in messages)


def test_two_parameters_are_read_on_one_day(pack: Path) -> None:
    dated(pack, "seuil", "reception", ("2024-01-01", "700.00"), ("2025-01-01", "800.00"))
    # 700 and 800 in 2024, 800 and 850 from 2025: never 800 of the one beside 800 of the other
    assert said(pack, "aide.facture.prix <= seuil", "aide.facture.prix >= plafond") == []


def test_a_parameter_of_the_decision_is_read_later_and_never_before(pack: Path) -> None:
    dated(pack, "seuil", "decision", ("2024-01-01", "700.00"), ("2025-01-01", "800.00"))
    # received in 2024 under 800, decided in 2025 under 800
    (message,) = said(pack, "aide.facture.prix <= seuil", "aide.facture.prix >= plafond")
    assert "`aide.facture.prix` = 800.00" in message
    dated(pack, "seuil", "decision", ("2024-01-01", "850.00"), ("2025-01-01", "700.00"))
    (message,) = said(pack, "aide.facture.prix <= seuil", "aide.facture.prix >= plafond")
    assert "`plafond` = 800.00" in message
    dated(pack, "seuil", "decision", ("2023-01-01", "900.00"), ("2024-01-01", "700.00"))
    # 900 was only in force before any request could be received
    assert said(pack, "aide.facture.prix <= seuil", "aide.facture.prix >= plafond") == []


def test_nothing_is_given_on_a_day_whose_value_is_not_known(pack: Path) -> None:
    dated(pack, "seuil", "reception", ("2024-01-01", "inconnue"), ("2025-01-01", "100.00"))
    assert said(pack, "aide.facture.prix <= seuil", "aide.facture.prix > 100.00") == []
    dated(pack, "seuil", "reception", ("2024-01-01", "inconnue"), ("2025-01-01", "100.01"))
    assert len(said(pack, "aide.facture.prix <= seuil", "aide.facture.prix > 100.00")) == 1


@pytest.mark.parametrize(("bounds", "met"), [
    ({}, True), ({"maximum": 11}, True), ({"maximum": 10}, False), ({"exclusiveMaximum": 11}, False),
    ({"minimum": 12}, True), ({"exclusiveMinimum": 10, "maximum": 11}, True),
])  # fmt: skip
def test_a_number_that_the_schema_refuses_makes_no_case(pack: Path, bounds: dict[str, int], met: bool) -> None:
    bounded(pack, **bounds)
    messages = said(pack, ADULT, CHILD)
    assert len(messages) == met
    if messages and "minimum" in bounds:
        assert "`aide.enfants` = 12" in messages[0]


@pytest.mark.parametrize(("one", "other"), [
    ("date_de(aide.recue_le) <= 2024-06-30", "date_de(aide.recue_le) >= 2024-06-30"),
    ("aide.recue_le <= fin_de_jour(2024-06-30)", "date_de(aide.recue_le) >= 2024-06-30"),
    ("date_de(aide.recue_le) < 2024-06-30", "aide.enfants = 1"),
    ("aide.enfants * 2 <= 6", "aide.enfants * 2 >= 6"), ("aide.enfants / 2 <= 3", "aide.enfants / 2 >= 3"),
    ("aide.enfants + aide.enfants <= 6", "aide.enfants + 3 >= 6"), ("max(aide.enfants, 0) <= 3", "aide.enfants >= 3"),
    ("plafond - aide.facture.prix <= 10.00", "plafond - aide.facture.prix >= 10.00"),
    ("aujourd_hui <= 2024-06-30", "aujourd_hui >= 2024-06-30"),
    ("date_de(aide.recue_le) - 2024-06-30 <= 15 jours", "date_de(aide.recue_le) - 2024-06-30 >= 15 jours"),
    ('demandeur.nom != "a"', 'demandeur.nom != "b"'), ('demandeur.nom != "a"', "demandeur.majeur"),
    ('normalise(demandeur.nom) = "a"', 'normalise(demandeur.nom) != "b"'),
    ("double <= 10.00", "double >= 10.00"), ("aide.enfants est absent", "demandeur.majeur"),
])  # fmt: skip
def test_what_is_computed_or_absent_may_put_two_rules_in_one_case(pack: Path, one: str, other: str) -> None:
    with (pack / "regles" / "double.yaml").open("w", encoding="utf-8") as file:
        file.write(
            "regles:\n  - {id: DOUBLE, titre: Double, demandes: [aide], montant: aide.facture.prix * 2, nom: double, "
            'exigences: [REQ-2], source: "Règlement, art. 2"}\n'
        )
    assert len(said(pack, one, other)) == 1


@pytest.mark.parametrize(("one", "other"), [
    ("date_de(aide.recue_le) <= 2024-06-30", "date_de(aide.recue_le) > 2024-06-30"),
    ("aide.enfants * 2 <= 6", "aide.enfants * 2 > 6"), ("aide.enfants * 2 <= 7", "aide.enfants >= 4"),
    ("aujourd_hui < 2024-06-30", "aujourd_hui >= 2024-06-30"), ('normalise(demandeur.nom) = "A"', "demandeur.majeur"),
    ("aide.enfants est absent", "aide.enfants >= 0"), ("aide.recue_le est absent", "aide.recue_le > aide.recue_le"),
])  # fmt: skip
def test_what_is_computed_and_keeps_two_rules_apart_makes_no_case(pack: Path, one: str, other: str) -> None:
    assert said(pack, one, other) == []
