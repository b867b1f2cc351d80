"""Strictly read the dossier schema of a programme: a fault in it would affect every dossier.

Beyond the JSON Schema 2020-12 metaschema, a schema must refer only to itself, be finite, give every field one type of
the language, and have no contradictory keywords.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC
from typing import Any, Final
from urllib.parse import unquote

import jsonschema_rs
from msgspec import Struct
from msgspec.structs import replace

from recevable.dossier.fields import APPLICANT, SUPPLIED_BY
from recevable.dossier.formats import NAMES, parsers
from recevable.dossier.json_reader import read as read_json
from recevable.dossier.limits import INTEGERS, MAX_BYTES, pointer
from recevable.dossier.positions import scan, shortened
from recevable.dossier.refusals import seen
from recevable.dossier.validate import SchemaValidator
from recevable.language.characters import shows
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span, suggest
from recevable.language.patterns import matcher
from recevable.language.types import NUMERAL, called, choices

CODE: Final = "PAQ-SCHEMA"
# The depth limit once references are expanded: validators visit every part for each dossier.
MAX_LEVELS: Final = 64
MAX_PARTS: Final = 50_000
_TYPES: Final = ("object", "array", "string", "integer", "boolean")
_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_OBJECT: Final = "Un schéma est un objet JSON : `{ … }`."
_NO_SCHEMA: Final = "ce n'est pas un schéma JSON"


class _Form(Struct, frozen=True):
    """The required form of a keyword's value, in words and as a test."""

    words: str
    fits: Callable[[Any], bool]


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_huge(value: Any) -> bool:
    """Whether a number exceeds 64 bits, like the numbers of a dossier."""
    return isinstance(value, int) and not INTEGERS[0] <= value <= INTEGERS[1]


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value) and len(set(value)) == len(value)


_TEXT: Final = _Form("un texte", lambda value: isinstance(value, str))
_INTEGER: Final = _Form("un nombre entier", _is_integer)
_COUNT: Final = _Form("un nombre entier, zéro ou plus", lambda value: _is_integer(value) and value >= 0)
_POSITIVE: Final = _Form("un nombre entier plus grand que zéro", lambda value: _is_integer(value) and value > 0)
_BOOLEAN: Final = _Form("`true` ou `false`", lambda value: isinstance(value, bool))
_NAMES: Final = _Form("une liste de noms de champs, chacun une seule fois", _is_names)
_LIST: Final = _Form("une liste", lambda value: isinstance(value, list))
_CHOICES: Final = _Form("une liste d'au moins une valeur", lambda value: isinstance(value, list) and value != [])
_ANYTHING: Final = _Form("une valeur", lambda value: True)
_DEPENDENCIES: Final = _Form(
    "un objet qui donne, pour un champ, la liste de ceux qu'il demande",
    lambda value: isinstance(value, dict) and all(map(_is_names, value.values())),
)
_SCHEMA: Final = _Form("un schéma : un objet `{…}`, `true` ou `false`", lambda value: isinstance(value, (dict, bool)))
_SCHEMAS: Final = _Form("une liste d'au moins un schéma", lambda value: isinstance(value, list) and value != [])
_NAMED: Final = _Form("un objet qui donne un schéma à chaque nom", lambda value: isinstance(value, dict))

# The keywords of JSON Schema 2020-12 that a dossier schema may use.
_KEYWORDS: Final[Mapping[str, _Form]] = {
    **dict.fromkeys("$schema $id $ref $comment title description format pattern type".split(), _TEXT),
    **dict.fromkeys("deprecated readOnly writeOnly uniqueItems".split(), _BOOLEAN),
    **dict.fromkeys("minimum maximum exclusiveMinimum exclusiveMaximum".split(), _INTEGER),
    **dict.fromkeys("minLength maxLength minItems maxItems minContains maxContains".split(), _COUNT),
    **dict.fromkeys("minProperties maxProperties".split(), _COUNT),
    "multipleOf": _POSITIVE,
    "required": _NAMES,
    "dependentRequired": _DEPENDENCIES,
    "enum": _CHOICES,
    "examples": _LIST,
    **dict.fromkeys("const default".split(), _ANYTHING),
    **dict.fromkeys("not if then else items contains additionalProperties propertyNames".split(), _SCHEMA),
    **dict.fromkeys("unevaluatedItems unevaluatedProperties".split(), _SCHEMA),
    **dict.fromkeys("allOf anyOf oneOf prefixItems".split(), _SCHEMAS),
    **dict.fromkeys("properties patternProperties $defs dependentSchemas".split(), _NAMED),
}
# The unsupported ones, and why.
_REFUSED: Final[Mapping[str, str]] = {
    **dict.fromkeys("$anchor $dynamicAnchor $dynamicRef $recursiveRef $recursiveAnchor".split(), "ref"),
    "definitions": "Écrivez `$defs`.",
    "dependencies": "Écrivez `dependentRequired` ou `dependentSchemas`.",
    "additionalItems": "Écrivez `items` ; les premiers éléments se décrivent par `prefixItems`.",
    "$vocabulary": "Supprimez-le : un schéma de dossiers emploie le vocabulaire ordinaire.",
    **dict.fromkeys(
        "contentEncoding contentMediaType contentSchema".split(),
        "Supprimez-le : rien ne vérifie ce qu'un texte contient ; une pièce est décrite par ses champs.",
    ),
}
_LOCAL: Final = "Une référence désigne un schéma de ce fichier : `#/$defs/nom`."
# The type that each keyword applies to; on another type it would have no effect.
_ABOUT: Final[Mapping[str, str]] = {
    **dict.fromkeys("pattern minLength maxLength format".split(), "string"),
    **dict.fromkeys("minimum maximum exclusiveMinimum exclusiveMaximum multipleOf".split(), "integer"),
    **dict.fromkeys(
        "items prefixItems contains minItems maxItems minContains maxContains uniqueItems unevaluatedItems".split(),
        "array",
    ),
    **dict.fromkeys(
        "properties patternProperties additionalProperties propertyNames required dependentRequired dependentSchemas "
        "minProperties maxProperties unevaluatedProperties".split(),
        "object",
    ),
}
_CALLED: Final = {
    "object": "un objet",
    "array": "une liste",
    "string": "un texte",
    "integer": "un nombre entier",
    "boolean": "un booléen",
}
_BOUNDS: Final = tuple(
    f"{end}{what}" for what in ("Length", "Items", "Contains", "Properties") for end in ("min", "max")
)


class _Slip(Struct, frozen=True):
    """A fault at a pointer, on its key or on its value."""

    pointer: str
    message: str
    help: str
    at_key: bool = False


def read(data: bytes, name: str, parties: Collection[str] = ()) -> dict[str, Any]:
    """Parse the schema; raises DiagnosticError with each fault at its place in the file `name`.

    `parties` are those who may supply a field; when empty, any name is accepted.
    """
    content = data.removeprefix(codecs.BOM_UTF8)
    if len(content) > MAX_BYTES:
        message = f"le schéma fait {len(content)} octets, au plus {MAX_BYTES} pour un schéma"
        raise DiagnosticError([Diagnostic(CODE, message, Span(name, 1, 1), "Aucun schéma n'est si grand.")])
    try:
        schema = read_json(content, name)
    except DiagnosticError as error:
        if content.lstrip()[:1] not in (b"{", b"\xff", b"\xfe", b"\0"):
            raise _no_schema(name) from None
        raise DiagnosticError([replace(one, code=CODE) for one in error.diagnostics]) from None
    if not isinstance(schema, dict):
        raise _no_schema(name)
    slips = _SchemaChecker(schema, parties).slips()
    if not slips:
        return schema
    found = scan(content.decode("utf-8"))
    diagnostics = []
    for slip in slips:
        index = found.keys.get(slip.pointer) if slip.at_key else None
        index = found.values[slip.pointer] if index is None else index
        diagnostics.append(Diagnostic(CODE, slip.message, Span(name, *found.line_column(index)), slip.help))
    raise DiagnosticError(diagnostics)


def _no_schema(name: str) -> DiagnosticError:
    return DiagnosticError([Diagnostic(CODE, _NO_SCHEMA, Span(name, 1, 1), _OBJECT)])


class _SchemaChecker:
    """Collects the faults of a schema; each step runs only if the previous ones found nothing."""

    def __init__(self, root: dict[str, Any], parties: Collection[str] = ()) -> None:
        self.root, self.parties = root, parties
        self.unknown_parties: set[str] = set()
        self.found: list[_Slip] = []
        # every subschema by pointer, its children, and the keyword and pointer of its reference
        self.parts: dict[str, Any] = {}
        self.inner: dict[str, list[str]] = {}
        self.measured: dict[str, tuple[int, int]] = {}
        self.open: list[str] = []
        self.typed_parts: set[str] = set()

    def slips(self) -> list[_Slip]:
        for step in (self.forms, self.references, self.extent, self.types, self.validators):
            step()
            if self.found:
                break
        return list(dict.fromkeys(self.found))

    def slip(self, where: str, message: str, help: str, *, at_key: bool = False) -> None:
        self.found.append(_Slip(where, message, help, at_key))

    # --- the form of each keyword -----------------------------------------------------------------------------------

    def forms(self) -> None:
        self.part(self.root, ())

    def part(self, node: Any, path: tuple[str | int, ...]) -> None:
        where = pointer(*path)
        if not _SCHEMA.fits(node):
            self.slip(where, f"il faut {_SCHEMA.words}, {seen(node)}", "Décrivez ici une valeur du dossier.")
            return
        self.parts[where] = node
        self.inner[where] = []
        if isinstance(node, bool):
            return
        for key, value in node.items():
            self.keyword(node, key, value, (*path, key))
        self.contradictions(node, path)
        self.labels(node, path)

    def keyword(self, node: dict[str, Any], key: str, value: Any, here: tuple[str | int, ...]) -> None:
        where, form = pointer(*here), _KEYWORDS.get(key)
        if key == SUPPLIED_BY:
            self.supplied_by(value, where)
            return
        if key.startswith("x-"):
            help = suggest(key, [SUPPLIED_BY])
            if help:
                self.slip(where, f"annotation inconnue : `{shortened(key)}`", help, at_key=True)
            return
        if key in _REFUSED:
            help = _REFUSED[key] if _REFUSED[key] != "ref" else _LOCAL
            self.slip(where, f"le mot-clé `{key}` n'est pas permis dans un schéma de dossiers", help, at_key=True)
        elif form is None:
            help = suggest(key, _KEYWORDS) or "Les champs d'un objet se déclarent sous `properties`."
            self.slip(where, f"mot-clé inconnu de JSON Schema : `{shortened(key)}`", help, at_key=True)
        elif key == "type" and value not in _TYPES:
            help = (suggest(value, _TYPES) if isinstance(value, str) else "") or f"Types : {', '.join(_TYPES)}."
            shown = shortened(value) if isinstance(value, str) else _json(value)
            self.slip(where, f"`{shown}` n'est pas un type que les règles connaissent", help)
        elif _is_huge(value):
            self.huge(value, where)
        elif not form.fits(value):
            self.slip(where, f"`{key}` attend {form.words}, {seen(value)}", f"Corrigez `{key}`, ou supprimez-le.")
        elif form is _SCHEMA:
            self.inside(value, here)
        elif form is _SCHEMAS:
            for rank, child in enumerate(value):
                self.inside(child, (*here, rank))
        elif form is _NAMED:
            for name, child in value.items():
                if not shows(name):
                    help = "Donnez-lui un nom fait de lettres."
                    self.slip(pointer(*here, name), "le nom de ce champ ne montre rien", help, at_key=True)
                elif key == "properties" and any(char.isspace() for char in name):
                    help = f"Écrivez par exemple `{'_'.join(name.split())}`, et le nom entier dans `title`."
                    message = f"aucune règle ne peut nommer un champ où il y a une espace : `{shortened(name)}`"
                    self.slip(pointer(*here, name), message, help, at_key=True)
                if key == "patternProperties":
                    self.pattern(name, pointer(*here, name), at_key=True)
                self.inside(child, (*here, name))
        elif key == "pattern":
            self.pattern(value, where)
        elif key == "format" and value not in NAMES and suggest(value, NAMES):
            self.slip(where, f"format inconnu : `{value}`", suggest(value, NAMES))
        elif key == "$schema" and (value.removesuffix("#") != _DRAFT or len(here) > 1):
            self.slip(
                where,
                f"`{shortened(value)}` n'est pas la version de JSON Schema d'un dossier",
                f"Écrivez `{_DRAFT}`, à la racine.",
            )
        elif key == "$id" and len(here) > 1:
            self.slip(where, "`$id` ne se met qu'à la racine du schéma", f"Supprimez-le. {_LOCAL}", at_key=True)
        about = _ABOUT.get(key)
        numeral = key == "format" and value == NUMERAL and node.get("type") == "integer"
        if about is not None and node.get("type", about) != about and node["type"] in _TYPES and not numeral:
            help = f"Supprimez `{key}`, ou corrigez `type`."
            self.slip(where, f"`{key}` ne dit rien d'{_CALLED[node['type']]}", help, at_key=True)

    def supplied_by(self, value: Any, where: str) -> None:
        named = [value] if isinstance(value, str) else value
        if named == [] or not _is_names(named):
            help = f'Écrivez `"{APPLICANT}"`, un intervenant du programme, ou la liste de plusieurs.'
            self.slip(where, f"`{SUPPLIED_BY}` attend qui fournit la donnée, {seen(value)}", help)
            return
        for name in named if self.parties else ():
            # the schema of another programme may contain the name many times
            if name not in self.parties and name not in self.unknown_parties:
                self.unknown_parties.add(name)
                help = suggest(name, self.parties) or f"Intervenants : {', '.join(f'`{one}`' for one in self.parties)}."
                self.slip(where, f"intervenant inconnu : `{shortened(name)}`", help)

    def huge(self, value: int, where: str) -> None:
        help = "Aucun nombre d'un dossier n'a tant de chiffres : vérifiez la saisie."
        self.slip(where, f"nombre démesuré : `{shortened(str(value))}`", help)

    def inside(self, node: Any, here: tuple[str | int, ...]) -> None:
        *above, _ = here
        while pointer(*above) not in self.inner:
            above.pop()
        self.inner[pointer(*above)].append(pointer(*here))
        self.part(node, here)

    def pattern(self, pattern: str, where: str, *, at_key: bool = False) -> None:
        try:
            matcher(pattern)
        except ValueError:
            help = (
                "Vérifiez ses parenthèses, crochets et répétitions (pas de grande répétition dans une répétition) ; "
                "ni assertion `(?=…)`, ni renvoi à un groupe `\\1`."
            )
            self.slip(
                where, f"`{shortened(pattern)}` n'est pas une expression rationnelle permise", help, at_key=at_key
            )

    def contradictions(self, node: dict[str, Any], path: tuple[str | int, ...]) -> None:
        """Report two keywords that no value can satisfy together."""

        def at_most(low: str, high: str, gap: int = 0) -> None:
            least, most = node.get(low), node.get(high)
            if isinstance(least, int) and isinstance(most, int) and least + gap > most:
                message = f"aucune valeur n'est permise par `{low}: {least}` et `{high}: {most}`"
                self.slip(pointer(*path, high), message, "Corrigez l'un des deux.")

        for low, high in zip(_BOUNDS[::2], _BOUNDS[1::2], strict=True):
            at_most(low, high, 0)
        at_most("minimum", "maximum")
        at_most("exclusiveMinimum", "maximum", 1)
        at_most("minimum", "exclusiveMaximum", 1)
        at_most("exclusiveMinimum", "exclusiveMaximum", 2)
        known = node.get("properties", {})
        closed = node.get("additionalProperties") is False and "patternProperties" not in node
        misspelt = any(key not in _KEYWORDS and suggest(key, ["properties"]) for key in node)
        if not closed or misspelt or not isinstance(known, dict) or not _is_names(node.get("required")):
            return
        for rank, name in enumerate(node["required"]):
            if name not in known:
                help = suggest(name, known) or f"Déclarez `{shortened(name)}` sous `properties`, ou ne l'exigez pas."
                message = f"le champ `{shortened(name)}` est exigé sans être permis"
                self.slip(pointer(*path, "required", rank), message, help)

    # --- references -------------------------------------------------------------------------------------------------

    def references(self) -> None:
        for where, node in self.parts.items():
            if isinstance(node, dict) and "$ref" in node:
                target, place = node["$ref"], f"{where}/$ref"
                shown = shortened(target)
                if not target.startswith("#"):
                    help = f"Recopiez ici ce qu'elle désigne. {_LOCAL}"
                    self.slip(place, f"la référence `{shown}` sort de ce schéma : elle n'est jamais suivie", help)
                elif _target(target) not in self.parts:
                    named = [f"#{one}" for one in self.parts if one.startswith("/$defs/") and one.count("/") == 2]
                    self.slip(
                        place, f"la référence `{shown}` ne désigne aucun schéma", suggest(target, named) or _LOCAL
                    )

    def extent(self) -> None:
        """Report circular references, and schemas that become too large once expanded."""
        size, _ = self.measure("", "")
        if size > MAX_PARTS and not self.found:
            help = "Décrivez moins de champs, ou réunissez ceux qui se répètent en une liste."
            self.slip("", f"le schéma décrit plus de {MAX_PARTS} valeurs, références suivies", help)
        for where in self.parts:
            # unreferenced parts count too: validators also read an unused `$defs`
            self.measure(where, "")

    def measure(self, where: str, by: str) -> tuple[int, int]:
        """The number of schemas inside one (inclusive), and of levels; `by` is the last reference followed."""
        if where in self.open:
            self.slip(by, f"la référence `#{where}` revient à elle-même", "Une référence ne tourne pas en rond.")
            return 1, 1
        if where not in self.measured:
            self.open.append(where)
            size, levels = 1, 0
            for child, via in self.below(where):
                if len(self.open) >= MAX_LEVELS:
                    self.too_deep(via or by or where)
                    break
                more, depth = self.measure(child, via or by)
                size, levels = size + more, max(levels, depth)
            self.open.pop()
            self.measured[where] = (size, levels + 1)
        size, levels = self.measured[where]
        if len(self.open) + levels > MAX_LEVELS:
            self.too_deep(by or where)
        return size, levels

    def too_deep(self, where: str) -> None:
        if not self.found:
            help = "Un dossier compte peu de niveaux : rapprochez les champs de la racine."
            self.slip(where, f"le schéma a plus de {MAX_LEVELS} niveaux, références suivies", help)

    def below(self, where: str) -> Iterable[tuple[str, str]]:
        """The schemas directly inside one, and the target of its reference, with the place of `$ref`."""
        yield from ((child, "") for child in self.inner[where] if not child.startswith(f"{where}/$defs/"))
        node = self.parts[where]
        if isinstance(node, dict) and "$ref" in node:
            yield _target(node["$ref"]), f"{where}/$ref"

    # --- types of the language --------------------------------------------------------------------------------------

    def types(self) -> None:
        if self.root.get("type") != "object":
            help = 'Écrivez `"type": "object"` à la racine.'
            self.slip("", "le schéma ne dit pas qu'un dossier est un objet", help)
            return
        self.typed("")

    def typed(self, where: str) -> None:
        """Check that every field that a rule can read has one type."""
        if where in self.typed_parts:
            return
        self.typed_parts.add(where)
        node = self.parts[where]
        declared = node.get("type") if isinstance(node, dict) else None
        if isinstance(node, bool):
            self.untyped(where)
        elif "$ref" in node:
            self.typed(_target(node["$ref"]))
        elif "enum" in node or "const" in node or choices(node):
            self.choices(node, where, declared)
        elif declared == "array":
            if "prefixItems" in node:
                help = "Décrivez-les tous par `items` : les éléments d'une liste ont la même forme."
                self.slip(
                    f"{where}/prefixItems", "les règles ne lisent pas les éléments par leur rang", help, at_key=True
                )
            elif "items" not in node:
                self.slip(where, "cette liste ne dit pas ce que sont ses éléments", "Ajoutez `items`.", at_key=True)
            else:
                self.typed(f"{where}/items")
        elif declared == "object":
            for name in node.get("properties", {}):
                self.typed(f"{where}/properties{pointer(name)}")
        elif declared is None:
            self.untyped(where)

    def untyped(self, where: str) -> None:
        help = f"Déclarez `type` ({', '.join(_TYPES)}), `enum`, `const` ou `$ref`."
        self.slip(where, "ce champ n'a pas de type dans les règles", help, at_key=True)

    def labels(self, node: dict[str, Any], path: tuple[str | int, ...]) -> None:
        """Check a `oneOf` that names values: it alone lists them, each is a text, named, and there once."""
        branches = node.get("oneOf")
        if not isinstance(branches, list) or not any(map(_is_label, branches)):
            return
        for key in ("enum", "const"):
            if key in node:
                help = f"Supprimez `{key}`."
                self.slip(pointer(*path, key), f"`oneOf` dit déjà les valeurs et `{key}` les répète", help, at_key=True)
        known: set[str] = set()
        for rank, branch in enumerate(branches):
            value = branch.get("const") if isinstance(branch, dict) else None
            place = (*path, "oneOf", rank)
            if not isinstance(value, str) or not _is_label({"title": "x"} | branch):
                help = 'Écrivez `{"const": "a_modifier", "title": "À modifier"}` pour chacune.'
                self.slip(pointer(*place), "`oneOf` nomme ici des valeurs : il faut un texte et son nom", help)
            elif value in known:
                message = f"la valeur `{shortened(value)}` est deux fois dans la liste : aucune n'est permise"
                self.slip(pointer(*place, "const"), message, "Gardez l'une des deux.")
            elif not isinstance(branch.get("title"), str) or not shows(branch["title"]):
                help = f'Écrivez par exemple `"title": "{called(value)}"`.'
                self.slip(pointer(*place), f"rien ne dit comment s'appelle la valeur `{shortened(value)}`", help)
            known |= {value} if isinstance(value, str) else set()

    def choices(self, node: dict[str, Any], where: str, declared: str | None) -> None:
        """Check the values of a closed field: of its type, and well formed."""
        parse = parsers(UTC).get(node.get("format", ""))
        first = ""
        for place, value in _choices(node, where):
            kind = _kind(value)
            wanted = declared or first or kind
            if kind in ("string", "integer", "boolean"):
                first = first or kind
            if _is_huge(value):
                self.huge(value, place)
            elif kind not in ("string", "integer", "boolean"):
                help = "Écrivez des textes, des nombres entiers ou des booléens."
                self.slip(place, f"les règles ne connaissent pas de champ qui vaut {_shown(value)}", help)
            elif kind != wanted:
                help = "Les valeurs d'un champ sont toutes du même type, celui de `type` s'il est écrit."
                message = f"{_shown(value)} n'est pas {_CALLED[wanted]}, comme les autres valeurs de ce champ"
                self.slip(place, message if not declared else f"{_shown(value)} n'est pas {_CALLED[wanted]}", help)
            elif parse is not None and kind == "string":
                try:
                    parse(value)
                except ValueError as error:
                    cause = f"{str(error)[:1].upper()}{str(error)[1:]}."
                    self.slip(place, f"{_shown(value)} n'est pas {NAMES[node['format']]}", cause)

    # --- remaining faults -------------------------------------------------------------------------------------------

    def validators(self) -> None:
        """Report remaining faults found by the metaschema or the deciding validator."""
        combined = {key for node in self.parts.values() if isinstance(node, dict) for key in node}
        if "patternProperties" in combined and "unevaluatedProperties" in combined:
            where = next(
                w for w, node in self.parts.items() if isinstance(node, dict) and "unevaluatedProperties" in node
            )
            help = "Écrivez `additionalProperties`."
            message = "`unevaluatedProperties` ne va pas avec `patternProperties`"
            self.slip(f"{where}/unevaluatedProperties", message, help, at_key=True)
            return
        help = "Comparez ce mot-clé à la documentation de JSON Schema 2020-12."
        try:
            jsonschema_rs.meta.validate(self.root)
            SchemaValidator(self.root, UTC)
        except jsonschema_rs.ValidationError as error:
            path = tuple(error.instance_path)
            self.slip(pointer(*path), "cette valeur n'a pas la forme que JSON Schema demande", help)
        except (ValueError, jsonschema_rs.ReferencingError):
            self.slip("", "ce schéma ne peut pas être employé pour valider un dossier", help)


def _target(reference: str) -> str:
    """The pointer of a local reference."""
    return unquote(reference[1:])


def _is_label(branch: Any) -> bool:
    """Whether a branch of `oneOf` gives one value and says what it is called."""
    return isinstance(branch, dict) and {"const", "title"} <= branch.keys() <= {"const", "title", "description"}


def _choices(node: dict[str, Any], where: str) -> Iterable[tuple[str, Any]]:
    yield from ((f"{where}/enum/{rank}", value) for rank, value in enumerate(node.get("enum", ())))
    if "const" in node:
        yield f"{where}/const", node["const"]
    if not {"enum", "const"} & node.keys():
        yield from ((f"{where}/oneOf/{rank}/const", value) for rank, value in enumerate(choices(node)))


def _kind(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", str: "string", dict: "object", list: "array"}
    return kinds.get(type(value), "null")


def _json(value: Any) -> str:
    import json

    return shortened(json.dumps(value, ensure_ascii=False))


def _shown(value: Any) -> str:
    return f"`{_json(value)}`"
