"""Static checking: each fault of names or types is refused where it stands, in words, with what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from recevable.language.check import Scope, compile_text, parse_decimal
from recevable.language.evaluate import Layout, build
from recevable.language.generated import Program
from recevable.language.prose import prose
from recevable.language.syntax import MAX_DEPTH, MAX_LEVELS, ExpressionError
from recevable.language.tree import FIELD, Expr, references
from recevable.language.types import Kind
from recevable.language.unparse import unparse

Typed = Callable[[str], Expr]
Refusal = Callable[[str], ExpressionError]


# --- types that are accepted --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("signe", Kind.BOOLEAN),
        ("age + 1", Kind.INTEGER),
        ("age + 1.5", Kind.NUMBER),
        ("1.5 + age", Kind.NUMBER),
        ("1.5 + 2", Kind.NUMBER),
        ("age / 2", Kind.NUMBER),
        ("age * rang", Kind.INTEGER),
        ("age * (1 / 2)", Kind.NUMBER),
        ("-age", Kind.INTEGER),
        ("prix + 1", Kind.AMOUNT),
        ("prix + (1 + 2.5)", Kind.AMOUNT),
        ("prix * 2", Kind.AMOUNT),
        ("age * prix", Kind.AMOUNT),
        ("taux * prix", Kind.AMOUNT),
        ("prix / 3", Kind.AMOUNT),
        ("prix / verse", Kind.NUMBER),
        ("prix / taux", Kind.AMOUNT),
        ("taux * taux", Kind.RATE),
        ("1 + taux", Kind.RATE),
        ("taux / 2", Kind.RATE),
        ("min(1, 2.5, prix)", Kind.AMOUNT),
        ("max(age, 1 / 2)", Kind.NUMBER),
        ('arrondi(prix, "0.01", "demi_superieur")', Kind.AMOUNT),
        ('arrondi(age, "10", "inferieur")', Kind.NUMBER),
        ("si signe alors prix sinon 0", Kind.AMOUNT),
        ("si signe alors 1 sinon 2.5", Kind.NUMBER),
        ("jour + 15 jours", Kind.DATE),
        ("jour - jours(age)", Kind.DATE),
        ("jour + (jour - veille)", Kind.DATE),
        ("recu + 48 heures", Kind.INSTANT),
        ("recu + (ferme - recu)", Kind.INSTANT),
        ("recu - 1 jours", Kind.INSTANT),
        ("jour - veille", Kind.DURATION),
        ("recu - ferme", Kind.DURATION),
        ("15 jours + 2 heures", Kind.DURATION),
        ("2 ans - 1 mois", Kind.DURATION),
        ('decale(jour, 2 ans + 1 jours, "fin_de_mois")', Kind.DATE),
        ('decale(jour, engagement, "mois_suivant")', Kind.DATE),
        ('decale(recu, 1 mois + 2 heures, "fin_de_mois")', Kind.INSTANT),
        ("jour + delai", Kind.DATE),
        ("recu + preavis", Kind.INSTANT),
        ("somme(l dans lignes, l.nombre)", Kind.INTEGER),
        ("somme(l dans lignes, l.prix * taux)", Kind.AMOUNT),
        ("nombre(l dans lignes, l.recu)", Kind.INTEGER),
        ("tous(l dans lignes, tous(m dans lignes, l.prix >= m.prix))", Kind.BOOLEAN),
        ('reponse("APP-AVIS")', Kind.TEXT),
        ("aujourd_hui", Kind.DATE),
        ('profil = "acheteur" ou signe', Kind.BOOLEAN),
        ("piece est absent", Kind.BOOLEAN),
        ("lignes est present", Kind.BOOLEAN),
        ("signe = (age > 3)", Kind.BOOLEAN),
        ("1 = 1.0", Kind.BOOLEAN),
        ("age > 1 / 4", Kind.BOOLEAN),
        ("jour - veille <= 15 jours", Kind.BOOLEAN),
    ],
)
def test_a_sound_expression_has_its_type(text: str, kind: Kind, typed: Typed) -> None:
    assert typed(text).type.kind is kind


# --- types that are refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("jour > 3", "3", "impossible de comparer `date` et `entier`"),
        ("jour < recu", "recu", "impossible de comparer `date` et `instant`"),
        ('age = "3"', '"3"', "impossible de comparer `entier` et `texte`"),
        ("prix > age", "age", "impossible de comparer `montant` et `entier`"),
        ("prix = taux", "taux", "impossible de comparer `montant` et `taux`"),
        ("taux + prix", "prix", "impossible d'additionner `taux` et `montant`"),
        ("prix - taux", "taux", "impossible de soustraire `montant` et `taux`"),
        ("prix + age", "age", "impossible d'additionner `montant` et `entier`"),
        ("min(prix, taux)", "taux", "impossible de comparer `montant` et `taux`"),
        ("age dans [1, prix]", "prix", "impossible de comparer `entier` et `montant`"),
        ("age entre 1 et prix", "prix", "impossible de comparer `entier` et `montant`"),
        ("prix * verse", "verse", "multiplier deux montants n'a pas de sens"),
        ("2 / prix", "2", "seul un montant se divise par un montant"),
        ("taux / prix", "taux", "seul un montant se divise par un montant"),
        ("nom + 1", "nom", "un nombre est attendu, `texte` trouvé"),
        ("signe * 2", "signe", "un nombre est attendu, `booleen` trouvé"),
        ("2 / signe", "signe", "un nombre est attendu, `booleen` trouvé"),
        ("-signe", "signe", "un nombre ou une durée est attendu, `booleen` trouvé"),
        ("15 jours * 2.5", "2.5", "`entier` attendu, `nombre` trouvé"),
        ("15 jours + jour", "15 jours", "un nombre est attendu, `duree` trouvé"),
        ("jour - recu", "jour", "un nombre est attendu, `date` trouvé"),
        ("age et signe", "age", "`booleen` attendu, `entier` trouvé"),
        ("signe ou nom", "nom", "`booleen` attendu, `texte` trouvé"),
        ("non prix", "prix", "`booleen` attendu, `montant` trouvé"),
        ("si age alors 1 sinon 2", "age", "`booleen` attendu, `entier` trouvé"),
        ("si signe alors prix sinon taux", "taux", "les deux issues diffèrent : `montant` et `taux`"),
        ('si signe alors 1 sinon "a"', '"a"', "les deux issues diffèrent : `entier` et `texte`"),
        ('nom < "b"', "nom", "un `texte` ne s'ordonne pas"),
        ("signe > vrai", "signe", "un `booleen` ne s'ordonne pas"),
        ('min("a", "b")', '"a"', "un `texte` ne s'ordonne pas"),
        ("piece = piece", "piece", "un `objet` ne se compare pas"),
        ("lignes = lignes", "lignes", "un `liste` ne se compare pas"),
        ("date_de(jour)", "jour", "`instant` attendu, `date` trouvé"),
        ("fin_de_jour(recu)", "recu", "`date` attendu, `instant` trouvé"),
        ("longueur(age)", "age", "`texte` attendu, `entier` trouvé"),
        ("siret_valide(73282932000074)", "73282932000074", "`texte` attendu, `entier` trouvé"),
        ("jours(prix)", "prix", "`entier` attendu, `montant` trouvé"),
        ("jours(1.5)", "1.5", "`entier` attendu, `nombre` trouvé"),
        ("jours(age * 1.5)", "age * 1.5", "`entier` attendu, `nombre` trouvé"),
        ("jours(age + 0.5)", "age + 0.5", "`entier` attendu, `nombre` trouvé"),
        (
            'jours(arrondi(age, "1", "inferieur"))',
            'arrondi(age, "1", "inferieur")',
            "`entier` attendu, `nombre` trouvé",
        ),
        ("somme(l dans lignes, l.jour)", "l.jour", "un nombre est attendu, `date` trouvé"),
        ("nombre(l dans lignes, l.prix)", "l.prix", "`booleen` attendu, `montant` trouvé"),
        ("tous(l dans lignes, l.prix)", "l.prix", "`booleen` attendu, `montant` trouvé"),
        ('arrondi(nom, "1", "inferieur")', "nom", "un nombre est attendu, `texte` trouvé"),
        ('decale(age, 1 mois, "fin_de_mois")', "age", "une date ou un instant est attendu, `entier` trouvé"),
        ('decale(jour, 3, "fin_de_mois")', "3", "`duree` attendu, `entier` trouvé"),
    ],
)
def test_a_type_error_is_refused_at_the_operand(text: str, place: str, message: str, refusal: Refusal) -> None:
    error = refusal(text)
    assert error.message == message
    assert text[error.start : error.end] == place


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("jour < recu", "Écrivez `date_de(…)` autour de l'instant, ou `fin_de_jour(…)` autour de la date."),
        ("recu = jour", "Écrivez `date_de(…)` autour de l'instant, ou `fin_de_jour(…)` autour de la date."),
        ("jour > 3", "écrivez ici une date, comme `2023-06-30`"),
        ("prix = taux", "écrivez ici un montant, comme `1234.50`"),
        ('signe = "oui"', "écrivez ici `vrai` ou `faux`"),
        ("age / 2 = prix", "Les deux côtés doivent être de même nature."),
    ],
)
def test_two_natures_that_do_not_meet_are_told_what_to_write(text: str, help: str, refusal: Refusal) -> None:
    assert help in refusal(text).help


MONTHS = "une durée en mois ou en années n'a pas de longueur fixe"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("jour + 2 mois", "2 mois"),
        ("jour - 1 ans", "1 ans"),
        ("recu + 1 mois", "1 mois"),
        ("jour + (1 mois + 1 jours)", "1 mois + 1 jours"),
        ("jour + (si signe alors 1 mois sinon 15 jours)", "si signe alors 1 mois sinon 15 jours"),
        ("jour + engagement", "engagement"),
    ],
)
def test_months_are_never_added_as_days(text: str, place: str, refusal: Refusal) -> None:
    error = refusal(text)
    assert (error.message, error.help) == (MONTHS, "Employez `decale(date, durée, règle)`.")
    assert text[error.start : error.end].strip("()") == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("jour - veille > 1 mois", "1 mois"),
        ("1 mois = 30 jours", "1 mois"),
        ("jour - veille dans [15 jours, 1 mois]", "1 mois"),
        ("jour - veille entre 15 jours et engagement", "engagement"),
        ("min(1 mois, 31 jours)", "1 mois"),
        ("24 heures / engagement", "engagement"),
    ],
)
def test_months_are_never_measured_in_days(text: str, place: str, refusal: Refusal) -> None:
    error = refusal(text)
    assert error.message == MONTHS
    assert error.help.startswith("Comparez-la à une autre durée en mois")
    assert text[error.start : error.end].strip("()") == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("jour + 24 heures", "24 heures"),
        ("jour + (1 jours + 1 secondes)", "1 jours + 1 secondes"),
        ("jour - (recu - ferme)", "recu - ferme"),
        ("jour + preavis", "preavis"),
        ('decale(jour, 1 mois + 1 heures, "fin_de_mois")', "1 mois + 1 heures"),
        ('decale(jour, preavis, "fin_de_mois")', "preavis"),
    ],
)
def test_a_date_takes_no_hours(text: str, place: str, refusal: Refusal) -> None:
    error = refusal(text)
    assert error.message == "on n'ajoute pas des heures à une date"
    assert text[error.start : error.end].strip("()") == place


@pytest.mark.parametrize(
    ("text", "place", "help"),
    [
        ('profil = "achteur"', '"achteur"', "Vouliez-vous dire `acheteur` ?"),
        ('"developeur" = profil', '"developeur"', "Vouliez-vous dire `developpeur` ?"),
        ('profil != "x"', '"x"', "Valeurs possibles : `developpeur`, `acheteur`."),
        ('profil dans ["acheteur", "devlopeur"]', '"devlopeur"', "Vouliez-vous dire `developpeur` ?"),
        ('tous(l dans lignes, l.nature = "Acheteur")', '"Acheteur"', "Vouliez-vous dire `acheteur` ?"),
        ('reponse("APP-AVIS") = "favorables"', '"favorables"', "Vouliez-vous dire `favorable` ou `defavorable` ?"),
    ],
)
def test_a_value_that_a_closed_text_never_takes_is_refused(text: str, place: str, help: str, refusal: Refusal) -> None:
    error = refusal(text)
    assert "n'est pas une valeur possible de ce champ" in error.message
    assert (text[error.start : error.end], error.help) == (place, help)


# --- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message", "place", "help"),
    [
        ("prxi > 3", "nom inconnu : `prxi`", "prxi", "Vouliez-vous dire `prix`"),
        ("piece.lisble", "champ inconnu : `piece.lisble`", "piece.lisble", "`piece.lisible`"),
        ("demande.lisble", "champ inconnu : `demande.lisble`", "demande.lisble", "`demande.lisible`"),
        ("plafon < prix", "nom inconnu : `plafon`", "plafon", "`plafond`"),
        ("aujourdhui > jour", "nom inconnu : `aujourdhui`", "aujourdhui", "`aujourd_hui`"),
        ("zzz", "nom inconnu : `zzz`", "zzz", "Ni champ du dossier"),
        ("signe = true", "nom inconnu : `true`", "true", "Écrivez `vrai`"),
        ("signe = VRAI", "nom inconnu : `VRAI`", "VRAI", "Écrivez `vrai`"),
        ("signe = oui", "nom inconnu : `oui`", "oui", "Écrivez `vrai`"),
        (
            "profil = acheteur",
            "nom inconnu : `acheteur`",
            "acheteur",
            'Un texte se met entre guillemets : `"acheteur"`.',
        ),
        ("jour.mois", "champ inconnu : `jour.mois`", "jour.mois", "Un champ nouveau se déclare d'abord dans le schéma"),
        ("lignes.prix", "champ inconnu : `lignes.prix`", "lignes.prix", ""),
        ("somme(l dans lignes, l.prx)", "champ inconnu : `l.prx`", "l.prx", "`l.prix`"),
        ("mn(1, 2)", "fonction inconnue : `mn`", "mn", "`min`"),
        (
            "zzz(1)",
            "fonction inconnue : `zzz`",
            "zzz",
            "Fonctions : age, ajoute_jours_ouvrables, ajoute_jours_ouvres, annee",
        ),
        ('reponse("APP-AVI")', "appréciation inconnue : `APP-AVI`", '"APP-AVI"', "`APP-AVIS`"),
        ("reponse(nom)", "appréciation inconnue : `nom`", "nom", "identifiant d'une règle"),
    ],
)
def test_an_unknown_name_is_refused_with_the_closest_one(
    text: str, message: str, place: str, help: str, refusal: Refusal
) -> None:
    error = refusal(text)
    assert error.message == message
    assert text[error.start : error.end] == place
    assert help in error.help


@pytest.mark.parametrize("text", ["min(1)", 'arrondi(prix, "0.01")', "date_de(recu, ferme)", "jours()"])
def test_a_wrong_number_of_operands_is_refused_with_the_usage(text: str, refusal: Refusal) -> None:
    error = refusal(text)
    name = text.partition("(")[0]
    assert f"`{name}` reçoit" in error.message
    assert f"`{name}(" in error.help


@pytest.mark.parametrize("text", ["somme(lignes, 1)", "min(l dans lignes, l.prix)", "tous(signe)"])
def test_a_function_is_used_with_a_list_or_without_but_not_both(text: str, refusal: Refusal) -> None:
    error = refusal(text)
    assert "s'emploie autrement" in error.message
    assert text.partition("(")[0] in error.help


@pytest.mark.parametrize(
    "text", ["nombre(l dans nom, vrai)", "nombre(l dans piece, vrai)", "nombre(l dans plafond, vrai)"]
)
def test_only_a_list_of_the_dossier_is_walked(text: str, refusal: Refusal) -> None:
    assert "une liste du dossier est attendue" in refusal(text).message


@pytest.mark.parametrize("name", ["prix", "piece", "plafond", "demande", "aujourd_hui"])
def test_a_loop_variable_never_hides_another_name(name: str, refusal: Refusal) -> None:
    assert refusal(f"nombre({name} dans lignes, vrai)").message == f"`{name}` désigne déjà autre chose"


def test_a_loop_variable_never_hides_the_one_of_the_loop_around(refusal: Refusal) -> None:
    error = refusal("tous(l dans lignes, tous(l dans lignes, l.recu))")
    assert error.message == "`l` désigne déjà autre chose"


def test_a_loop_variable_has_no_dot(refusal: Refusal) -> None:
    assert "`l.m` ne peut pas nommer un élément" in refusal("nombre(l.m dans lignes, vrai)").message


def test_a_loop_variable_ends_with_its_loop(refusal: Refusal) -> None:
    assert refusal("tous(l dans lignes, l.recu) et l.recu").message == "champ inconnu : `l.recu`"


def test_an_alias_stands_for_the_path_it_names(typed: Typed) -> None:
    assert typed("demande.lisible") == typed("piece.lisible")


@pytest.mark.parametrize("text", ["plafond est present", "total est absent", "est_acheteur est present"])
def test_only_a_field_can_be_present(text: str, refusal: Refusal) -> None:
    assert "n'est pas un champ du dossier" in refusal(text).message


def test_presence_is_asked_of_a_name_and_not_of_a_computation(refusal: Refusal) -> None:
    text = "(prix + 1) est absent"
    error = refusal(text)
    assert text[error.start : error.end] == "prix + 1"


# --- operands written in the rule ---------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["0", "0.00", "-0.01", "abc", "", "NaN", "Infinity", "1E1", "0,01", "٠.٠١", " 0.01"])
def test_a_rounding_step_is_a_positive_decimal(step: str, refusal: Refusal) -> None:
    text = f'arrondi(prix, "{step}", "inferieur")'
    error = refusal(text)
    assert "n'est pas un pas d'arrondi" in error.message
    assert text[error.start : error.end] == f'"{step}"'


@pytest.mark.parametrize(
    ("text", "place", "help"),
    [
        ('arrondi(prix, 0.01, "inferieur")', "0.01", "un texte entre guillemets"),
        ('arrondi(prix, nom, "inferieur")', "nom", "un texte entre guillemets"),
        ('arrondi(prix, "0.01", "bas")', '"bas"', '`"demi_superieur"`, `"demi_pair"`'),
        ('arrondi(prix, "0.01", nom)', "nom", '`"inferieur"`, `"superieur"`'),
        ('decale(jour, 1 mois, "dernier")', '"dernier"', '`"fin_de_mois"`, `"mois_suivant"`'),
    ],
)
def test_an_option_is_written_in_the_rule(text: str, place: str, help: str, refusal: Refusal) -> None:
    error = refusal(text)
    assert "en toutes lettres dans la règle" in error.message
    assert text[error.start : error.end] == place
    assert help in error.help


# --- instants -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["recu < 2023-03-26T02:30:00", "recu < 2023-10-29T02:30:00", "recu < 2023-06-30T25:00:00"]
)
def test_a_local_time_that_cannot_be_read_is_refused_at_its_place(text: str, refusal: Refusal) -> None:
    error = refusal(text)
    assert text[error.start : error.end] == text.removeprefix("recu < ")


# --- the place ----------------------------------------------------------------------------------------------------


def test_a_place_that_wants_a_condition_refuses_anything_else(scope: Scope) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_text(" age + 1", scope, Kind.BOOLEAN)
    error = caught.value
    assert (error.message, error.start, error.end) == ("`booleen` attendu ici, `entier` trouvé", 1, 8)
    assert "Écrivez une comparaison" in error.help


@pytest.mark.parametrize(
    "text",
    [
        "+".join(["age"] * MAX_LEVELS),
        "(" * (MAX_DEPTH - 1) + "non signe" + ")" * (MAX_DEPTH - 1),
        "si signe alors " * (MAX_DEPTH - 1) + "1" + " sinon 2" * (MAX_DEPTH - 1),
        "max(1, " * (MAX_DEPTH - 1) + "-age" + ")" * (MAX_DEPTH - 1),
    ],
    ids=["sum", "parentheses", "conditions", "calls"],
)
def test_the_deepest_expression_goes_through_every_pass(text: str, typed: Typed, scope: Scope) -> None:
    expr = typed(text)
    layout = Layout(scope.zone)
    evaluator, run = build(expr, layout), Program([expr], layout)
    assert [evaluator(layout.empty())] == run(layout.empty())
    assert typed(unparse(expr)) == expr
    assert prose(expr, lambda op, name: name, lambda value, type_: str(value))
    assert set(references(expr)) <= {"age", "signe"}


# --- equality of trees --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("age  +  1", "age + 1"),
        ("(prix)", "prix"),
        ("demande.jour = veille", "piece.jour = veille"),
        ("jour + 1 jour", "jour + 1 jours"),
        ("1 ans + 1 jours", "12 mois + 1 jours"),
        ("recu < 2023-07-26T14:00:00", "recu < 2023-07-26T12:00:00Z"),
    ],
)
def test_texts_that_compute_the_same_thing_are_equal(one: str, other: str, typed: Typed) -> None:
    assert typed(one) == typed(other)
    assert hash(typed(one)) == hash(typed(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("recu + 1 jours", "recu + 24 heures"),
        ("prix * 2.0", "prix * 2.00"),
        ("prix * 1", "prix * 1.0"),
        ("signe = vrai", "signe = faux"),
        ("age - rang", "rang - age"),
        ("age = 1", "rang = 1"),
        ("piece est absent", "piece est present"),
        ("tous(l dans lignes, l.recu)", "certains(l dans lignes, l.recu)"),
    ],
)
def test_texts_that_may_compute_different_things_are_not_equal(one: str, other: str, typed: Typed) -> None:
    assert typed(one) != typed(other)


# --- what an expression reads -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("prix + verse * 2", ["prix", "verse"]),
        ("prix + plafond + total", ["prix"]),
        ("piece est absent", ["piece"]),
        ("somme(l dans lignes, l.prix * taux)", ["lignes", "taux"]),
        ("tous(l dans lignes, l.jour est absent)", ["lignes"]),
        ("age = age", ["age"]),
        ("1 < 2", []),
    ],
)
def test_the_fields_that_a_tree_reads_are_named_once_in_order(text: str, fields: list[str], typed: Typed) -> None:
    assert references(typed(text), FIELD) == fields


# --- decimals of a pack -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0", "58.33", "-12.50", "999999999999999.9999999999"])
def test_a_decimal_of_a_pack_is_read_exactly(text: str) -> None:
    assert str(parse_decimal(text)) == text


@pytest.mark.parametrize("text", ["", "58,33", "1e3", "1 000", "٣", "NaN", "+1", ".5", "5.", "1" * 16, "0.12345678901"])
def test_any_other_writing_of_a_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="n'est pas un nombre décimal"):
        parse_decimal(text)


def test_a_decimal_comma_is_told_about_the_point() -> None:
    with pytest.raises(ValueError, match="la décimale s'écrit avec un point"):
        parse_decimal("58,33")


def test_a_decimal_of_a_pack_is_never_a_float() -> None:
    assert parse_decimal("0.1") * 3 == Decimal("0.3")
