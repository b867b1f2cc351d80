"""Types: how they meet, how a JSON Schema declares them, how a path finds them."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from msgspec.structs import replace

from recevable.language.types import (
    AMOUNT,
    BOOLEAN,
    DATE,
    DESIGNATION,
    INSTANT,
    INTEGER,
    NUMBER,
    RATE,
    TEXT,
    Kind,
    Type,
    lookup,
    schema_type,
    unify,
    walk,
)

LITERAL_INTEGER = Type(Kind.INTEGER, literal=True)
LITERAL_NUMBER = Type(Kind.NUMBER, literal=True)
PROFILE = Type(Kind.TEXT, values=("developpeur", "acheteur"))

SCHEMA: dict[str, Any] = {
    "$defs": {"rib": {"type": "object", "title": "RIB", "properties": {"iban": {"type": "string", "format": "iban"}}}},
    "type": "object",
    "properties": {
        "programme": {"const": "essai"},
        "profil": {"enum": ["developpeur", "acheteur"], "title": "Profil"},
        "rib": {"$ref": "#/$defs/rib"},
        "autre_rib": {"$ref": "#/$defs/rib", "title": "Autre RIB"},
        "signe": {"type": "boolean"},
        "nombre": {"type": "integer"},
        "montant": {"type": "string", "format": "montant"},
        "taux": {"type": "string", "format": "taux"},
        "jour": {"type": "string", "format": "date"},
        "recu": {"type": "string", "format": "instant"},
        "paiements": {
            "type": "array",
            "items": {"type": "object", "properties": {"montant": {"$ref": "#/properties/montant"}}},
        },
    },
}


@pytest.mark.parametrize(
    ("left", "right", "common"),
    [
        (INTEGER, INTEGER, INTEGER),
        (INTEGER, NUMBER, NUMBER),
        (LITERAL_INTEGER, LITERAL_NUMBER, LITERAL_NUMBER),
        (LITERAL_INTEGER, LITERAL_INTEGER, LITERAL_INTEGER),
        (INTEGER, LITERAL_NUMBER, NUMBER),
        (LITERAL_INTEGER, NUMBER, NUMBER),
        (LITERAL_NUMBER, AMOUNT, AMOUNT),
        (LITERAL_INTEGER, RATE, RATE),
        (AMOUNT, AMOUNT, AMOUNT),
        (PROFILE, PROFILE, PROFILE),
        (PROFILE, TEXT, TEXT),
        (PROFILE, Type(Kind.TEXT, values=("autre",)), TEXT),
        (BOOLEAN, BOOLEAN, BOOLEAN),
        (DESIGNATION, DESIGNATION, DESIGNATION),
        (DESIGNATION, LITERAL_INTEGER, DESIGNATION),
        (DESIGNATION, INTEGER, INTEGER),
    ],
)
def test_two_types_meet_in_one_whatever_their_order(left: Type, right: Type, common: Type) -> None:
    assert unify(left, right) == common
    assert unify(right, left) == common


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (AMOUNT, RATE), (AMOUNT, INTEGER), (AMOUNT, NUMBER), (RATE, INTEGER), (RATE, NUMBER), (DATE, INSTANT),
        (TEXT, LITERAL_INTEGER), (BOOLEAN, LITERAL_INTEGER), (DATE, LITERAL_INTEGER),
    ],
)  # fmt: skip
def test_types_of_different_natures_never_meet(left: Type, right: Type) -> None:
    assert unify(left, right) is None
    assert unify(right, left) is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("programme", Kind.TEXT),
        ("profil", Kind.TEXT),
        ("rib", Kind.OBJECT),
        ("rib.iban", Kind.TEXT),
        ("signe", Kind.BOOLEAN),
        ("nombre", Kind.INTEGER),
        ("montant", Kind.AMOUNT),
        ("taux", Kind.RATE),
        ("jour", Kind.DATE),
        ("recu", Kind.INSTANT),
        ("paiements", Kind.LIST),
    ],
)
def test_a_schema_gives_each_field_its_type(path: str, kind: Kind) -> None:
    found = lookup(schema_type(SCHEMA), path)
    assert found is not None
    assert found.kind is kind


def test_a_list_knows_the_fields_of_its_items() -> None:
    found = lookup(schema_type(SCHEMA), "paiements")
    assert found is not None
    assert found.item is not None
    assert lookup(found.item, "montant") == Type(Kind.AMOUNT, format="montant")


@pytest.mark.parametrize(("path", "values"), [("profil", ("developpeur", "acheteur")), ("programme", ("essai",))])
def test_a_closed_text_knows_its_values(path: str, values: tuple[str, ...]) -> None:
    found = lookup(schema_type(SCHEMA), path)
    assert found is not None
    assert found.values == values


@pytest.mark.parametrize(("path", "title"), [("rib", "RIB"), ("autre_rib", "Autre RIB"), ("profil", "Profil")])
def test_a_reference_keeps_its_own_title_or_takes_the_one_it_points_to(path: str, title: str) -> None:
    found = lookup(schema_type(SCHEMA), path)
    assert found is not None
    assert found.title == title


@pytest.mark.parametrize("node", [{"type": "number"}, {"type": "null"}, {}, {"type": ["string", "null"]}])
def test_a_construction_that_has_no_type_is_refused(node: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no type of the language"):
        schema_type({"type": "object", "properties": {"champ": node}})


@pytest.mark.parametrize("path", ["inconnu", "rib.cle", "rib.iban.cle", "signe.oui", "paiements.montant", ""])
def test_a_path_that_leads_nowhere_has_no_type(path: str) -> None:
    assert lookup(schema_type(SCHEMA), path) is None


def test_every_path_is_walked_parents_first() -> None:
    root = Type(Kind.OBJECT, fields={"a": Type(Kind.OBJECT, fields={"b": TEXT, "c": BOOLEAN}), "d": DATE})
    assert [path for path, _ in walk(root)] == ["a", "a.b", "a.c", "d"]


def test_a_title_does_not_make_two_types_of_one() -> None:
    assert Type(Kind.TEXT, title="Nom") == TEXT
    assert hash(Type(Kind.TEXT, title="Nom")) == hash(TEXT)


def test_nobody_changes_a_type_that_others_share() -> None:
    given: dict[str, Any] = {"oui": "Oui"}
    text = Type(Kind.TEXT, values=("oui",), labels=given)
    given["oui"] = "Non"
    whole = replace(Type(Kind.OBJECT), fields={"reponse": text})
    for one in (whole, pickle.loads(pickle.dumps(whole)), copy.deepcopy(whole)):
        inside = one.fields["reponse"]
        assert dict(inside.labels) == {"oui": "Oui"}
        mappings: tuple[Any, ...] = (one.fields, one.labels, inside.labels, Type(Kind.TEXT).labels)
        for mapping in mappings:
            with pytest.raises(TypeError):
                mapping["oui"] = "Autre"
        with pytest.raises(AttributeError):
            inside.labels = {}  # type: ignore[misc]
