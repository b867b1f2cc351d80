"""Expressions in French words: one reading only, and yes or no said of what is true or false."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recevable.language.check import Scope, compile_text
from recevable.language.prose import prose
from recevable.language.tree import Expr
from recevable.language.types import TEXT, Kind, Type
from recevable.language.unparse import literal

Typed = Callable[[str], Expr]


def titles(op: str, name: str) -> str:
    return {"signe": "Signature", "complet": "Dossier complet", "piece.lisible": "Pièce lisible"}.get(name, name)


def values(value: Any, type_: Type) -> str:
    return f"{type_.kind} {literal(value)}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("signe", "« Signature » : oui"),
        ("non signe", "« Signature » : non"),
        ("signe = faux", "« Signature » : non"),
        ("signe != faux", "« Signature » : oui"),
        ("piece.lisible et signe", "« Pièce lisible » : oui et « Signature » : oui"),
        ("age = 3", "« age » est égal à entier 3"),
        ("non age = 3", "« age » diffère de entier 3"),
        ("non age < 3", "« age » est au moins entier 3"),
        ("non age <= 3", "« age » est supérieur à entier 3"),
        ("age > 3", "« age » est supérieur à entier 3"),
        ("age entre 1 et 3", "« age » est compris entre entier 1 et entier 3"),
        ('profil dans ["acheteur", "developpeur"]', '« profil » est parmi texte "acheteur", texte "developpeur"'),
        ("nom est present", "« nom » est fourni"),
        ("non nom est present", "« nom » n'est pas fourni"),
        ("nom est absent", "« nom » n'est pas fourni"),
        ('reponse("APP-AVIS") = "favorable"', 'la réponse à « APP-AVIS » est égal à texte "favorable"'),
        (
            "nombre(l dans lignes, l.recu et l.nombre = 2) <= 1",
            "(le nombre, parmi « lignes », de ceux pour lesquels recu : oui et nombre est égal à entier 2) est au plus "
            "entier 1",
        ),
        ("min(prix, verse, plafond)", "le plus petit de « prix » et « verse » et « plafond »"),
        ("siret_valide(siret)", "« siret » est un SIRET valide"),
        ("non siret_valide(siret)", "il n'est pas vrai que « siret » est un SIRET valide"),
        ("somme(l dans lignes, l.prix)", "la somme, sur « lignes », de prix"),
        ("tous(l dans lignes, l.recu)", "pour chaque élément de « lignes », recu : oui"),
        (
            "somme(l dans lignes si l.recu, l.prix)",
            "la somme, sur « lignes » (seulement les éléments pour lesquels recu : oui), de prix",
        ),
        (
            "tous(l dans lignes, certains(m dans l.lots si m.prix > 2, m.recu))",
            "pour chaque élément de « lignes » (l'élément est noté l), pour l'un des éléments de lots de l (l'élément "
            "est noté m) (seulement les éléments pour lesquels prix de m est supérieur à entier 2), recu de m : oui",
        ),
        ('motif(nom, "[A-Z]+")', '« nom » a la forme texte "[A-Z]+"'),
        ("tous(l dans lignes, l.jour est absent)", "pour chaque élément de « lignes », jour n'est pas fourni"),
        (
            "somme(f dans lignes, somme(l dans lignes, si f.jour = l.jour alors f.prix * l.nombre sinon 0))",
            "la somme, sur « lignes » (l'élément est noté f), de (la somme, sur « lignes » (l'élément est noté l), de "
            "(prix de f multiplié par nombre de l si jour de f est égal à jour de l, sinon entier 0))",
        ),
        (
            "tous(f dans lignes, f.recu et certains(l dans lignes, l.jour est present et l.recu) et f.jour est absent)",
            "pour chaque élément de « lignes » (l'élément est noté f), recu de f : oui et (pour l'un des éléments de "
            "« lignes » (l'élément est noté l), jour de l est fourni et recu de l : oui) et jour de f n'est pas fourni",
        ),
        (
            "tous(f dans lignes, nombre(l dans lignes, l.recu) = 1) et tous(l dans lignes, l.recu)",
            "(pour chaque élément de « lignes » (l'élément est noté f), (le nombre, parmi « lignes » (l'élément est "
            "noté l), de ceux pour lesquels recu de l : oui) est égal à entier 1) et (pour chaque élément de "
            "« lignes », recu : oui)",
        ),
        ("aujourd_hui < jour", "la date du jour précède « jour »"),
        ("jour + 15 jours", "« jour » plus duree 15 jours"),
        ("si signe alors 1 sinon 2", "entier 1 si « Signature » : oui, sinon entier 2"),
    ],
)
def test_an_expression_is_said_in_french(text: str, sentence: str, typed: Typed) -> None:
    assert prose(typed(text), titles, values) == sentence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("signe et (complet ou est_acheteur)", "signe et complet ou est_acheteur"),
        ("(age + rang) * 2 > 3", "age + rang * 2 > 3"),
        ("age - (rang - 2) > 3", "age - rang - 2 > 3"),
        ("prix / (2 * 3) > 3", "prix / 2 * 3 > 3"),
        ("-(age + rang) > 3", "-age + rang > 3"),
        ('arrondi(prix + verse, "1", "inferieur") > 3', 'prix + arrondi(verse, "1", "inferieur") > 3'),
        ("non (siret_valide(nom) et signe)", "non siret_valide(nom) et signe"),
        ("tous(l dans lignes, l.recu et signe)", "tous(l dans lignes, l.recu) et signe"),
        ("nombre(l dans lignes, l.recu et age = rang) <= 1", "nombre(l dans lignes, l.recu) <= 1 et age = rang"),
        (
            "si signe alors complet sinon (est_acheteur et complet)",
            "(si signe alors complet sinon est_acheteur) et complet",
        ),
    ],
)
def test_two_readings_are_two_sentences(one: str, other: str, typed: Typed) -> None:
    assert prose(typed(one), titles, values) != prose(typed(other), titles, values)


_NAMED = Type(Kind.TEXT, values=("dom", "autre"), labels={"dom": "Outre-mer", "autre": "Autre lieu"})
_PLACES = Scope(
    facts=Type(
        Kind.OBJECT,
        fields={
            "lieu": _NAMED,
            "nom": TEXT,
            "lignes": Type(Kind.LIST, item=Type(Kind.OBJECT, fields={"lieu": _NAMED})),
        },
    ),
    zone=ZoneInfo("Europe/Paris"),
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('lieu = "dom"', "« lieu » est égal à « Outre-mer »"),
        ('"dom" != lieu', "« Outre-mer » diffère de « lieu »"),
        ('non (lieu = "dom")', "« lieu » diffère de « Outre-mer »"),
        ('lieu dans ["dom", "autre"]', "« lieu » est parmi « Outre-mer », « Autre lieu »"),
        (
            'certains(l dans lignes, l.lieu = "autre")',
            "pour l'un des éléments de « lignes », lieu est égal à « Autre lieu »",
        ),
        (
            '"dom" dans liste(l dans lignes, l.lieu)',
            "« Outre-mer » est parmi (les valeurs, sur « lignes », de lieu)",
        ),
        ('nom = "dom"', '« nom » est égal à texte "dom"'),
    ],
)
def test_a_value_that_the_schema_names_is_said_by_its_name(text: str, sentence: str) -> None:
    assert prose(compile_text(text, _PLACES), titles, values) == sentence
