"""The fields of a schema as a tree: nothing of it is lost, and who supplies a field is a party."""

from __future__ import annotations

import json
import pickle
from datetime import UTC
from typing import Any

import pytest

from recevable import data
from recevable.dossier.fields import Field, declaration, fields
from recevable.dossier.positions import scan
from recevable.dossier.schema import read
from recevable.dossier.validate import SchemaValidator
from recevable.language.diagnostics import DiagnosticError
from recevable.language.types import Kind, schema_type, walk

SHIPPED = data.read_schema("af-ope-mss/dossier.schema.json")


def by_path(schema: dict[str, Any]) -> dict[str, Field]:
    return {one.path: one for first in fields(schema) for one in first.walk()}


def small(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["nom"],
        "properties": {"nom": {"$ref": "#/$defs/nom", "title": "Nom de famille"}, **properties},
        "$defs": {"nom": {"type": "string", "title": "Nom", "description": "En capitales.", "maxLength": 40}},
    }


def test_every_field_that_the_rules_know_is_there_with_its_type() -> None:
    known = by_path(SHIPPED)
    for path, type_ in walk(schema_type(SHIPPED)):
        assert known[path].kind == str(type_)
        assert known[path].title == type_.title
        assert known[path].choices == type_.values or type_.kind is Kind.BOOLEAN


def test_the_elements_of_a_list_have_their_fields() -> None:
    assert by_path(SHIPPED)["paiements[].montant"].kind == "montant"
    (payments,) = (one for one in fields(SHIPPED) if one.path == "paiements")
    assert payments.element is not None
    assert [one.path for one in payments.element.fields][:2] == ["paiements[].demande", "paiements[].montant"]


def test_every_field_of_the_programme_says_who_supplies_it_and_where_it_is_declared() -> None:
    keys = scan(data.schema_file("af-ope-mss/dossier.schema.json").read_text("utf-8")).keys
    for path, one in by_path(SHIPPED).items():
        assert set(one.supplied_by) <= {"demandeur", "asp", "ans"}, path
        assert one.supplied_by, path
        assert one.pointer in keys, path
    assert by_path(SHIPPED)["ans.annuaire.applicatives"].supplied_by == ("ans",)
    assert by_path(SHIPPED)["controles.manquement.constate_le"].supplied_by == ("ans", "asp")
    # what a piece shows is the applicant's, whether it can be read is the agent's
    assert by_path(SHIPPED)["enrolement.pieces.rib.iban"].supplied_by == ("demandeur",)
    assert by_path(SHIPPED)["enrolement.pieces.rib.lisible"].supplied_by == ("asp",)


def test_what_is_beside_a_reference_says_more_than_what_it_refers_to() -> None:
    (name,) = fields(small())
    assert (name.title, name.description, name.bounds) == ("Nom de famille", "En capitales.", {"maxLength": 40})
    assert (name.required, name.supplied_by, name.pointer) == (True, (), "/properties/nom")


def test_a_field_is_supplied_by_whoever_supplies_its_object() -> None:
    inner = {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer", "x-fourni-par": "asp"}},
    }
    known = by_path(small(bloc={**inner, "x-fourni-par": ["ans", "asp"]}))
    assert known["bloc.a"].supplied_by == ("ans", "asp")
    assert known["bloc.b"].supplied_by == ("asp",)


@pytest.mark.parametrize(
    ("written", "message", "help"),
    [
        ("aps", "intervenant inconnu : `aps`", "Vouliez-vous dire `asp` ?"),
        (["asp", "personne"], "intervenant inconnu : `personne`", "Intervenants : `demandeur`, `asp`."),
        ([], "`x-fourni-par` attend qui fournit la donnée", "un intervenant du programme"),
        (12, "`x-fourni-par` attend qui fournit la donnée", "un intervenant du programme"),
        (["asp", "asp"], "`x-fourni-par` attend qui fournit la donnée", "un intervenant du programme"),
    ],
)
def test_who_supplies_a_field_is_a_party(written: Any, message: str, help: str) -> None:
    text = json.dumps(small(age={"type": "integer", "x-fourni-par": written}), indent=1)
    with pytest.raises(DiagnosticError) as raised:
        read(text.encode(), "s.json", ("demandeur", "asp"))
    (only,) = raised.value.diagnostics
    assert only.message.startswith(message)
    assert help in only.help
    assert only.span is not None
    assert '"x-fourni-par"' in text.split("\n")[only.span.line - 1] or isinstance(written, list)


def test_a_party_that_is_unknown_is_told_once() -> None:
    schema = small(age={"type": "integer", "x-fourni-par": "ans"}, bal={"type": "integer", "x-fourni-par": "ans"})
    with pytest.raises(DiagnosticError) as raised:
        read(json.dumps(schema).encode(), "s.json", ("demandeur",))
    assert [one.message for one in raised.value.diagnostics] == ["intervenant inconnu : `ans`"]


def test_a_misspelt_annotation_is_told_and_a_foreign_one_is_not() -> None:
    with pytest.raises(DiagnosticError, match="annotation inconnue : `x-fournipar`"):
        read(json.dumps(small(age={"type": "integer", "x-fournipar": "asp"})).encode(), "s.json")
    assert read(json.dumps(small(age={"type": "integer", "x-ordre": 3})).encode(), "s.json")


def test_the_values_of_a_field_are_called_as_the_schema_says_or_by_their_own_words() -> None:
    known = by_path(
        small(
            sens={"type": "string", "oneOf": [{"const": "a_modifier", "title": "À modifier"}]},
            nature={"type": "string", "enum": ["personne_morale"]},
        )
    )
    assert known["sens"].labels == {"a_modifier": "À modifier"}
    assert known["nature"].labels == {"personne_morale": "Personne morale"}
    assert known["nom"].labels == {}
    for path, one in by_path(SHIPPED).items():
        assert list(one.labels) == list(one.choices), path


_OUI, _NON = {"const": "oui", "title": "Oui"}, {"const": "non", "title": "Non"}


@pytest.mark.parametrize(
    ("named", "where", "message"),
    [
        ([_OUI, {"const": "non"}], "/oneOf/1", "rien ne dit comment s'appelle la valeur `non`"),
        ([_OUI, {"const": "non", "title": " "}], "/oneOf/1", "rien ne dit comment s'appelle la valeur `non`"),
        ([_OUI, {"const": "non", "title": "Non", "minLength": 1}], "/oneOf/1", "`oneOf` nomme ici des valeurs"),
        ([_OUI, {"const": 1, "title": "Un"}], "/oneOf/1", "`oneOf` nomme ici des valeurs"),
        ([_OUI, True], "/oneOf/1", "`oneOf` nomme ici des valeurs"),
        ([_OUI, _NON, _OUI], "/oneOf/2/const", "la valeur `oui` est deux fois dans la liste"),
    ],
)
def test_a_one_of_that_names_values_names_each_of_them_once(named: Any, where: str, message: str) -> None:
    text = json.dumps(small(sens={"type": "string", "oneOf": named}), indent=1)
    with pytest.raises(DiagnosticError) as raised:
        read(text.encode(), "s.json")
    only = raised.value.diagnostics[0]
    assert only.message.startswith(message)
    assert only.help
    found = scan(text)
    assert only.span is not None
    assert (only.span.line, only.span.column) == found.line_column(found.values[f"/properties/sens{where}"])


@pytest.mark.parametrize("keyword", [{"enum": ["oui", "non"]}, {"const": "oui"}])
def test_values_are_listed_in_one_place(keyword: Any) -> None:
    with pytest.raises(DiagnosticError, match="`oneOf` dit déjà les valeurs"):
        read(json.dumps(small(sens={"type": "string", "oneOf": [_OUI, _NON], **keyword})).encode(), "s.json")


def test_a_one_of_that_names_nothing_is_a_constraint_as_any_other() -> None:
    schema = read(
        json.dumps(small(sens={"type": "string", "oneOf": [{"const": "a"}, {"minLength": 3}]})).encode(), "s.json"
    )
    assert by_path(schema)["sens"].choices == ()


def test_a_named_value_is_accepted_and_another_is_refused_with_the_values_to_write() -> None:
    validator = SchemaValidator(small(sens={"type": "string", "oneOf": [_OUI, _NON]}), UTC)
    assert validator.accepts({"nom": "Durand", "sens": "oui"})
    (fault,) = validator.explain({"nom": "A", "sens": "Oui"}, scan('{"nom": "A", "sens": "Oui"}'), "d.json")
    assert fault.message == "/sens : `Oui` n'est pas une valeur permise"
    assert fault.help == "Vouliez-vous dire `oui` ?"


def accepts(schema: dict[str, Any], value: Any) -> bool:
    return SchemaValidator(schema, UTC).accepts(value)


def test_the_schema_of_a_field_alone_holds_what_it_refers_to_and_nothing_else() -> None:
    schema = small(personne={"$ref": "#/$defs/personne"}, nom_d_usage={"$ref": "#/$defs/personne/properties/nom"})
    schema["$defs"]["personne"] = {
        "type": "object",
        "properties": {"nom": {"$ref": "#/$defs/nom"}, "age": {"type": "integer"}},
    }
    schema["$defs"]["autre"] = {"type": "string"}
    known = by_path(schema)
    alone = declaration(schema, known["personne"])
    assert alone["$defs"].keys() == {"nom", "personne"}
    assert accepts(alone, {"nom": "A" * 40, "age": 3})
    assert not accepts(alone, {"nom": "A" * 41})
    assert not accepts(declaration(schema, known["nom_d_usage"]), "A" * 41)


@pytest.mark.parametrize("reference", ["#/properties/nom", "#/%24defs/nom", "#/$defs/a~1b"])
def test_the_schema_of_a_field_alone_follows_every_reference(reference: str) -> None:
    schema = small(alias={"type": "object", "properties": {"nom": {"$ref": reference}}})
    schema["$defs"]["a/b"] = {"type": "string", "maxLength": 40}
    alone = declaration(schema, by_path(schema)["alias"])
    assert accepts(alone, {"nom": "A" * 40})
    assert not accepts(alone, {"nom": "A" * 41})


def test_the_schema_of_a_field_alone_says_what_the_whole_says() -> None:
    whole = {key: SHIPPED[key] for key in ("$defs", "properties")}
    for path, one in list(by_path(SHIPPED).items())[::7]:
        alone, among = declaration(SHIPPED, one), {**whole, "$ref": f"#{one.pointer}"}
        for value in (
            *one.choices,
            "2023-05-05",
            "2023-05-05T10:00:00",
            "1.00",
            "x",
            "",
            3,
            True,
            None,
            {},
            [],
            [{}],
            {"x": 1},
        ):
            assert accepts(alone, value) == accepts(among, value), (path, value)


def test_nobody_changes_the_fields_that_a_programme_shares() -> None:
    first = fields(SHIPPED)[0]
    for one in (first, pickle.loads(pickle.dumps(first))):
        for field in one.walk():
            mappings: tuple[Any, ...] = (field.bounds, field.labels)
            for mapping in mappings:
                with pytest.raises(TypeError):
                    mapping["x"] = "y"
