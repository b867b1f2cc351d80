"""The schemas themselves: valid, closed, in French, and with the words of the code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from recevable.cli.schema import schema_files
from recevable.decision.model import AppraisalState, Verdict
from recevable.language.diagnostics import Severity
from recevable.language.operations import ROUNDINGS
from recevable.language.types import Kind
from recevable.pack import parameters
from recevable.pack.kinds import KINDS, amount, calculation, piece
from recevable.pack.letter_kinds import ROLES
from recevable.pack.loader import RULE_KEYS
from recevable.pack.model import BASES, MODALITIES, RECOVERY, Consequence, Result
from recevable.pack.requirements import Treatment

if TYPE_CHECKING:
    from tests.schemas.conftest import Schemas


def at(schema: dict[str, Any], path: str) -> Any:
    """What lies at a pointer."""
    found: Any = schema
    for part in path.split("/"):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found


def nodes(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a schema, with its pointer."""
    if isinstance(node, dict):
        yield path, node
        for key, child in node.items():
            yield from nodes(child, f"{path}/{key}")
    elif isinstance(node, list):
        for rank, child in enumerate(node):
            yield from nodes(child, f"{path}/{rank}")


def test_a_schema_is_a_valid_schema(schema: Schemas, schema_name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(schema_name))


def test_a_schema_is_named_after_its_file(schema: Schemas, schema_name: str) -> None:
    assert schema(schema_name)["$id"] == f"https://recevable.example/schemas/{schema_name}.schema.json"


def test_a_schema_can_be_asked_for_by_its_name(schema_name: str) -> None:
    assert schema_files()[schema_name].name == f"{schema_name}.schema.json"


def test_every_object_of_a_schema_is_closed(schema: Schemas, schema_name: str) -> None:
    """A misspelt key is never let through: objects name their properties, and refuse the others."""
    open_objects = [
        path
        for path, node in nodes(schema(schema_name))
        if node.get("type") == "object" and "properties" in node and node.get("additionalProperties") is not False
    ]
    assert open_objects == []


@pytest.mark.parametrize("name", [
    "regles", "parametres", "programme", "exigences", "pieges", "proprietes", "retraits", "demandeurs", "import",
    "tolerances", "mutants", "courriers", "courriers-communs",
    "scenarios",
])  # fmt: skip
def test_every_property_that_a_person_writes_has_a_title_and_a_description(schema: Schemas, name: str) -> None:
    bare = [
        f"{path}/properties/{key}"
        for path, node in nodes(schema(name))
        if node.get("additionalProperties") is False
        for key, child in node.get("properties", {}).items()
        if not {"title", "description"} <= resolved(schema(name), child).keys()
    ]
    assert bare == []


def resolved(root: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """A node with what it refers to below it."""
    reference = node.get("$ref", "")
    return {**at(root, reference.removeprefix("#/")), **node} if reference.startswith("#/") else node


@pytest.mark.parametrize("name", ["decision", "rapport"])
def test_every_property_that_the_software_writes_has_a_description(schema: Schemas, name: str) -> None:
    bare = [
        f"{path}/properties/{key}"
        for path, node in nodes(schema(name))
        if node.get("additionalProperties") is False and not path.endswith(("/bilan", "/demandes"))
        for key, child in node.get("properties", {}).items()
        if "description" not in resolved(schema(name), child)
    ]
    assert bare == []


# --- the words of the code ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "path", "words"),
    [
        ("regles", "$defs/consequence/enum", list(Consequence)),
        ("regles", "$defs/regle/properties/type/enum", list(amount.TYPES | calculation.TYPES)),
        ("regles", "$defs/regle/properties/arrondi/properties/sens/enum", list(ROUNDINGS)),
        ("regles", "$defs/regle/properties/modalite/enum", list(MODALITIES)),
        ("regles", "$defs/regle/properties/assiette/enum", list(BASES)),
        ("regles", "$defs/etape/properties/resultat/enum", [Result.SATISFIED, Result.TO_APPRAISE]),
        ("regles", "$defs/defaut/properties/cause/allOf/1/not/enum", [piece.ABSENT, piece.EXPIRED]),
        ("parametres", "$defs/parametre/properties/type/enum", list(parameters.TYPES)),
        ("parametres", "$defs/parametre/properties/jusqu_au/anyOf/0/const", parameters.OPEN),
        ("programme", "properties/demandes/propertyNames/allOf/1/not/const", RECOVERY),
        ("exigences", "$defs/exigence/properties/traitement/enum", list(Treatment)),
        ("decision", "$defs/demande/properties/verdict/enum", list(Verdict)),
        ("decision", "$defs/demande/properties/bilan/required", list(Result)),
        ("decision", "$defs/constat/properties/resultat/enum", list(Result)),
        ("decision", "$defs/constat/properties/consequence/enum", [*Consequence, None]),
        ("decision", "$defs/cas/properties/modalite/enum", list(MODALITIES)),
        ("decision", "$defs/cas/properties/assiette/enum", list(BASES)),
        ("decision", "$defs/appreciation/properties/etat/enum", list(AppraisalState)),
        ("decision", "$defs/donnee/properties/type/enum", list(Kind)),
        ("decision", "$defs/montant/properties/type/enum", list(amount.TYPES)),
        ("rapport", "$defs/diagnostic/properties/gravite/enum", list(Severity)),
        ("controle", "$defs/constat/properties/gravite/enum", list(Severity)),
        ("courriers", "$defs/bloc/properties/role/enum", list(ROLES)),
        ("courriers-communs", "$defs/bloc/properties/role/enum", list(ROLES)),
        ("scenarios", "$defs/demande/properties/verdict/enum", list(Verdict)),
        ("scenarios", "$defs/recouvrement/items/properties/modalite/enum", list(MODALITIES)),
        ("scenarios", "$defs/recouvrement/items/properties/assiette/enum", list(BASES)),
        ("rapport", "properties/bilan/properties/demandes/required", list(Verdict)),
    ],
)
def test_a_closed_list_of_a_schema_is_the_one_of_the_code(schema: Schemas, name: str, path: str, words: Any) -> None:
    found = at(schema(name), path)
    if isinstance(words, list):
        assert sorted(map(str, found)) == sorted(map(str, words))
    else:
        assert found == words


def test_the_conditions_of_a_value_are_on_every_type_of_parameter(schema: Schemas) -> None:
    conditions = schema("parametres")["$defs"]["parametre"]["allOf"]
    assert sorted(c["if"]["properties"]["type"]["const"] for c in conditions) == sorted(parameters.TYPES)


def test_the_conditions_of_a_datum_are_on_every_type(schema: Schemas) -> None:
    conditions = schema("decision")["$defs"]["donnee"]["allOf"]
    assert sorted(c["if"]["properties"]["type"]["const"] for c in conditions) == sorted(Kind)


def test_the_natures_of_a_rule_are_those_of_the_code(schema: Schemas) -> None:
    rule = schema("regles")["$defs"]["regle"]
    assert [choice["required"][0] for choice in rule["oneOf"]] == list(KINDS)
    assert [condition["if"]["required"][0] for condition in rule["allOf"]] == list(KINDS)


def test_the_keys_of_any_rule_are_those_of_the_code(schema: Schemas) -> None:
    rule = schema("regles")["$defs"]["regle"]
    allowed = [set(condition["then"]["propertyNames"]["enum"]) for condition in rule["allOf"]]
    shared = set.union(*allowed) & set(RULE_KEYS)
    assert shared == set(RULE_KEYS)
    assert set(rule["properties"]) == set.union(*allowed)
