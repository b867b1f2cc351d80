"""Both evaluators: three-valued logic, exact arithmetic, lists, dates and texts, and what is unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recevable.language.calendar import Duration
from recevable.language.check import Scope, compile_text
from recevable.language.evaluate import Layout, build
from recevable.language.operations import normalise
from recevable.language.tree import FIELD
from recevable.language.unparse import literal

Value = Callable[..., Any]

T, F, U = True, False, None


def line(**fields: Any) -> dict[str, Any]:
    return fields


# --- three-valued logic -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [(T, T, T), (T, F, F), (T, U, U), (F, T, F), (F, F, F), (F, U, F), (U, T, U), (U, F, F), (U, U, U)],
)
def test_conjunction_is_kleene_s(left: bool | None, right: bool | None, expected: bool | None, value: Value) -> None:
    assert value("signe et complet", signe=left, complet=right) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [(T, T, T), (T, F, T), (T, U, T), (F, T, T), (F, F, F), (F, U, U), (U, T, T), (U, F, U), (U, U, U)],
)
def test_disjunction_is_kleene_s(left: bool | None, right: bool | None, expected: bool | None, value: Value) -> None:
    assert value("signe ou complet", signe=left, complet=right) is expected


@pytest.mark.parametrize(("operand", "expected"), [(T, F), (F, T), (U, U)])
def test_negation_is_kleene_s(operand: bool | None, expected: bool | None, value: Value) -> None:
    assert value("non signe", signe=operand) is expected


@pytest.mark.parametrize(("condition", "expected"), [(T, 1), (F, 2), (U, None)])
def test_a_choice_is_unknown_when_its_condition_is(condition: bool | None, expected: int | None, value: Value) -> None:
    assert value("si signe alors 1 sinon 2", signe=condition) == expected


def test_a_choice_between_two_equal_values_is_unknown_all_the_same(value: Value) -> None:
    assert value("si signe alors 1 sinon 1") is None


def test_a_choice_does_not_look_at_the_other_branch(value: Value) -> None:
    assert value("si signe alors age sinon rang", signe=True, age=4) == 4


def test_a_tautology_over_an_unknown_is_unknown(value: Value) -> None:
    assert value("signe ou non signe") is None


def test_a_long_conjunction_is_false_when_its_last_term_is(value: Value) -> None:
    assert value("signe et complet et age > 3 et 1 > 2") is False


@pytest.mark.parametrize("op", ["=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/"])
@pytest.mark.parametrize("known", [{"age": 1}, {"rang": 1}, {}], ids=["left known", "right known", "none known"])
def test_an_operation_on_an_unknown_is_unknown(op: str, known: dict[str, int], value: Value) -> None:
    assert value(f"age {op} rang", **known) is None


def test_membership_of_an_unknown_is_unknown(value: Value) -> None:
    assert value("age dans [1, 2]") is None


def test_membership_among_an_unknown_is_unknown_even_when_another_fits(value: Value) -> None:
    assert value("1 dans [1, age]") is None


@pytest.mark.parametrize(("given", "expected"), [({}, False), ({"signe": False}, True), ({"signe": True}, True)])
def test_presence_is_never_unknown(given: dict[str, bool], expected: bool, value: Value) -> None:
    assert value("signe est present", **given) is expected
    assert value("signe est absent", **given) is not expected


def test_the_presence_of_a_nested_field_is_not_that_of_its_object(value: Value) -> None:
    assert value("piece est present et piece.lisible est absent", piece={}) is True


# --- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1 + 0.2", "0.3"),
        ("0.1 + 0.2 = 0.3", "vrai"),
        ("1.10 * 3", "3.30"),
        ("2 = 2.00", "vrai"),
        ("1 / 3", "0.3333333333333333333333333333333333"),
        ("2 / 3", "0.6666666666666666666666666666666667"),
        ("1 / 3 * 3", "0.9999999999999999999999999999999999"),
        ("1 / 3 * 3 = 1", "faux"),
        ("10 / 4", "2.5"),
        ("1234567890123456789012345678901234.0 + 1", "1234567890123456789012345678901235"),
        ("0.1234567890123456789012345678901234 * 1.0", "0.1234567890123456789012345678901234"),
        ("10000000000000000000000000000000000.5 + 0.0", "10000000000000000000000000000000000"),
        ("999999999999999999999999999999999999 + 1", "1000000000000000000000000000000000000"),
        ("7 - 10", "-3"),
        ("-(-3)", "3"),
        ("2 + 3 * 4", "14"),
        ("(2 + 3) * 4", "20"),
        ("7 / 0", "inconnu"),
        ("7 / 0.00", "inconnu"),
        ("0 / 0", "inconnu"),
        ("7 / (3 - 3) > 1 ou vrai", "vrai"),
        ("0.00 * -1", "0.00"),
        ("min(2, 2.00)", "2"),
        ("min(3, 1, 2)", "1"),
        ("max(3, 1, 2)", "3"),
        ("max(2023-06-30, 2024-01-01, 2023-12-31)", "2024-01-01"),
        ("min(2 jours, 24 heures)", "86400 secondes"),
        ("2 entre 2 et 2", "vrai"),
        ("3 entre 5 et 1", "faux"),
    ],
)
def test_arithmetic_is_decimal_with_34_digits(text: str, expected: str, value: Value) -> None:
    assert literal(value(text)) == expected


@pytest.mark.parametrize(
    ("number", "half_up", "half_even", "down", "up"),
    [
        ("0.005", "0.01", "0.00", "0.00", "0.01"),
        ("0.015", "0.02", "0.02", "0.01", "0.02"),
        ("0.025", "0.03", "0.02", "0.02", "0.03"),
        ("0.0251", "0.03", "0.03", "0.02", "0.03"),
        ("0.004", "0.00", "0.00", "0.00", "0.01"),
        ("-0.004", "0.00", "0.00", "-0.01", "0.00"),
        ("-0.005", "-0.01", "0.00", "-0.01", "0.00"),
        ("-0.015", "-0.02", "-0.02", "-0.02", "-0.01"),
        ("1.00", "1.00", "1.00", "1.00", "1.00"),
        ("1", "1.00", "1.00", "1.00", "1.00"),
    ],
)
def test_rounding_to_the_cent_follows_its_direction(
    number: str, half_up: str, half_even: str, down: str, up: str, value: Value
) -> None:
    directions = {"demi_superieur": half_up, "demi_pair": half_even, "inferieur": down, "superieur": up}
    got = {name: literal(value(f'arrondi({number}, "0.01", "{name}")')) for name in directions}
    assert got == directions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('arrondi(12.34, "0.05", "demi_superieur")', "12.35"),
        ('arrondi(12.32, "0.05", "demi_superieur")', "12.30"),
        ('arrondi(14, "10", "demi_superieur")', "10"),
        ('arrondi(15, "10", "demi_superieur")', "20"),
        ('arrondi(25, "10", "demi_pair")', "20"),
        ('arrondi(1234.5, "1", "superieur")', "1235"),
        (
            'arrondi(99999999999999999999999999999999.994, "0.01", "demi_superieur")',
            "99999999999999999999999999999999.99",
        ),
    ],
)
def test_rounding_gives_a_multiple_of_the_step(text: str, expected: str, value: Value) -> None:
    assert literal(value(text)) == expected


def test_rounding_beyond_34_digits_is_unknown(value: Value) -> None:
    assert value('arrondi(9999999999999999999999999999999999, "0.01", "inferieur")') is None


# --- lists --------------------------------------------------------------------------------------------------------

LINES = [
    line(prix=Decimal("10.50"), nombre=2, recu=True, acheteur={"siret": "73282932000074"}),
    line(prix=Decimal("4.00"), nombre=1, recu=False),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("somme(l dans lignes, l.prix)", "14.50"),
        ("somme(l dans lignes, l.prix * l.nombre)", "25.00"),
        ("somme(l dans lignes, l.nombre)", "3"),
        ("nombre(l dans lignes, l.recu)", "1"),
        ("tous(l dans lignes, l.prix > 1)", "vrai"),
        ("tous(l dans lignes, l.recu)", "faux"),
        ("certains(l dans lignes, l.recu)", "vrai"),
        ("certains(l dans lignes, l.prix > 100)", "faux"),
        ("nombre(l dans lignes, l.jour est absent)", "2"),
        ("nombre(l dans lignes, l est present)", "2"),
        ("somme(l dans lignes, nombre(m dans lignes, m.prix <= l.prix))", "3"),
        ("somme(l dans lignes, age * l.nombre)", "9"),
        ('nombre(l dans lignes, l.acheteur.siret = "73282932000074")', "inconnu"),
        ("nombre(l dans lignes, l.acheteur.siret est present)", "1"),
        ("nombre(l dans lignes, l.acheteur est present)", "1"),
    ],
)
def test_a_list_is_folded_over_its_items(text: str, expected: str, value: Value) -> None:
    assert literal(value(text, lignes=LINES, age=3)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("somme(l dans lignes, l.prix)", "0"),
        ("nombre(l dans lignes, l.recu)", "0"),
        ("tous(l dans lignes, l.recu)", "vrai"),
        ("certains(l dans lignes, l.recu)", "faux"),
    ],
)
def test_an_empty_list_is_not_an_absent_one(text: str, expected: str, value: Value) -> None:
    assert literal(value(text, lignes=[])) == expected
    assert value(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("somme(l dans lignes, l.prix)", None),
        ("nombre(l dans lignes, l.recu)", None),
        ("tous(l dans lignes, l.recu)", None),
        ("certains(l dans lignes, l.recu)", True),
        ("tous(l dans lignes, non l.recu)", False),
        ("certains(l dans lignes, non l.recu)", None),
    ],
)
def test_an_unknown_field_of_an_item_makes_unknown_only_what_depends_on_it(
    text: str, expected: bool | None, value: Value
) -> None:
    assert value(text, lignes=[line(recu=True, prix=Decimal(1)), line()]) is expected


# --- dates, instants, durations -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24 heures = 1 jours", "vrai"),
        ("1 jours + 1 heures > 24 heures", "vrai"),
        ("1 jours >= 24 heures", "vrai"),
        ("1 jours <= 23 heures", "faux"),
        ("2 jours entre 24 heures et 2 jours", "vrai"),
        ("max(1 jours, 25 heures)", "90000 secondes"),
        ("2023-07-15 - 2023-06-30", "15 jours"),
        ("2024-03-01 - 2024-02-28 = 2 jours", "vrai"),
        ("2023-03-01 - 2023-02-28 = 1 jours", "vrai"),
        ("2023-06-30 - 2023-07-15 = 0 jours - 15 jours", "vrai"),
        ("2024-02-28 + 1 jours", "2024-02-29"),
        ("2023-02-28 + 1 jours", "2023-03-01"),
        ("2023-01-01 - 1 jours", "2022-12-31"),
        ('decale(2024-01-31, 1 mois, "fin_de_mois")', "2024-02-29"),
        ('decale(2024-01-31, 1 mois, "mois_suivant")', "2024-03-01"),
        ('decale(2024-02-29, 1 ans, "fin_de_mois")', "2025-02-28"),
        ('decale(2024-02-29, 1 ans, "mois_suivant")', "2025-03-01"),
        ('decale(2024-02-29, 4 ans, "mois_suivant")', "2028-02-29"),
        ('decale(2023-03-31, 0 jours - 1 mois, "fin_de_mois")', "2023-02-28"),
        ('decale(2023-08-31, 1 mois + 1 jours, "fin_de_mois")', "2023-10-01"),
        ('decale(2023-06-30T10:00:00, 1 mois, "fin_de_mois") = 2023-07-30T10:00:00', "vrai"),
        # the night of 26 March 2023 has 23 hours, that of 29 October 25
        ("2023-03-25T14:00:00 + 1 jours = 2023-03-26T14:00:00", "vrai"),
        ("2023-03-25T14:00:00 + 24 heures = 2023-03-26T15:00:00", "vrai"),
        ("2023-03-26T14:00:00 - 2023-03-25T14:00:00 = 23 heures", "vrai"),
        ("2023-10-29T14:00:00 - 2023-10-28T14:00:00 = 25 heures", "vrai"),
        ("debut_de_jour(2023-03-27) - debut_de_jour(2023-03-26) = 23 heures", "vrai"),
        ("fin_de_jour(2023-10-29) - debut_de_jour(2023-10-29) > 24 heures + 3599 secondes", "vrai"),
        ("date_de(2023-06-30T21:59:59Z)", "2023-06-30"),
        ("date_de(2023-06-30T22:00:00Z)", "2023-07-01"),
        ("date_de(2023-12-31T23:00:00Z)", "2024-01-01"),
    ],
)
def test_the_calendar_counts_as_french_clocks_do(text: str, expected: str, value: Value) -> None:
    assert literal(value(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31 + 1 jours",
        "0001-01-01 - 1 jours",
        'decale(9999-12-31, 1 mois, "fin_de_mois")',
        'decale(9999-12-31, 9000 ans, "mois_suivant")',
        'decale(0001-01-31, 0 jours - 1 mois, "fin_de_mois")',
        "9999-12-31 + 99999999999999999999 jours",
        "9999-12-31T12:00:00Z + 99999999999999999999 secondes",
        "9999-12-31T22:30:00Z + 1 jours",
        "date_de(9999-12-31T22:30:00Z + 3600 secondes)",
        "debut_de_jour(0001-01-01)",
        "2023-06-30 + jours(age)",
    ],
)
def test_leaving_the_calendar_is_unknown(text: str, value: Value) -> None:
    assert value(text, age=10**12) is None


@pytest.mark.parametrize("text", ["fin_de_jour(9999-12-31)", "debut_de_jour(9999-12-31)", "9999-12-30 + 1 jours"])
def test_the_last_day_of_the_calendar_is_within_it(text: str, value: Value) -> None:
    assert value(text) is not None


def test_an_instant_between_two_seconds_is_after_the_first(value: Value) -> None:
    moment = datetime(2023, 7, 26, 12, 0, 0, 500_000, tzinfo=UTC)
    assert value("recu > 2023-07-26T14:00:00", recu=moment) is True


def test_facts_and_literals_of_one_instant_are_equal(value: Value, paris: ZoneInfo) -> None:
    moment = datetime(2023, 7, 26, 14, tzinfo=paris).astimezone(UTC)
    assert value("recu = 2023-07-26T14:00:00", recu=moment) is True


def test_a_parameter_counts_as_a_duration(value: Value) -> None:
    assert value("jour + delai", jour=date(2023, 6, 30), delai=Duration(days=15)) == date(2023, 7, 15)


# --- texts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Déploiement\t MSSanté \n", "déploiement mssanté"),
        ("« Achat »", "achat"),
        ("“l’achat”", "l'achat"),
        ("porte\u2010à\u2011porte", "porte-à-porte"),
        ("a\u00a0b\u202fc", "a b c"),
        ("ÉTÉ", "été"),
        ("e\u0301te\u0301", "été"),
        ("", ""),
    ],
)
def test_a_normalised_text_keeps_its_words_and_accents_only(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_accents_still_tell_two_texts_apart() -> None:
    assert normalise("créé") != normalise("crée")


@pytest.mark.parametrize("text", ["Été «  42 »", "ÉLÉMENT – n° 3", "Œuvre d’art"])
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_texts_are_compared_letter_by_letter(value: Value) -> None:
    assert value('nom = "Été"', nom="été") is False


# --- slots --------------------------------------------------------------------------------------------------------


def test_a_layout_that_shares_another_keeps_its_places(paris: ZoneInfo) -> None:
    first = Layout(paris)
    place = first.slot(FIELD, "age")
    second = Layout(paris, first)
    second.slot(FIELD, "rang")
    assert second.slot(FIELD, "age") == place
    assert (FIELD, "rang") not in first.slots


def test_a_field_read_twice_has_one_slot(scope: Scope) -> None:
    layout = Layout(scope.zone)
    build(compile_text("age * age + age", scope), layout)
    assert layout.empty() == [None]


def test_a_fact_of_the_same_name_but_another_kind_has_its_own_slot(paris: ZoneInfo) -> None:
    layout = Layout(paris)
    assert layout.slot(FIELD, "total") != layout.slot("valeur", "total")
