"""The two validators give the same answer, and a refusal says in French what is wrong, where, and what to write."""

from __future__ import annotations

import copy
import json
import re
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema_rs
import pytest
import referencing.exceptions
from hypothesis import given
from hypothesis import strategies as st
from tests.bounds import lines_of

from recevable.dossier.dossier import load
from recevable.dossier.explain import MAX_ERRORS
from recevable.dossier.positions import scan
from recevable.dossier.validate import SchemaValidator
from recevable.language.diagnostics import Diagnostic, DiagnosticError

PARIS = ZoneInfo("Europe/Paris")
ENGLISH = re.compile(
    r"\b(is|was|not|the|of|a required|property|properties|were|unexpected|does|match|valid|under|any|schema|expected"
    r"|too|long|short|greater|less|than|additional|const|enum)\b",
    re.IGNORECASE,
)


def explained(schema: dict[str, Any], instance: object) -> list[Diagnostic]:
    """What is said of an instance written on several lines."""
    validator = SchemaValidator({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, PARIS)
    text = json.dumps(instance, ensure_ascii=False, indent=2)
    found = validator.explain(instance, scan(text), "essai.json")
    assert validator.accepts(instance) == (not found)
    return found


def words(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.message} {diagnostic.help}"


def member(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object whose member `a` has the given one."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {"a": {"description": "Dit quoi.", **schema}},
    }


TEXT, INTEGER, BOOLEAN = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
LIST, OBJECT = {"type": "array", "items": {}}, {"type": "object"}
INVISIBLE = {"type": "string", "not": {"pattern": "[\\u0000-\\u001F]"}}


@pytest.mark.parametrize(("schema", "value", "message", "help"), [
    (TEXT, 8000, "il faut un texte, `8000` trouvé", "Mettez la valeur entre guillemets."),
    (TEXT, None, "il faut un texte, `null` trouvé", "Un renseignement qu'on n'a pas s'omet : supprimez ce champ."),
    (TEXT, [], "il faut un texte, une liste trouvée", "Dit quoi."),
    (INTEGER, "3", 'il faut un nombre entier, `"3"` trouvé', "Écrivez le nombre sans guillemets."),
    (INTEGER, "trois", 'il faut un nombre entier, `"trois"` trouvé', "Dit quoi."),
    (INTEGER, True, "il faut un nombre entier, `true` trouvé", "Dit quoi."),
    (BOOLEAN, 1, "il faut `true` ou `false`, `1` trouvé", "Écrivez `true` ou `false`, sans guillemets."),
    (BOOLEAN, "oui", 'il faut `true` ou `false`, `"oui"` trouvé', "Écrivez `true` ou `false`, sans guillemets."),
    (LIST, {}, "il faut une liste `[…]`, un objet trouvé", "Dit quoi."),
    (OBJECT, [], "il faut un objet `{…}`, une liste trouvée", "Dit quoi."),
    ({"type": ["integer", "null"]}, "x", 'il faut un nombre entier ou `null`, `"x"` trouvé', "Dit quoi."),
    ({"enum": ["acheteur", "vendeur"]}, "acheteurs", "`acheteurs` n'est pas une valeur permise",
     "Vouliez-vous dire `acheteur` ?"),
    ({"enum": ["acheteur", "vendeur"]}, "x", "`x` n'est pas une valeur permise",
     "Valeurs possibles : `acheteur`, `vendeur`."),
    ({"const": "prime"}, "prim", "`prim` n'est pas une valeur permise", "Vouliez-vous dire `prime` ?"),
    ({"type": "integer", "minimum": 0}, -1, "il faut au moins 0, `-1` trouvé", "Dit quoi."),
    ({"type": "integer", "maximum": 9}, 10, "il faut au plus 9, `10` trouvé", "Dit quoi."),
    ({"type": "integer", "exclusiveMinimum": 0}, 0, "il faut plus de 0, `0` trouvé", "Dit quoi."),
    ({"type": "integer", "exclusiveMaximum": 9}, 9, "il faut moins de 9, `9` trouvé", "Dit quoi."),
    ({"type": "integer", "multipleOf": 5}, 7, "il faut un multiple de 5, `7` trouvé", "Dit quoi."),
    ({"type": "string", "minLength": 1}, "", "il faut un texte qui ne soit pas vide, un texte vide trouvé",
     "Dit quoi."),
    ({"type": "string", "minLength": 3}, "é", "il faut au moins 3 caractères, il y en a 1", "Dit quoi."),
    ({"type": "string", "maxLength": 3}, "éééé", "il faut au plus 3 caractères, il y en a 4", "Dit quoi."),
    ({"type": "string", "pattern": "\\S"}, " ", "il faut un texte qui ne soit pas vide, ` ` trouvé", "Dit quoi."),
    ({"type": "string", "pattern": "^[A-Z]{3}$"}, "ab", "il faut la forme `^[A-Z]{3}$`, `ab` trouvé", "Dit quoi."),
    ({"type": "array", "items": {}, "maxItems": 1}, [1, 2], "il faut au plus 1 élément, il y en a 2", "Dit quoi."),
    ({"type": "array", "items": {}, "minItems": 1}, [], "il faut au moins 1 élément, une liste trouvée", "Dit quoi."),
    ({"type": "object", "maxProperties": 1}, {"b": 1, "c": 2}, "il faut au plus 1 champ, il y en a 2", "Dit quoi."),
    ({"type": "object", "minProperties": 2}, {"b": 1}, "il faut au moins 2 champs, il y en a 1", "Dit quoi."),
    ({"type": "string", "format": "date"}, "2023-02-30", "`2023-02-30` n'est pas une date",
     "Le jour 2023-02-30 n'existe pas au calendrier."),
    ({"type": "string", "format": "montant"}, "8 000,00", "`8 000,00` n'est pas un montant en euros",
     "Un montant s'écrit en euros avec deux décimales et un point, par exemple 8000.00."),
    ({"type": "string", "format": "taux"}, "20 %", "`20 %` n'est pas un taux",
     "Un taux s'écrit en décimal, par exemple 0.20 pour 20 %."),
    ({"type": "string", "format": "instant"}, "14h00", "`14h00` n'est pas un instant",
     "Un instant s'écrit AAAA-MM-JJThh:mm:ss, suivi de préférence de Z ou d'un décalage comme +02:00."),
    ({"type": "string", "format": "uri"}, "exemple.fr/é",
     "`exemple.fr/é` n'est pas une adresse web complète, comme https://exemple.fr/documentation", "Dit quoi."),
    ({"type": "string", "format": "email"}, "contact",
     "`contact` n'est pas une adresse de messagerie, comme contact@exemple.fr", "Dit quoi."),
    ({"type": "string", "format": "ipv4"}, "1", "`1` n'est pas au format `ipv4`", "Dit quoi."),
    (INVISIBLE, "a\x1b[2J", "`a\x1b[2J` contient un caractère qui n'est pas permis (U+001B)",
     "Supprimez les caractères invisibles et les retours à la ligne."),
    ({"type": "object", "anyOf": [{"required": ["b"]}, {"required": ["c"]}]}, {"d": 1},
     "il faut au moins l'un de ces champs : `b`, `c`", "Ajoutez celui que le dossier contient."),
    ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, [],
     "il faut un texte ou un nombre entier, une liste trouvée", "Dit quoi."),
    ({"anyOf": [False, {"type": "integer"}]}, "x", "il faut un nombre entier, `\"x\"` trouvé", "Dit quoi."),
    ({"anyOf": [False, {"required": ["b"]}]}, {}, "il faut le champ `b`, un objet trouvé", "Dit quoi."),
    ({"oneOf": [{"const": "a"}, {"minLength": 3}]}, "ab", "il faut `a` ou au moins 3 caractères, `\"ab\"` trouvé",
     "Dit quoi."),
    ({"oneOf": [{"type": "string"}, {"minLength": 3}]}, "abc",
     "il faut une seule de ces formes, et non plusieurs : un texte ou au moins 3 caractères", "Dit quoi."),
    ({"not": {"enum": ["a", 1, None, True]}}, "a",
     "il ne faut pas `a` ou `1` ou `null` ou `true`, `a` trouvé", "Dit quoi."),
    ({"not": {"const": None}}, None, "il ne faut pas `null`, `null` trouvé", "Dit quoi."),
    ({"not": {"type": "object"}}, {}, "il ne faut pas un objet `{…}`, un objet trouvé", "Dit quoi."),
    ({"not": {"required": ["b"]}}, {"b": 1}, "il ne faut pas le champ `b`, un objet trouvé", "Dit quoi."),
    ({"not": {"pattern": "^a"}}, "abc", "il ne faut pas la forme `^a`, `abc` trouvé", "Dit quoi."),
    ({"not": {}}, 1, "il ne faut pas n'importe quelle valeur, `1` trouvé", "Dit quoi."),
    ({"not": {"properties": {"b": {"const": 1}}, "required": ["b"]}}, {"b": 1},
     "il ne faut pas le champ `b` et `b` qui soit `1`, un objet trouvé", "Dit quoi."),
    ({"const": None}, 1, "`1` n'est pas une valeur permise", "Valeurs possibles : `null`."),
    ({"enum": [True, [1]]}, 1, "`1` n'est pas une valeur permise", "Valeurs possibles : `true`, `[1]`."),
    ({"if": {"required": ["b"]}, "then": False}, {"b": 1}, "il ne faut pas le champ `b` ici", "Dit quoi."),
    ({"if": {"required": ["b"]}, "else": False}, {}, "il faut le champ `b` ici", "Dit quoi."),
    ({"allOf": [{"if": {"const": "b"}, "then": {"const": "c"}}]}, "b", "`b` n'est pas une valeur permise",
     "Valeurs possibles : `c`."),
    ({"contains": {"const": 1}}, [2], "il faut au moins un élément de cette forme : `1`", "Dit quoi."),
    ({"contains": {"const": 1}, "minContains": 2}, [1], "il faut au moins 2 éléments de cette forme : `1`",
     "Dit quoi."),
    ({"contains": {"const": 1}, "maxContains": 1}, [1, 1], "il faut au plus 1 élément de cette forme : `1`",
     "Dit quoi."),
    ({"prefixItems": [{}], "items": False}, [1, 2], "il faut au plus 1 élément, il y en a 2", "Dit quoi."),
    ({"items": False}, [1], "la liste doit être vide", "Dit quoi."),
    ({"dependentRequired": {"b": ["c"]}}, {"b": 1}, "avec `b`, il faut aussi le champ `c`", "Ajoutez `c`."),
    ({"unevaluatedProperties": False, "properties": {"b": {}}}, {"c": 1}, "des champs de cet objet ne sont pas permis",
     "Champs possibles : `b`."),
    ({"prefixItems": [{}], "unevaluatedItems": False}, [1, 2], "des éléments de cette liste ne sont pas permis",
     "Dit quoi."),
    ({"allOf": [False]}, 1, "ce champ n'est pas permis", "Supprimez-le."),
    ({"$ref": "#/$defs/rien"}, 1, "ce champ n'est pas permis", "Supprimez-le."),
    ({"items": {"allOf": [False]}}, [1], "aucune valeur n'est permise ici", "Supprimez ce qui est écrit ici."),
    ({"not": {"$ref": "#/$defs/trois"}}, "abc", "il ne faut pas au moins 3 caractères, `abc` trouvé", "Dit quoi."),
])  # fmt: skip
def test_a_refusal_says_what_is_expected_and_what_to_write(
    schema: dict[str, Any], value: object, message: str, help: str
) -> None:
    definitions = {"rien": False, "trois": {"minLength": 3}}
    (diagnostic,) = explained({**member(schema), "$defs": definitions}, {"a": value})
    assert (diagnostic.message.removeprefix("/a/0").removeprefix("/a"), diagnostic.help) == (f" : {message}", help)
    assert diagnostic.code == "DOSSIER-SCHEMA"
    # its place, as data: the pointer that the sentence begins with
    assert diagnostic.message.startswith(f"{diagnostic.subject} : ")
    assert not ENGLISH.search(words(diagnostic).replace(f"`{schema.get('pattern', '')}`", ""))


def test_every_missing_field_is_told() -> None:
    found = explained({"type": "object", "required": ["a", "b", "c"]}, {"b": 1})
    assert [d.message for d in found] == ["racine : il manque le champ `a`", "racine : il manque le champ `c`"]
    assert [d.help for d in found] == ["Ajoutez `a`.", "Ajoutez `c`."]
    assert [d.subject for d in found] == ["", ""]


def test_an_unknown_field_is_shown_at_its_key_with_the_closest_name() -> None:
    schema = {"type": "object", "additionalProperties": False, "properties": {"personnelles": {}, "siret": {}}}
    (diagnostic,) = explained(schema, {"siret": 1, "personelles": 250})
    assert diagnostic.message == "/personelles : champ inconnu `personelles`"
    assert diagnostic.help == "Vouliez-vous dire `personnelles` ?"
    assert diagnostic.span is not None
    assert (diagnostic.span.line, diagnostic.span.column) == (3, 3)


@pytest.mark.parametrize(("schema", "help"), [
    ({"properties": {"a": {}, "b": {}}}, "Champs possibles : `a`, `b`."),
    ({}, "Aucun champ n'est permis ici."),
    ({"patternProperties": {"^[A-Z]$": {}}, "description": "Une lettre."}, "Une lettre."),
])  # fmt: skip
def test_an_unknown_field_that_resembles_none_names_those_that_are_possible(schema: dict[str, Any], help: str) -> None:
    (diagnostic,) = explained({"type": "object", "additionalProperties": False, **schema}, {"zzz": 1})
    assert diagnostic.help == help


def test_a_format_whose_check_digits_are_left_to_the_rules_is_not_checked() -> None:
    schema = {"type": "object", "properties": {name: {"format": name} for name in ("siret", "siren", "iban", "bic")}}
    assert explained(schema, dict.fromkeys(("siret", "siren", "iban", "bic"), "0")) == []


def test_one_value_has_one_fault_the_most_telling() -> None:
    schema = {"type": "string", "format": "date", "maxLength": 10, "pattern": "^[0-9-]+$", "not": {"pattern": "\\n"}}
    assert [d.message for d in explained(member(schema), {"a": "le 30 juin 2023"})] == [
        "/a : `le 30 juin 2023` n'est pas une date"
    ]
    assert "caractère" in explained(member(schema), {"a": "2023-06-30\n"})[0].message
    assert "un texte" in explained(member(schema), {"a": 20230630})[0].message


def test_what_is_not_an_object_is_told_what_a_dossier_is() -> None:
    (diagnostic,) = explained({"type": "object", "description": "Long."}, [1])
    assert diagnostic.message == "racine : il faut un objet `{…}`, une liste trouvée"
    assert diagnostic.help == "Un dossier est un objet JSON : `{ … }`."


def test_faults_come_in_the_order_of_the_text() -> None:
    schema = {"type": "object", "properties": {str(i): {"type": "integer"} for i in range(12)}}
    found = explained(schema, {str(i): "x" for i in range(12)})
    assert [d.span.line for d in found if d.span] == list(range(2, 14))


def test_the_faults_of_a_hopeless_dossier_are_counted_not_listed() -> None:
    schema = {"type": "object", "additionalProperties": False, "properties": {"connu": {}}}
    instance = {f"inconnu{i}": 1 for i in range(100)}
    found = explained(schema, instance)
    assert len(found) == MAX_ERRORS + 1
    assert found[-1].message == f"et {100 - MAX_ERRORS} autre(s) écart(s) au schéma"


def test_a_hundred_thousand_unknown_keys_are_not_all_told() -> None:
    schema = {"type": "object", "additionalProperties": False, "properties": {"connu": {}}}
    found = explained(schema, {f"inconnu{i}": 1 for i in range(100_000)})
    assert len(found) == MAX_ERRORS + 1
    assert found[-1].message == "et d'autres écarts au schéma"


def test_four_times_as_many_unknown_keys_are_not_more_than_four_times_the_work() -> None:
    schema = {"type": "object", "additionalProperties": False, "properties": {"connu": {}}}
    few, many = ({f"inconnu{i}": 1 for i in range(count)} for count in (500, 2_000))
    explained(schema, few)
    work = [sum(lines_of(partial(explained, schema, given)).values()) for given in (few, many)]
    assert work[1] < 5 * work[0]


def test_as_many_wrong_items_are_not_all_explored() -> None:
    found = explained({"type": "array", "items": {"type": "string"}}, [1] * 100_000)
    assert len(found) == MAX_ERRORS + 1
    assert found[-1].message == "et d'autres écarts au schéma"


@pytest.mark.parametrize("number", [1 << 64, -(1 << 63) - 1, 10**30])
def test_an_integer_beyond_64_bits_is_refused_even_where_the_schema_sets_no_bound(number: int) -> None:
    schema = {"type": "object", "properties": {"enum": {"type": "integer"}, "a": {"$ref": "#/$defs/n"}}}
    named = {**schema, "$defs": {"n": {"type": "integer"}}}
    for instance in ({"enum": number}, {"a": number}):
        assert len(explained(named, instance)) == 1


def test_regular_expressions_are_those_of_json_schema() -> None:
    for pattern, text, accepted in (
        ("^[A-Z]+$", "A\n", False),
        ("^\\S$", "\ufeff", False),
        ("\\S", "\ufeff\u3000", False),
        ("\\S", "\u180e", True),
        ("^\\d+$", "٣", False),
        ("^\\w+$", "é", False),
        ("^[\\d\\s]+$", "٣", False),
        ("^[\\d\\s]+$", "1\u00a02", True),
        ("^\\$$", "$", True),
    ):
        assert (not explained({"type": "string", "pattern": pattern}, text)) is accepted, pattern
    keys = {"type": "object", "additionalProperties": False, "patternProperties": {"^[A-Z]+$": {}}}
    assert explained(keys, {"A\n": 1})
    assert not explained(keys, {"A": 1})


def test_a_regular_expression_that_python_does_not_read_is_explained() -> None:
    (diagnostic,) = explained(member({"type": "string", "pattern": "^\\p{Lu}+$"}), {"a": "é"})
    assert diagnostic.message == "/a : il faut la forme `^\\p{Lu}+$`, `é` trouvé"


@pytest.mark.parametrize("keyword", ["pattern", "patternProperties", "additionalProperties", "propertyNames"])
def test_a_regular_expression_never_goes_back_over_a_text(keyword: str) -> None:
    """One that did would take longer than the age of the universe."""
    text = "a" * 60 + "!"
    schemas: dict[str, dict[str, Any]] = {
        "pattern": {"pattern": "^(a+)+$"},
        "patternProperties": {"patternProperties": {"^(a+)+$": {}}, "minProperties": 2},
        "additionalProperties": {"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False},
        "propertyNames": {"propertyNames": {"pattern": "^(a+)+$"}},
    }
    assert explained(schemas[keyword], text if keyword == "pattern" else {text: 1})


def test_a_field_that_the_schema_false_refuses_is_told_at_its_key() -> None:
    found = explained({"properties": {"a": False}, "dependentSchemas": {"b": False}}, {"b": 1, "a": 2})
    assert [(d.message, d.help) for d in found] == [
        ("/b : le champ `b` n'est pas permis ici", "Supprimez-le."),
        ("/a : ce champ n'est pas permis", "Supprimez-le."),
    ]


def test_an_element_that_is_there_twice_is_told_at_its_place() -> None:
    found = explained({"uniqueItems": True}, [1, True, {"a": 1, "b": 2}, 0, {"b": 2, "a": 1}, 0])
    assert [d.message for d in found] == ["/4 : l'élément 4 de la liste répète l'élément 2, comptés à partir de 0"]


def test_a_name_of_a_wrong_form_is_told_at_its_key() -> None:
    (diagnostic,) = explained({"propertyNames": {"pattern": "^[a-z]+$"}}, {"abc": 1, "A1": 2})
    assert diagnostic.message == "/A1 : `A1` ne peut pas nommer un champ : il faut la forme `^[a-z]+$`"
    assert diagnostic.span is not None
    assert diagnostic.span.line == 3


@pytest.mark.parametrize("where", ["file:///etc/hostname", "http://127.0.0.1:9/r.json", "autre.json"])
def test_no_validator_reads_anything_outside_of_its_schema(where: str) -> None:
    """Such a schema is refused when it is read; this is what is left if it were not."""
    with pytest.raises(jsonschema_rs.ValidationError):
        SchemaValidator({"$ref": where}, PARIS)
    validator = SchemaValidator({}, PARIS)
    validator.schema["$ref"] = where
    with pytest.raises(referencing.exceptions.Unresolvable):
        validator.explain({}, scan("{}"), "essai.json")


@pytest.mark.parametrize(
    ("year", "accepted"), [("1899", False), ("1900", True), ("2100", True), ("2101", False), ("0203", False)]
)
@pytest.mark.parametrize(
    ("kind", "rest"), [("date", "-09-01"), ("instant", "-09-01T12:00:00+02:00"), ("instant", "-01-01T00:00:00")]
)
def test_a_year_is_within_the_bounds(kind: str, rest: str, year: str, accepted: bool) -> None:
    found = explained(member({"type": "string", "format": kind}), {"a": f"{year}{rest}"})
    assert accepted == (not found)
    if not accepted:
        assert found[0].message == f"/a : `{year}{rest}` est hors des années admises"
        assert found[0].help == f"L'année {year} n'est pas entre 1900 et 2100 : vérifiez-la."


def test_a_programme_sets_its_own_bounds_of_years() -> None:
    validator = SchemaValidator({"type": "string", "format": "date"}, PARIS, (2020, 2020))
    assert validator.accepts("2020-12-31")
    assert not validator.accepts("2019-12-31")
    (diagnostic,) = validator.explain("2021-01-01", scan('"2021-01-01"'), "essai.json")
    assert diagnostic.help == "L'année 2021 n'est pas entre 2020 et 2020 : vérifiez-la."


@pytest.mark.parametrize(("text", "accepted"), [
    ("Hôpital", True), ("7", True), ("-", True), (" é ", True), ("", False), (" ", False), ("\u200b", False),
    ("\u00a0\u2007", False), ("\u3164", False), ("\u2800\u2060", False), ("\u00ad", False), ("\u0301", False),
    ("\ufe0f", False), ("\U000e0041", False), ("a\u200b", True),
])  # fmt: skip
def test_a_readable_text_shows_something(text: str, accepted: bool) -> None:
    found = explained(member({"type": "string", "format": "lisible"}), {"a": text})
    assert accepted == (not found)
    if not accepted:
        assert "il faut un texte qui ne soit pas vide" in found[0].message
        assert found[0].help.startswith("Ce texte ne montre rien")


def test_a_value_whose_accents_are_apart_is_the_value() -> None:
    schema = {"type": "object", "additionalProperties": False, "properties": {"pi\u00e9ce": {"enum": ["priv\u00e9e"]}}}
    validator = SchemaValidator(schema, PARIS)
    for written in ('{"pie\u0301ce": "prive\u0301e"}', '{"pie\\u0301ce": "prive\\u0301e"}'):
        assert load(written.encode(), "essai.json", validator).data == {"pi\u00e9ce": "priv\u00e9e"}
    with pytest.raises(DiagnosticError) as caught:
        load('{"pie\u0301ce":\n"prive\u0301es"}'.encode(), "essai.json", validator)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.help == "Vouliez-vous dire `priv\u00e9e` ?"
    assert diagnostic.span is not None
    assert diagnostic.span.line == 2


@pytest.mark.parametrize(("written", "meant", "character"), [
    ("avance\u200b", "avance", "le caractère invisible U+200B"),
    ("\u0430vance", "avance", "la lettre `\u0430` de l'alphabet cyrillique (U+0430)"),
    ("av\u03b1nce", "avance", "la lettre `\u03b1` de l'alphabet grec (U+03B1)"),
    ("\uff41vance", "avance", "la lettre `\uff41` de pleine chasse (U+FF41)"),
    ("avance\u00a0", "avance", "l'espace U+00A0"),
    ("\u0410", "A", "la lettre `\u0410` de l'alphabet cyrillique (U+0410)"),
])  # fmt: skip
def test_a_word_that_reads_like_another_is_told_by_its_character(written: str, meant: str, character: str) -> None:
    (value,) = explained(member({"enum": [meant, "zzz"]}), {"a": written})
    (key,) = explained({"additionalProperties": False, "properties": {meant: {}, "zzz": {}}}, {written: 1})
    for diagnostic in (value, key):
        assert diagnostic.help.endswith(f"Ce qui est écrit contient {character}.")


# --- the two validators -----------------------------------------------------------------------------------------------

ODD: list[Any] = [
    None, True, False, 0, -1, 1, 10_000_000, 10_000_001, 1 << 63, "", " ", "\ufeff", "\u00a0", "é", "x" * 500,
    "x" * 501, "a\nb", "a\x00", "\u202ea", "2023-06-30", "2023-02-30", "2023-06-30\n", "2023-07-26T14:00:00Z",
    "2023-10-29T02:30:00", "8000.00", "8000", "0.20", "1.0", "acheteur", "acheteurs", [], [[]], [{}], {}, {"a": 1},
    {"": {}}, {"A-1": {}}, {"A\n": {}}, {"é": {}},
]  # fmt: skip


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every value inside a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


def mutate(dossier: Any, data: st.DataObject) -> Any:
    """A dossier with one value replaced, removed, doubled, or given an unknown member."""
    path = data.draw(st.sampled_from(places(dossier)))
    odd = copy.deepcopy(data.draw(st.sampled_from(ODD)))
    if not path:
        return odd
    parent = dossier
    for part in path[:-1]:
        parent = parent[part]
    key: Any = path[-1]
    action = data.draw(st.sampled_from(["replace", "replace", "remove", "rename", "add"]))
    if action == "replace":
        parent[key] = odd
    elif action == "remove":
        del parent[key]
    elif isinstance(parent, dict):
        parent[data.draw(st.sampled_from(["", "inconnu", "A-1", "siret", f"{key}\n", f"{key}x"]))] = (
            parent.pop(key) if action == "rename" else odd
        )
    else:
        parent.append(odd)
    return dossier


@given(st.data())
def test_the_two_validators_agree_on_mutated_dossiers(
    shipped: SchemaValidator, dossiers: list[Path], data: st.DataObject
) -> None:
    dossier = json.loads(data.draw(st.sampled_from(dossiers)).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        dossier = mutate(dossier, data)
    text = json.dumps(dossier, ensure_ascii=False)
    found = shipped.explain(dossier, scan(text), "essai.json")
    assert shipped.accepts(dossier) == (not found)
    for diagnostic in found:
        assert "contrainte" not in diagnostic.message
        assert diagnostic.span is not None
        assert diagnostic.help or diagnostic.message.startswith("et ")
        assert not ENGLISH.search(re.sub(r"`[^`]*`", "", words(diagnostic)))


def test_every_shipped_dossier_is_accepted_by_both(shipped: SchemaValidator, dossiers: list[Path]) -> None:
    assert dossiers
    for path in dossiers:
        text = path.read_text("utf-8")
        assert shipped.accepts(json.loads(text)), path.name
        assert shipped.explain(json.loads(text), scan(text), path.name) == [], path.name
