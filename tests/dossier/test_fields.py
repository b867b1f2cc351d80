"""The fields of a schema as a tree: nothing of it is lost, and who supplies a field is a party."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recevable import data
from recevable.dossier.fields import Field, fields
from recevable.dossier.positions import scan
from recevable.dossier.schema import read
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
            sens={"type": "string", "enum": ["a_modifier"], "x-libelles": {"a_modifier": "À modifier"}},
            nature={"type": "string", "enum": ["personne_morale"]},
        )
    )
    assert known["sens"].labels == {"a_modifier": "À modifier"}
    assert known["nature"].labels == {"personne_morale": "Personne morale"}
    assert known["nom"].labels == {}
    for path, one in by_path(SHIPPED).items():
        assert list(one.labels) == list(one.choices), path


@pytest.mark.parametrize(
    ("labels", "enum", "message"),
    [
        ({"oui": "Oui"}, ["oui", "non"], "`x-libelles` ne nomme pas la valeur `non`"),
        ({"oui": "Oui", "non": "Non", "nom": "Nom"}, ["oui", "non"], "`nom` n'est pas une valeur d'`enum`"),
        ({"oui": " ", "non": "Non"}, ["oui", "non"], "`x-libelles` attend un texte pour chaque valeur"),
        (["Oui", "Non"], ["oui", "non"], "`x-libelles` attend un texte pour chaque valeur"),
        ({"oui": "Oui"}, None, "`x-libelles` nomme les valeurs d'un `enum`, et il n'y en a pas ici"),
    ],
)
def test_labels_name_every_value_of_an_enumeration_and_no_other(labels: Any, enum: Any, message: str) -> None:
    schema = small(sens={"type": "string", "x-libelles": labels, **({} if enum is None else {"enum": enum})})
    with pytest.raises(DiagnosticError) as raised:
        read(json.dumps(schema, indent=1).encode(), "s.json")
    (only,) = raised.value.diagnostics
    assert only.message.startswith(message)
    assert only.help


def test_a_misspelt_annotation_of_labels_is_told() -> None:
    schema = small(sens={"type": "string", "enum": ["a"], "x-libelle": {"a": "A"}})
    with pytest.raises(DiagnosticError, match="annotation inconnue : `x-libelle`"):
        read(json.dumps(schema).encode(), "s.json")
