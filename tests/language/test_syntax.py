"""The parser: what binds to what, where each node stands in the text, and what is said of each fault."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bounds import examples

from recevable.language.calendar import Duration
from recevable.language.syntax import MAX_DEPTH, MAX_LENGTH, MAX_LEVELS, ExpressionError, Syntax, parse


def shape(node: Syntax) -> Any:
    """A tree without its places: names as they are, calls under their function's name, operations as tuples."""
    if node.op == "appel":
        name, variable = node.value
        return (name, *([variable] if variable else []), *map(shape, node.args))
    return (node.op, *map(shape, node.args)) if node.args else node.value


def fault(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    return caught.value


# --- precedence ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a ou b et c", ("ou", "a", ("et", "b", "c"))),
        ("a et b ou c", ("ou", ("et", "a", "b"), "c")),
        ("a et b et c", ("et", "a", "b", "c")),
        ("(a et b) et c", ("et", ("et", "a", "b"), "c")),
        ("non a et b", ("et", ("non", "a"), "b")),
        ("non (a et b)", ("non", ("et", "a", "b"))),
        ("non a = b", ("non", ("=", "a", "b"))),
        ("non non a", ("non", ("non", "a"))),
        ("a = b et c != d", ("et", ("=", "a", "b"), ("!=", "c", "d"))),
        ("a + b < c - d", ("<", ("+", "a", "b"), ("-", "c", "d"))),
        ("a + b * c", ("+", "a", ("*", "b", "c"))),
        ("(a + b) * c", ("*", ("+", "a", "b"), "c")),
        ("a - b - c", ("-", ("-", "a", "b"), "c")),
        ("a - (b - c)", ("-", "a", ("-", "b", "c"))),
        ("a / b / c", ("/", ("/", "a", "b"), "c")),
        ("31/13/2023", ("/", ("/", 31, 13), 2023)),
        ("31/12/2023.5", ("/", ("/", 31, 12), Decimal("2023.5"))),
        ("-a * b", ("*", ("oppose", "a"), "b")),
        ("a - -b", ("-", "a", ("oppose", "b"))),
        ("--a", ("oppose", ("oppose", "a"))),
        ("a entre b et c et d", ("et", ("entre", "a", "b", "c"), "d")),
        ("a + b entre c et d * e", ("entre", ("+", "a", "b"), "c", ("*", "d", "e"))),
        ("a dans [b, c + d]", ("dans", "a", "b", ("+", "c", "d"))),
        ("a est absent ou b est present", ("ou", ("absent", "a"), ("present", "b"))),
        ("a est absente", ("absent", "a")),
        ("a est presente", ("present", "a")),
        ("si a alors b sinon c ou d", ("si", "a", "b", ("ou", "c", "d"))),
        ("si a alors si b alors c sinon d sinon e", ("si", "a", ("si", "b", "c", "d"), "e")),
        ("a et si b alors c sinon d", ("et", "a", ("si", "b", "c", "d"))),
        ("non si a alors b sinon c", ("non", ("si", "a", "b", "c"))),
        ("min(a, b + c, d)", ("min", "a", ("+", "b", "c"), "d")),
        ("somme(p dans liste, p.prix * a)", ("somme", "p", "liste", ("*", "p.prix", "a"))),
        ("f((a dans [b]))", ("f", ("dans", "a", "b"))),
        ("a\n  et\n\tb", ("et", "a", "b")),
    ],
)
def test_operators_bind_as_the_grammar_says(text: str, expected: Any) -> None:
    assert shape(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "op", "value"),
    [
        ("12", "nombre", 12),
        ("007", "nombre", 7),
        ("58.33", "nombre", Decimal("58.33")),
        ("0.10", "nombre", Decimal("0.10")),
        ('"Mme. « Été »"', "texte", "Mme. « Été »"),
        ('""', "texte", ""),
        ("vrai", "booleen", True),
        ("faux", "booleen", False),
        ("2024-02-29", "date", date(2024, 2, 29)),
        ("2023-07-26T14:00:00", "instant", "2023-07-26T14:00:00"),
        ("2023-07-26T14:00:00+02:00", "instant", "2023-07-26T14:00:00+02:00"),
        ("15 jours", "duree", Duration(days=15)),
        ("1 jour", "duree", Duration(days=1)),
        ("2 ans", "duree", Duration(months=24)),
        ("1 an", "duree", Duration(months=12)),
        ("3 mois", "duree", Duration(months=3)),
        ("48 heures", "duree", Duration(seconds=172_800)),
        ("1 minute", "duree", Duration(seconds=60)),
        ("0 secondes", "duree", Duration()),
        ("avance.pieces.rib", "nom", "avance.pieces.rib"),
        ("etat", "nom", "etat"),
        ("oui", "nom", "oui"),
        ("_a1", "nom", "_a1"),
    ],
)
def test_a_literal_or_a_name_is_read_whole(text: str, op: str, value: Any) -> None:
    tree = parse(text)
    assert (tree.op, tree.value, repr(tree.value)) == (op, value, repr(value))


def test_a_decimal_keeps_every_digit_it_is_written_with() -> None:
    assert parse("0.1000000000000000055511151231257827").value == Decimal("0.1000000000000000055511151231257827")


# --- places -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("  age  ", "age"),
        ("a et non b", "a et non b"),
        ("min(a, b)", "min(a, b)"),
        ("-a", "-a"),
        ("a dans [1, 2]", "a dans [1, 2]"),
        ("a est absent", "a est absent"),
        ("si a alors b sinon c", "si a alors b sinon c"),
        ("15  jours", "15  jours"),
    ],
)
def test_a_tree_knows_its_place_in_the_text(text: str, place: str) -> None:
    tree = parse(text)
    assert text[tree.start : tree.end] == place


def test_each_operand_knows_its_own_place() -> None:
    text = "montant_du + 3 <= plafond"
    places = [text[arg.start : arg.end] for arg in parse(text).args]
    assert places == ["montant_du + 3", "plafond"]


# --- habits of other languages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "help"),
    [
        ("a == b", "==", "Écrivez `=`."),
        ("a && b", "&&", "Écrivez `et`."),
        ("a || b", "||", "Écrivez `ou`."),
        ("!a", "!", "Écrivez `non`."),
        ("a ≤ b", "≤", "Écrivez `<=`."),
        ("a ≥ b", "≥", "Écrivez `>=`."),
        ("a ≠ b", "≠", "Écrivez `!=`."),
        ("a – b", "–", "Écrivez `-`."),
        ("a − b", "−", "Écrivez `-`."),
        ("a — b", "—", "Écrivez `-`."),
        ("a × b", "×", "Écrivez `*`."),
        ("a x b", "x", "Écrivez `*`."),
        ("a ÷ b", "÷", "Écrivez `/`."),
        ("a fois b", "fois", "Écrivez `*`."),
        ("a and b", "and", "Écrivez `et`."),
        ("a or b", "or", "Écrivez `ou`."),
        ("not a", "not", "Écrivez `non`."),
        ("if a alors b sinon c", "if", "Écrivez `si`."),
        ("si a then b sinon c", "then", "Écrivez `alors`."),
        ("si a alors b else c", "else", "Écrivez `sinon`."),
        ("a in [1]", "in", "Écrivez `dans`."),
        ("prix = 58,33", ",", "Écrivez `58.33` : la décimale s'écrit avec un point."),
        (
            "prix = min(250000,00, plafond)",
            "250000,00",
            "Écrivez `250000.00` : la décimale s'écrit avec un point. Deux valeurs se séparent par `, `.",
        ),
        (
            "taux dans [1.5, 0,5]",
            "0,5",
            "Écrivez `0.5` : la décimale s'écrit avec un point. Deux valeurs se séparent par `, `.",
        ),
        ("prix = 1 250,50", "250", "Écrivez `1250.50` : un nombre s'écrit sans espace."),
        ("prix = 250 000.00", "000.00", "Écrivez `250000.00` : un nombre s'écrit sans espace."),
        ("prix = 1 250 000", "250", "Écrivez `1250000` : un nombre s'écrit sans espace."),
        ("prix = 250\u202f000", "\u202f", "Écrivez `250000`."),
        ("prix = 1\u00a0250\u00a0000 et a", "\u00a0", "Écrivez `1250000`."),
        ("prix = 250 €", "€", "Écrivez `250`."),
        ("prix = 12 250,50 €", "€", "Écrivez `12250.50`."),
        ("taux = 20 %", "%", "Écrivez `0.20`."),
        ("taux = 8,5 %", "%", "Écrivez `0.085`."),
        ("taux = 100%", "%", "Écrivez `1.00`."),
        ("a = 'oui'", "'oui'", 'Écrivez `"oui"`.'),
        ("a = ’oui’", "’oui’", 'Écrivez `"oui"`.'),
        ("a = « oui »", "« oui »", 'Écrivez `"oui"`.'),
        ("a = “oui”", "“oui”", 'Écrivez `"oui"`.'),
        ("a = « oui", "«", 'Un texte se met entre guillemets droits : `"`.'),
        ('a = "oui', '"', 'Écrivez `"oui"`.'),
        ('a = "oui et non', '"', 'Ajoutez `"` à la fin du texte.'),
        ('a = "oui\nnon"', '"', 'Ajoutez `"` à la fin du texte.'),
        ("dépositaire.né = 1", "é", "Écrivez `depositaire.ne`, sans accent."),
        ("sœur = 1", "œ", "Écrivez `soeur`, sans accent."),
        ("jour <= aujourd'hui", "aujourd'hui", "Écrivez `aujourd_hui`."),
        ("jour <= aujourd’hui et a", "aujourd’hui", "Écrivez `aujourd_hui`."),
        ("a n'est pas present", "n'est pas", "Écrivez `est absent`."),
        ("a n’est pas présente", "n’est pas", "Écrivez `est absent`."),
        ("a n'est pas absent", "n'est pas", "Écrivez `est present`."),
        ("a est pas absent", "pas", "Écrivez `est present`."),
        ("a est présente", "é", "Écrivez `present`."),
        ("a existe", "existe", "Écrivez `est present`."),
        ("a n'existe pas", "n'existe pas", "Écrivez `est absent`."),
        ("a n'est pas dans [1]", "n'est pas", "Écrivez `non`, la valeur, puis `dans […]`."),
        ("a est vrai", "vrai", "Écrivez `= vrai`."),
        ("a n'est pas vrai", "n'est pas", "Écrivez `!= vrai`."),
        ('a est "oui"', '"oui"', 'Écrivez `= "oui"`.'),
        ("a supérieur à b", "supérieur à", "Écrivez `>`."),
        ("a est superieur ou egal a b", "superieur", "Écrivez `>=`."),
        ("a inférieure ou égale à 3", "inférieure ou égale à", "Écrivez `<=`."),
        ("a différent de b", "différent de", "Écrivez `!=`."),
        ("a est supérieur à b", "est supérieur à", "Écrivez `>`."),
        ("jour avant autre", "avant", "Écrivez `<`."),
        ("jour après autre", "après", "Écrivez `>`."),
        ("recu + 3 moi", "moi", "Vouliez-vous dire `3 mois` ?"),
        ("recu + 2 semaines", "semaines", "Écrivez `14 jours`."),
        ("recu + 3 years", "years", "Écrivez `3 ans`."),
        ("recu + 3 années", "années", "Écrivez `3 ans`."),
        ("a < b < c", "<", "Deux comparaisons ne s'enchaînent pas : reliez-les par `et`, ou écrivez `x entre a et b`."),
        ("a = b = c", "=", "Deux comparaisons ne s'enchaînent pas : reliez-les par `et`, ou écrivez `x entre a et b`."),
        ("a <> b", "<>", "Écrivez `!=`."),
        ("a =< b", "=<", "Écrivez `<=`."),
        ("a => b", "=>", "Écrivez `>=`."),
        ("a ET b", "ET", "Écrivez `et`."),
        ("NON a", "NON", "Écrivez `non`."),
        ("Si a alors b sinon c", "Si", "Écrivez `si`."),
        (
            "a et/ou b",
            "et/ou",
            "Écrivez `ou`, qui est vrai aussi quand les deux le sont ; ou `et`, s'il faut les deux.",
        ),
        ("recu < 2023-06-30T14:00", "2023-06-30T14:00", "Écrivez `2023-06-30T14:00:00`."),
        ("recu < 2023-06-30 9:05", "2023-06-30 9:05", "Écrivez `2023-06-30T09:05:00`."),
        ("recu < 14:00", "14:00", "Une heure suit un jour : `AAAA-MM-JJT14:00:00`."),
        ("jour < 31/07/2023", "31/07/2023", "Écrivez `2023-07-31`."),
        ("jour < 1/7/2023 et vrai", "1/7/2023", "Écrivez `2023-07-01`."),
    ],
)
def test_a_habit_of_another_language_is_told_how_to_write_it(text: str, place: str, help: str) -> None:
    error = fault(text)
    assert text[error.start : error.end] == place
    assert help in error.help


@pytest.mark.parametrize(
    ("text", "start"),
    [("a == b", 2), ("a < b < c", 6), ("prix = 58,33", 9), ("si a alors b else c", 13), ("dépositaire = 1", 1)],
)
def test_a_fault_is_where_the_text_stops_making_sense(text: str, start: int) -> None:
    assert fault(text).start == start


# --- incomplete or misplaced --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a et", "une valeur ou un nom"),
        ("min(", "une valeur ou un nom"),
        ("min(a", "`)`"),
        ("somme(p dans liste", "`,`"),
        ("somme(p dans", "`[`"),
        ("(a", "`)`"),
        ("a dans", "`[`"),
        ("a dans [1", "`]`"),
        ("a entre 1", "`et`"),
        ("a est", "`absent` ou `present`"),
        ("si a", "`alors`"),
        ("si a alors b", "`sinon`"),
    ],
)
def test_an_expression_cut_short_says_what_was_expected(text: str, expected: str) -> None:
    error = fault(text)
    assert "s'arrête trop tôt" in error.message
    assert expected in error.message
    assert error.start == len(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (")", ")"),
        ("a dans []", "]"),
        ("a dans 3", "3"),
        ("a est vide", "vide"),
        ("a b", "b"),
        ("et a", "et"),
        ("min(a,)", ")"),
        ("a.", "."),
        ("a..b", "."),
        ("1.", "."),
        ("1e5", "e5"),
        ("a # b", "#"),
        ("a = ①", "①"),
    ],
)
def test_a_misplaced_token_is_pointed_at(text: str, place: str) -> None:
    error = fault(text)
    assert text[error.start : error.end] == place


@pytest.mark.parametrize(
    ("text", "place", "help"),
    [
        ("a =\u00a0b", "\u00a0", "Remplacez-la par une espace ordinaire."),
        ("a\u202f< b", "\u202f", "Remplacez-la par une espace ordinaire."),
        ("a est présent", "é", "Écrivez `present`."),
        ("a est présentes", "é", "Écrivez `present`."),
        ("présenté = b", "é", "Écrivez `presente`, sans accent."),
        ("préfet est present", "é", "Écrivez `prefet`, sans accent."),
    ],
)
def test_a_character_of_french_typing_is_told_with_what_to_write(text: str, place: str, help: str) -> None:
    error = fault(text)
    assert text[error.start : error.end] == place
    assert help in error.help


def test_a_day_that_does_not_exist_is_refused_at_its_place() -> None:
    error = fault("jour < 2023-02-30")
    assert (error.message, error.start, error.end) == ("le jour 2023-02-30 n'existe pas au calendrier", 7, 17)


def test_a_duration_counts_whole_units() -> None:
    error = fault("jour + 1.5 jours")
    assert (error.start, error.end) == (7, 10)
    assert "nombre entier" in error.message


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_expression_shows_what_one_looks_like(text: str) -> None:
    error = fault(text)
    assert error.message == "expression vide"
    assert "operateur.profil" in error.help


# --- bounds -------------------------------------------------------------------------------------------------------


def test_an_expression_of_the_greatest_length_is_read() -> None:
    parse("a".ljust(MAX_LENGTH))


def test_a_longer_expression_is_refused_with_its_length() -> None:
    assert f"{MAX_LENGTH + 1} caractères" in fault("a".ljust(MAX_LENGTH + 1)).message


def test_parentheses_nest_up_to_their_bound() -> None:
    nesting = MAX_DEPTH - 1
    parse("(" * nesting + "a" + ")" * nesting)


def test_one_parenthesis_more_is_refused_where_it_opens() -> None:
    error = fault("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)
    assert (error.message, error.start) == ("expression trop imbriquée", MAX_DEPTH)


def test_a_sum_has_as_many_levels_as_operators() -> None:
    parse("+".join(["a"] * MAX_LEVELS))


@pytest.mark.parametrize(
    "text",
    [
        "+".join(["a"] * (MAX_LEVELS + 1)),
        "*".join(["a"] * 900),
        "-" * 1_900 + "a",
        "non " * 490 + "a",
        "-" * MAX_LEVELS + "a",
    ],
    ids=["sum", "product", "signs", "negations", "one too many"],
)
def test_a_tree_too_deep_to_be_walked_is_refused(text: str) -> None:
    assert fault(text).message == "expression trop imbriquée"


def test_a_conjunction_of_many_terms_is_one_level_deep() -> None:
    assert len(parse(" et ".join(["a"] * 300)).args) == 300


# --- any text -----------------------------------------------------------------------------------------------------

FRAGMENTS = [
    *"et ou non si alors sinon dans entre est absent present vrai faux min( somme( p a b.c and true".split(),
    *"= != < <= > >= + - * / ( ) [ ] , . \" ' é ! & | € 1 2.50 2023-06-30 2023-02-30 2023-06-30T14:00:00Z".split(),
    *"jours mois an heures".split(),
]


@settings(max_examples=examples(300))
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=20).map(" ".join) | st.text(max_size=30))
def test_any_text_is_parsed_or_refused_at_a_place_within_it(text: str) -> None:
    place: Syntax | ExpressionError
    try:
        place = parse(text)
    except ExpressionError as error:
        place = error
    assert 0 <= place.start < place.end <= len(text) + isinstance(place, ExpressionError)


@pytest.mark.parametrize("text", ["9" * 40, f"0.{'9' * 40}", f"{'9' * 20}.{'9' * 20}", f"{'9' * 40} jours", "0" * 80])
def test_a_number_of_any_programme_is_read(text: str) -> None:
    parse(text)


@pytest.mark.parametrize("text", ["9" * 41, f"1.{'9' * 40}", "9" * 80, f"0.{'9' * 41}", f"{'9' * 80} mois"])
def test_a_number_that_nobody_can_mean_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="démesuré") as caught:
        parse(f"1 + {text}")
    assert caught.value.start == 4
