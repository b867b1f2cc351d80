"""Dated parameters: in order, without a gap, with an end; which value is in force on which day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from recevable.language.calendar import Duration
from recevable.language.diagnostics import Diagnostic
from recevable.pack.model import Parameter
from recevable.pack.nodes import File, Mapping
from recevable.pack.parameters import read_parameters
from recevable.pack.yaml_strict import parse

if TYPE_CHECKING:
    from tests.pack.conftest import PackFolder


def read(text: str) -> tuple[dict[str, Parameter], list[Diagnostic]]:
    node = parse(File("parametres.yaml", text))[1]
    assert isinstance(node, Mapping)
    diagnostics: list[Diagnostic] = []
    return read_parameters(node, ZoneInfo("Europe/Paris"), diagnostics), diagnostics


def parameter(type_: str, *values: str, until: str = "ouvert", more: str = "") -> Parameter:
    """A parameter with these values, from 2023, 2024, …"""
    dated = "".join(
        f'    - {{a_partir_du: "{2023 + rank}-01-01", valeur: {value}, source: §{rank}}}\n'
        for rank, value in enumerate(values)
    )
    found, faults = read(f"p:\n  type: {type_}\n  valeurs:\n{dated}  jusqu_au: {until}\n{more}")
    assert faults == []
    return found["p"]


@pytest.mark.parametrize(
    ("type_", "written", "value"),
    [
        ("montant", '"6666.67"', Decimal("6666.67")),
        ("montant", '"-12"', Decimal("-12")),
        ("nombre", '"1.5"', Decimal("1.5")),
        ("taux", '"0.085"', Decimal("0.085")),
        ("taux", '"0"', Decimal(0)),
        ("taux", '"1"', Decimal(1)),
        ("entier", "30", 30),
        ("entier", '"-3"', -3),
        ("date", "2023-07-31", date(2023, 7, 31)),
        ("date", '"2023-07-31"', date(2023, 7, 31)),
        ("instant", '"2023-07-26T14:00:00"', datetime(2023, 7, 26, 12, tzinfo=UTC)),
        ("instant", '"2023-01-26T14:00:00"', datetime(2023, 1, 26, 13, tzinfo=UTC)),
        ("instant", '"2023-07-26T14:00:00-04:00"', datetime(2023, 7, 26, 18, tzinfo=UTC)),
        ("duree", '"15 jours"', Duration(days=15)),
        ("duree", "2 ans", Duration(months=24)),
        ("texte", "inconnu", "inconnu"),
        ("texte", '"inconnue"', "inconnue"),
    ],
)  # fmt: skip
def test_a_value_is_read_by_its_type(type_: str, written: str, value: Any) -> None:
    found = parameter(type_, written)
    assert found.values[0].value == value
    assert found.type.kind == type_


def test_money_is_never_a_float() -> None:
    assert type(parameter("montant", '"0.1"').values[0].value) is Decimal


@pytest.mark.parametrize(
    ("day", "value"),
    [
        (date(2022, 12, 31), None), (date(2023, 1, 1), Decimal(1)), (date(2023, 12, 31), Decimal(1)),
        (date(2024, 1, 1), Decimal(2)), (date(2025, 6, 30), Decimal(2)), (date(2025, 7, 1), None),
    ],
)  # fmt: skip
def test_a_value_is_in_force_until_the_next_and_the_last_until_the_end(day: date, value: Decimal | None) -> None:
    found = parameter("montant", '"1"', '"2"', until='"2025-06-30"').at(day)
    assert (None if found is None else found.value) == value


def test_an_open_parameter_has_no_end() -> None:
    found = parameter("montant", '"1"').at(date(9999, 12, 31))
    assert found is not None
    assert found.value == 1


def test_without_a_day_no_value_is_in_force() -> None:
    assert parameter("montant", '"1"').at(None) is None


def test_a_value_may_be_declared_unknown() -> None:
    found = parameter("instant", "inconnue", '"2023-07-26T14:00:00"')
    before, after = found.at(date(2023, 6, 1)), found.at(date(2024, 6, 1))
    assert before is not None
    assert after is not None
    assert (before.value, before.source) == (None, "§0")
    assert after.value is not None


def test_a_parameter_is_read_at_reception_unless_it_says_decision() -> None:
    assert not parameter("montant", '"1"').by_decision
    assert not parameter("montant", '"1"', more="  reference: reception\n").by_decision
    assert parameter("montant", '"1"', more="  reference: decision\n").by_decision


def test_a_default_of_the_house_is_marked() -> None:
    assert not parameter("montant", '"1"').house_default
    assert parameter("montant", '"1"', more="  defaut_maison: true\n").house_default


def test_a_parameter_without_a_title_is_called_by_its_name() -> None:
    assert parameter("montant", '"1"').title == "p"
    assert parameter("montant", '"1"', more="  titre: Le prix\n").title == "Le prix"


@pytest.mark.parametrize(("value", "units"), [("2 mois", "mois"), ("15 jours", "jours"), ("3 heures", "secondes")])
def test_a_duration_knows_its_units(value: str, units: str) -> None:
    assert parameter("duree", value).type.format == units


@pytest.mark.parametrize(
    ("old", "new", "code", "help"),
    [
        ('"2024-01-01", valeur', '▸"2022-01-01", valeur', "PAQ-DATES", "Rangez-les"),
        ('"2024-01-01", valeur', '▸"2023-01-01", valeur', "PAQ-DATES", "Gardez-en une"),
        ('"2024-01-01", valeur', '▸"2024-02-30", valeur', "PAQ-DATE", "Février 2024 a 29 jours"),
        ('jusqu_au: "2030-12-31"', 'jusqu_au: ▸"2022-12-31"', "PAQ-DATES", "2023-01-01"),
        ('    jusqu_au: "2030-12-31"\n', "", "PAQ-CLE-MANQUANTE", "Ajoutez `jusqu_au: …`."),
        ('valeurs: [{a_partir_du: "2023-01-01", valeur: "0.20", source: "Arrêté, article 3"}]', "valeurs: ▸[]",
         "PAQ-DATES", "a_partir_du"),
        (', source: "Arrêté, article 3"', "", "PAQ-CLE-MANQUANTE", "Ajoutez `source: …`."),
        ('valeur: "0.20"', 'valeur: ▸"inconnue"', "PAQ-VALEUR", "Écrivez `valeur: inconnue`."),
        ('valeur: "0.20"', "valeur: ▸inconnu", "PAQ-VALEUR", "Vouliez-vous dire `inconnue`"),
        ('valeur: "0.20"', "valeur: ▸à fixer", "PAQ-VALEUR", "Un taux s'écrit en décimal, de 0 à 1, entre guillemets."),
        ('valeur: "0.20"', "valeur: ▸20 %", "PAQ-GUILLEMETS", '`"0.2"`'),
        ('a_partir_du: "2024-01-01", valeur', 'a_partir_du: "2024-01-01", ▸jusqu_au: "2024-06-30", valeur', "PAQ-DATES",
         '`{a_partir_du: "2024-07-01", valeur: inconnue, source: …}`'),
        ('a_partir_du: "2024-01-01", valeur', 'a_partir_du: "2024-01-01", ▸jusqu_au: bientôt, valeur', "PAQ-DATES",
         "Retirez `jusqu_au`. Si rien ne vaut ensuite, ajoutez une valeur qui le dise."),
        ('valeur: "0.20"', 'valeur: ▸"1.01"', "PAQ-VALEUR", '"0.0101"'),
        ('valeur: "0.20"', 'valeur: ▸"-0.2"', "PAQ-VALEUR", '"0.2"'),
        ("type: taux", "type: ▸pourcentage", "PAQ-VALEUR", "`taux`"),
        ("  part:\n", "  ▸part-fixe:\n", "PAQ-NOM", "Écrivez `part_fixe`"),
        ("  part:\n", "  ▸aujourd_hui:\n", "PAQ-NOM", "autre nom"),
        ("  part:\n", "  ▸aide:\n", "PAQ-NOM", "autre nom"),
        ("taux\n    reference: decision", "taux\n    reference: ▸décision", "PAQ-VALEUR", "`decision`, sans accent"),
        ("    type: taux\n", "", "PAQ-CLE-MANQUANTE", "Ajoutez `type: …`."),
        ("    note: À confirmer.\n", "    ▸notes: À confirmer.\n", "PAQ-CLE-INCONNUE", "`note`"),
        ("parametres:\n", "▸parametre:\n", "PAQ-CLE-INCONNUE", "Vouliez-vous dire `parametres` ?"),
    ],
)  # fmt: skip
def test_a_parameter_that_is_not_right_gives_one_diagnostic(
    pack: PackFolder, old: str, new: str, code: str, help: str
) -> None:
    fault = pack.slip(old, new, "parametres.yaml")
    assert fault.code == code, fault
    assert help in fault.help


@pytest.mark.parametrize(
    ("type_", "written", "words"),
    [
        ("entier", '"30.5"', "nombre entier"),
        ("entier", "9" * 19, "nombre entier"),
        ("date", '"2023-02-30"', "n'existe pas"),
        ("instant", '"2023-03-26T02:30:00"', "n'existe pas"),
        ("instant", '"2023-10-29T02:30:00"', "deux fois"),
        ("duree", '"15"', "durée"),
        ("duree", '"bientôt"', "durée"),
        ("duree", '"1 + 1"', "durée"),
        ("montant", '"1e3"', "décimal"),
        ("montant", '"NaN"', "décimal"),
        ("montant", '"Infinity"', "décimal"),
    ],
)
def test_a_value_that_is_not_of_its_type_is_refused(type_: str, written: str, words: str) -> None:
    value = f"{{a_partir_du: 2023-01-01, valeur: {written}, source: x}}"
    _, faults = read(f"p:\n  type: {type_}\n  valeurs: [{value}]\n  jusqu_au: ouvert\n")
    assert [fault.code for fault in faults] == ["PAQ-VALEUR"]
    assert words in faults[0].message
    assert faults[0].help
