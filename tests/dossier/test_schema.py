"""A schema of dossiers that could not decide, or would decide something else, is refused at its place when read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.dossier.conftest import PARIS

from recevable.dossier.positions import scan
from recevable.dossier.schema import MAX_LEVELS, MAX_PARTS, read
from recevable.dossier.validate import SchemaValidator
from recevable.language.diagnostics import Diagnostic, DiagnosticError
from recevable.language.types import schema_type

ROOT = '{"type": "object", '


def slips(content: str | bytes) -> list[Diagnostic]:
    """What is said of a schema; nothing when it is accepted."""
    try:
        read(content if isinstance(content, bytes) else content.encode(), "s.json")
    except DiagnosticError as error:
        return list(error.diagnostics)
    return []


def one(content: str) -> Diagnostic:
    """The one slip of a schema, at the place of the mark."""
    before, mark, after = content.partition("▸")
    assert mark
    (slip,) = slips(before + after)
    assert slip.code == "PAQ-SCHEMA"
    assert slip.span is not None
    line = before.rpartition("\n")[2]
    assert (slip.span.line, slip.span.column) == (before.count("\n") + 1, len(line) + 1)
    assert slip.help
    return slip


def field(schema: str, name: str = "a") -> str:
    """A schema of dossiers with one field."""
    return f'{ROOT}"properties": {{\n"{name}": {schema}\n}}}}'


# --- references ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", [
    "http://127.0.0.1:9/r.json", "https://json-schema.org/draft/2020-12/schema", "file:///etc/hostname", "autre.json",
    "autre.json#/$defs/a", "", "/etc/hostname", "urn:x", "//exemple.fr/a",
])  # fmt: skip
@pytest.mark.parametrize("place", [
    '"properties": {"a": %s}', '"properties": {"a": {"type": "array", "items": %s}}', '"allOf": [%s]', '"not": %s',
    '"$defs": {"jamais": %s}', '"if": {"anyOf": [{"propertyNames": %s}]}', '"contains": {"oneOf": [%s]}',
    '"dependentSchemas": {"a": %s}', '"patternProperties": {"a": %s}', '"additionalProperties": %s',
])  # fmt: skip
def test_a_reference_that_leaves_the_schema_is_refused(reference: str, place: str) -> None:
    if place.startswith('"contains"'):
        place = f'"properties": {{"a": {{"type": "array", "items": {{"type": "string"}}, {place}}}}}'
    slip = one(f'{ROOT}{place % f"""{{"$ref": ▸"{reference}"}}"""}}}')
    assert slip.message == f"la référence `{reference}` sort de ce schéma : elle n'est jamais suivie"
    assert slip.help.endswith("Une référence désigne un schéma de ce fichier : `#/$defs/nom`.")


@pytest.mark.parametrize(
    "reference",
    ["#/$defs/absent", "#ancre", "#/properties", "#/properties/a/enum/0", "#/properties/a/x-note", "#/type"],
)
def test_a_reference_that_designates_no_schema_is_refused(reference: str) -> None:
    content = field(f'{{"enum": ["b"], "x-note": {{}}}},\n"b": {{"$ref": ▸"{reference}"}}')
    assert one(content).message == f"la référence `{reference}` ne désigne aucun schéma"


def test_a_misspelt_reference_names_the_one_that_was_meant() -> None:
    slip = one(
        f'{ROOT}"properties": {{"a": {{"$ref": ▸"#/$defs/txte"}}}}, "$defs": {{"texte": {{"type": "string"}}}}}}'
    )
    assert slip.help == "Vouliez-vous dire `#/$defs/texte` ?"


@pytest.mark.parametrize("content", [
    f'{ROOT}"properties": {{"a": {{"$ref": ▸"#"}}}}}}',
    f'{ROOT}"allOf": [{{"$ref": ▸"#"}}]}}',
    f'{ROOT}"properties": {{"a": {{"$ref": ▸"#/properties/a"}}}}}}',
    f'{ROOT}"not": {{"items": {{"$ref": ▸"#/not"}}}}}}',
    f'{ROOT}"properties": {{"a": {{"$ref": "#/$defs/b"}}}},'
    '"$defs": {"b": {"$ref": "#/$defs/c"}, "c": {"not": {"$ref": ▸"#/$defs/b"}}}}',
    f'{ROOT}"$defs": {{"jamais": {{"$ref": ▸"#/$defs/jamais"}}}}}}',
])  # fmt: skip
def test_a_reference_that_leads_back_to_itself_is_refused(content: str) -> None:
    assert one(content).message.endswith("revient à elle-même")


@pytest.mark.parametrize(("keyword", "value"), [
    ("$dynamicRef", '"#a"'), ("$anchor", '"a"'), ("$dynamicAnchor", '"a"'), ("$recursiveRef", '"#"'),
    ("$vocabulary", "{}"), ("definitions", "{}"), ("dependencies", "{}"), ("contentSchema", "{}"),
])  # fmt: skip
def test_a_keyword_that_is_not_for_dossiers_is_refused(keyword: str, value: str) -> None:
    slip = one(field(f'{{"type": "string", ▸"{keyword}": {value}}}'))
    assert slip.message == f"le mot-clé `{keyword}` n'est pas permis dans un schéma de dossiers"


def test_a_schema_inside_another_has_no_identifier_of_its_own() -> None:
    """It would be the base of the references below it."""
    assert one(field('{"type": "string", ▸"$id": "https://exemple.fr/a"}')).message.startswith("`$id`")


def test_the_identifier_of_a_schema_changes_nothing() -> None:
    name = '"$id": "https://json-schema.org/draft/2020-12/schema"'
    content = f'{ROOT}{name}, "properties": {{"a": {{"$ref": "#/$defs/b"}}}}, "$defs": {{"b": {{"const": "c"}}}}}}'
    validator = SchemaValidator(read(content.encode(), "s.json"), PARIS)
    assert validator.accepts({"a": "c"})
    assert not validator.accepts({"a": "d"})
    assert validator.explain({"a": "d"}, scan('{"a": "d"}'), "d.json")


@pytest.mark.parametrize("draft", ["http://json-schema.org/draft-07/schema#", "https://exemple.fr", "x"])
def test_another_version_of_json_schema_is_refused(draft: str) -> None:
    assert one(f'{ROOT}"$schema": ▸"{draft}"}}').help == (
        "Écrivez `https://json-schema.org/draft/2020-12/schema`, à la racine."
    )


def test_references_are_followed_through_escapes_and_lists() -> None:
    names = ["a/b", "a~b", "a b", "é", "a%25b"]
    defs = {name: {"type": "integer"} for name in names} | {"l": {"allOf": [{"type": "boolean"}]}}
    written = {"s": "a~1b", "t": "a~0b", "e": "a%20b", "a": "%C3%A9", "p": "a%2525b"}
    fields = {key: {"$ref": f"#/$defs/{text}"} for key, text in written.items()}
    fields["b"] = {"$ref": "#/$defs/l/allOf/0"}
    schema = read(json.dumps({"type": "object", "properties": fields, "$defs": defs}).encode(), "s.json")
    assert {str(type_) for type_ in schema_type(schema).fields.values()} == {"entier", "booleen"}
    for key in fields:
        text = json.dumps({key: "x"})
        validator = SchemaValidator(schema, PARIS)
        assert not validator.accepts({key: "x"})
        assert validator.explain({key: "x"}, scan(text), "d.json")


# --- bounds -------------------------------------------------------------------------------------------------------


def doubling(levels: int, keyword: str) -> dict[str, Any]:
    """A schema whose size doubles at each level."""
    twice: dict[str, Any] = {}
    for rank in range(levels):
        below = [{"$ref": f"#/$defs/d{rank + 1}"}] * 2
        twice[f"d{rank}"] = {
            "type": "object",
            keyword: dict(zip("ab", below, strict=True)) if keyword == "properties" else below,
        }
    twice[f"d{levels}"] = {"type": "string"}
    return {"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": twice}


@pytest.mark.parametrize("keyword", ["properties", "allOf", "anyOf"])
def test_a_schema_that_doubles_at_each_level_is_refused(keyword: str) -> None:
    (slip,) = slips(json.dumps(doubling(30, keyword)))
    assert slip.message == f"le schéma décrit plus de {MAX_PARTS} valeurs, références suivies"
    assert slips(json.dumps(doubling(8, keyword))) == []


@pytest.mark.parametrize("length", [MAX_LEVELS, 5_000])
def test_a_chain_of_references_has_an_end(length: int) -> None:
    chain: dict[str, Any] = {f"d{rank}": {"$ref": f"#/$defs/d{rank + 1}"} for rank in range(length)}
    chain[f"d{length}"] = {"type": "string"}
    content = {"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": chain}
    (slip,) = slips(json.dumps(content))
    assert slip.message == f"le schéma a plus de {MAX_LEVELS} niveaux, références suivies"


def test_a_short_chain_of_references_is_followed() -> None:
    chain: dict[str, Any] = {f"d{rank}": {"$ref": f"#/$defs/d{rank + 1}"} for rank in range(40)}
    chain["d40"] = {"type": "string"}
    assert slips(json.dumps({"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": chain})) == []


@pytest.mark.parametrize("content", ['{"not": ' * 5_000 + "{}" + "}" * 5_000, "[" * 100_000])
def test_a_schema_nested_without_end_is_refused(content: str) -> None:
    (slip,) = slips(content)
    assert slip.code == "PAQ-SCHEMA"


# --- the form of each keyword -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("schema", "words"), [
    ('{"type": "string", "title": ▸1}', "`title` attend un texte, `1` trouvé"),
    ('{"type": "string", "description": ▸[]}', "`description` attend un texte, une liste trouvée"),
    ('{"type": "string", "minLength": ▸"x"}', '`minLength` attend un nombre entier, zéro ou plus, `"x"` trouvé'),
    ('{"type": "string", "minLength": ▸-1}', "`minLength` attend un nombre entier, zéro ou plus, `-1` trouvé"),
    ('{"type": "string", "maxLength": ▸true}', "`maxLength` attend un nombre entier, zéro ou plus, `true` trouvé"),
    ('{"type": "string", "pattern": ▸1}', "`pattern` attend un texte, `1` trouvé"),
    ('{"type": "string", "format": ▸null}', "`format` attend un texte, `null` trouvé"),
    ('{"type": "integer", "multipleOf": ▸0}', "`multipleOf` attend un nombre entier plus grand que zéro, `0` trouvé"),
    ('{"type": "integer", "minimum": ▸"0"}', '`minimum` attend un nombre entier, `"0"` trouvé'),
    ('{"type": "integer", "minimum": ▸0.5}', "nombre à virgule"),
    ('{"type": "integer", "maximum": ▸1e400}', "nombre à virgule"),
    ('{"type": "integer", "maximum": ▸100000000000000000000000000000}', "nombre démesuré"),
    ('{"enum": ▸"abc"}', '`enum` attend une liste d\'au moins une valeur, `"abc"` trouvé'),
    ('{"enum": ▸[]}', "`enum` attend une liste d'au moins une valeur, une liste trouvée"),
    ('{"type": "object", "required": ▸"x"}', '`required` attend une liste de noms de champs, chacun une seule fois'),
    ('{"type": "object", "required": ▸["x", "x"]}', "`required` attend une liste de noms"),
    ('{"type": "object", "required": ▸[1]}', "`required` attend une liste de noms"),
    ('{"type": "object", "dependentRequired": ▸{"a": "b"}}', "`dependentRequired` attend un objet"),
    ('{"type": "object", "properties": ▸[]}', "`properties` attend un objet qui donne un schéma à chaque nom"),
    ('{"type": "object", "properties": {"b": ▸1}}', "il faut un schéma"),
    ('{"type": "array", "items": ▸[]}', "`items` attend un schéma"),
    ('{"type": "array", "items": {"type": "string"}, "uniqueItems": ▸1}', "`uniqueItems` attend `true` ou `false`"),
    ('{"type": "string", "allOf": ▸[]}', "`allOf` attend une liste d'au moins un schéma"),
    ('{"type": "string", "anyOf": [▸"x"]}', "il faut un schéma"),
    ('{"type": "string", "oneOf": ▸{}}', "`oneOf` attend une liste d'au moins un schéma"),
    ('{"type": "string", "not": ▸null}', "`not` attend un schéma"),
    ('{"type": "string", "examples": ▸"x"}', "`examples` attend une liste"),
    ('{"$ref": ▸1}', "`$ref` attend un texte"),
    ('{"type": ▸["string", "integer"]}', '`["string", "integer"]` n\'est pas un type que les règles connaissent'),
    ('{"type": ▸"null"}', "`null` n'est pas un type que les règles connaissent"),
    ('{"type": "string", "pattern": ▸"("}', "`(` n'est pas une expression rationnelle permise"),
    ('{"type": "string", "pattern": ▸"^(?=a)"}', "n'est pas une expression rationnelle permise"),
    ('{"type": "string", "pattern": ▸"(a)\\\\1"}', "n'est pas une expression rationnelle permise"),
    ('{"type": "string", "pattern": ▸"((a{99}){99}){99}"}', "n'est pas une expression rationnelle permise"),
    ('{"type": "string", "pattern": ▸"^((a{1,50}){1,50}){1,50}$"}', "n'est pas une expression rationnelle permise"),
    ('{"type": "string", "pattern": ▸"^(a{0,100}){0,1000}$"}', "n'est pas une expression rationnelle permise"),
    ('{"type": "object", "patternProperties": {▸"[": {"type": "string"}}}', "`[` n'est pas une expression"),
    ('{"type": "string", ▸"minimum": 3}', "`minimum` ne dit rien d'un texte"),
    ('{"type": "integer", ▸"minLength": 3}', "`minLength` ne dit rien d'un nombre entier"),
    ('{"type": "string", ▸"items": {"type": "string"}}', "`items` ne dit rien d'un texte"),
    ('{"type": "integer", ▸"format": "date"}', "`format` ne dit rien d'un nombre entier"),
    ('{"type": "boolean", ▸"format": "numero"}', "`format` ne dit rien d'un booléen"),
])  # fmt: skip
def test_what_a_keyword_does_not_admit_is_refused_at_its_place(schema: str, words: str) -> None:
    assert words in one(field(schema)).message


def test_a_whole_number_that_designates_says_so() -> None:
    """As the guide of the language writes it: `2021`, never `2 021`."""
    schema = field('{"type": "integer", "format": "numero"}')
    assert slips(schema) == []
    assert SchemaValidator(read(schema.encode(), "s.json"), PARIS).accepts({"a": 2021})


@pytest.mark.parametrize("root", ["▸[]", "▸true", "▸1", '▸"x"', "▸null", "▸", "▸<xml/>"])
def test_what_is_no_object_is_no_schema(root: str) -> None:
    slip = one(root)
    assert (slip.message, slip.help) == ("ce n'est pas un schéma JSON", "Un schéma est un objet JSON : `{ … }`.")


@pytest.mark.parametrize("content", [b'{"a": "\xe9"}', '{"a": "é"}'.encode("utf-16"), b'{"title": "\\ud800"}'])
def test_a_schema_in_another_encoding_is_refused(content: bytes) -> None:
    (slip,) = slips(content)
    assert slip.code == "PAQ-SCHEMA"
    assert slip.span is not None


@pytest.mark.parametrize(("schema", "words"), [
    ('{"type": "integer", "minimum": 3, "maximum": ▸2}', "`minimum: 3` et `maximum: 2`"),
    ('{"type": "integer", "exclusiveMinimum": 2, "exclusiveMaximum": ▸3}', "`exclusiveMinimum: 2`"),
    ('{"type": "integer", "exclusiveMinimum": 2, "maximum": ▸2}', "`exclusiveMinimum: 2`"),
    ('{"type": "string", "minLength": 3, "maxLength": ▸2}', "`minLength: 3`"),
    ('{"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": ▸2}', "`minItems: 3`"),
    ('{"type": "object", "additionalProperties": false, "required": [▸"x"]}', "`x` est exigé sans être permis"),
    ('{"type": "string", "enum": ["a", ▸1]}', "`1` n'est pas un texte"),
    ('{"type": "integer", "const": ▸"1"}', "n'est pas un nombre entier"),
    ('{"type": "boolean", "enum": [▸1]}', "`1` n'est pas un booléen"),
    ('{"enum": ["a", ▸1]}', "`1` n'est pas un texte, comme les autres valeurs de ce champ"),
    ('{"enum": [1, ▸true]}', "`true` n'est pas un nombre entier, comme les autres valeurs de ce champ"),
    ('{"const": "a", "enum": [▸1]}', "`1` n'est pas"),
    ('{"enum": [▸null]}', "les règles ne connaissent pas de champ qui vaut `null`"),
    ('{"enum": [▸null, "a"]}', "les règles ne connaissent pas de champ qui vaut `null`"),
    ('{"enum": [▸{}, "a"]}', "les règles ne connaissent pas de champ qui vaut `{}`"),
    ('{"const": ▸[1]}', "les règles ne connaissent pas de champ qui vaut `[1]`"),
    ('{"type": "string", "format": "date", "enum": [▸"2023-02-30"]}', "n'est pas une date"),
    ('{"enum": [▸100000000000000000000]}', "nombre démesuré : `100000000000000000000`"),
])  # fmt: skip
def test_keywords_that_exclude_each_other_are_refused(schema: str, words: str) -> None:
    content = field(schema)
    if '"const": "a"' in schema:
        assert slips(content.replace("▸", ""))
    else:
        assert words in one(content).message


@pytest.mark.parametrize("schema", [
    '{"type": "integer", "minimum": 2, "maximum": 2}',
    '{"type": "integer", "exclusiveMinimum": 2, "exclusiveMaximum": 4}',
    '{"type": "integer", "exclusiveMinimum": 2, "maximum": 3}', '{"type": "string", "minLength": 2, "maxLength": 2}',
    '{"type": "object", "additionalProperties": {"type": "string"}, "required": ["x"]}',
    '{"type": "object", "additionalProperties": false, "patternProperties": {"x": {}}, "required": ["x"]}',
])  # fmt: skip
def test_bounds_that_meet_are_right(schema: str) -> None:
    assert slips(field(schema)) == []


# --- types --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "schema", ["{}", "true", "false", '{"title": "A"}', '{"not": {"type": "string"}}', '{"format": "date"}']
)
def test_a_field_without_a_type_is_refused_at_its_name(schema: str) -> None:
    for content in (
        f'{ROOT}"properties": {{▸"a": {schema}}}}}',
        f'{ROOT}"properties": {{"l": {{"type": "array", ▸"items": {schema}}}}}}}',
        f'{ROOT}"properties": {{"a": {{"$ref": "#/$defs/b"}}}}, "$defs": {{▸"b": {schema}}}}}',
    ):
        assert one(content).message == "ce champ n'a pas de type dans les règles"


@pytest.mark.parametrize(("content", "words"), [
    ('▸{"properties": {"a": {"type": "string"}}}', "ne dit pas qu'un dossier est un objet"),
    ('▸{"type": "array", "items": {"type": "string"}}', "ne dit pas qu'un dossier est un objet"),
    (f'{ROOT}"properties": {{▸"a": {{"type": "array"}}}}}}', "cette liste ne dit pas ce que sont ses éléments"),
    (field('{"type": "array", "items": {"type": "integer"}, ▸"prefixItems": [{"type": "string"}]}'),
     "les règles ne lisent pas les éléments par leur rang"),
    (f'{ROOT}"properties": {{▸"\\u200b": {{"type": "string"}}}}}}', "le nom de ce champ ne montre rien"),
    (f'{ROOT}"properties": {{▸"": {{"type": "string"}}}}}}', "le nom de ce champ ne montre rien"),
])  # fmt: skip
def test_what_rules_could_not_read_is_refused(content: str, words: str) -> None:
    assert words in one(content).message


@pytest.mark.parametrize(("schema", "kind"), [
    ('{"enum": [1, 2]}', "entier"), ('{"const": 1}', "entier"), ('{"enum": [true]}', "booleen"),
    ('{"enum": ["a", "b"]}', "texte"), ('{"format": "date", "enum": ["2023-01-01"]}', "date"),
    ('{"type": "integer", "enum": [1]}', "entier"), ('{"type": "boolean", "const": true}', "booleen"),
])  # fmt: skip
def test_a_closed_field_has_the_type_of_its_values(schema: str, kind: str) -> None:
    type_ = schema_type(read(field(schema).encode(), "s.json")).fields["a"]
    assert str(type_) == kind
    assert all(isinstance(value, str) for value in type_.values)


def test_an_accent_apart_is_the_letter_that_it_makes() -> None:
    schema = read(field('{"enum": ["prive\\u0301e", "e\u0301"]}', "pie\u0301ce").encode(), "s.json")
    assert schema["properties"] == {"pi\u00e9ce": {"enum": ["priv\u00e9e", "\u00e9"]}}
    (slip,) = slips(field('{"type": "string"}, "e\u0301": {"type": "string"}', "\u00e9"))
    assert "figure deux fois" in slip.message


# --- anything -----------------------------------------------------------------------------------------------------

_WORDS = st.sampled_from(
    "$ref $id $schema $defs type enum const properties items required not allOf anyOf oneOf if then else contains "
    "pattern patternProperties additionalProperties propertyNames minLength maxItems multipleOf minimum format title "
    "uniqueItems dependentRequired dependentSchemas prefixItems unevaluatedProperties minContains x-note".split()
)
_LEAVES = (
    st.sampled_from(["object", "array", "string", "integer", "#", "#/$defs/a", "#/properties/a", "a", "(", "date"])
    | st.none() | st.booleans() | st.integers(-2, 3)
)  # fmt: skip


def _inside(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(children, max_size=2) | st.dictionaries(_WORDS | st.sampled_from(["a", "b"]), children, max_size=4)


SCHEMAS = st.recursive(_LEAVES, _inside, max_leaves=12)


@given(
    st.dictionaries(st.sampled_from(["a", "b"]), SCHEMAS, max_size=2),
    st.dictionaries(_WORDS, SCHEMAS, max_size=3),
    SCHEMAS,
)
def test_whatever_the_schema_it_is_refused_with_sentences_or_decides(
    fields: dict[str, Any], more: dict[str, Any], definition: Any
) -> None:
    schema = more | {"type": "object", "properties": fields, "$defs": {"a": definition}}
    found = slips(json.dumps(schema))
    for slip in found:
        assert slip.span is not None
        assert slip.help
        assert "None" not in slip.message
    if found:
        return
    schema_type(schema)
    validator = SchemaValidator(schema, PARIS)
    instances: list[Any] = [{}, {"a": 1, "b": "a"}, {"a": [1, 1], "b": {"a": None}}, []]
    for instance in instances:
        text = json.dumps(instance)
        explained = validator.explain(instance, scan(text), "d.json")
        assert validator.accepts(instance) == (not explained)
        assert all("None" not in slip.message for slip in explained)
