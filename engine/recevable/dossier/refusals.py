"""French messages for values that the schema rejects: one sentence per keyword, with help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from recevable.dossier.formats import NAMES, READABLE, ImplausibleYear
from recevable.dossier.limits import INTEGERS, pointer
from recevable.dossier.positions import Positions, shortened
from recevable.language.characters import is_invisible
from recevable.language.diagnostics import suggest
from recevable.language.patterns import matcher
from recevable.language.types import referred

_TYPES: Final = {
    "string": "un texte",
    "integer": "un nombre entier",
    "number": "un nombre",
    "boolean": "`true` ou `false`",
    "object": "un objet `{…}`",
    "array": "une liste `[…]`",
    "null": "`null`",
}
# Of several faults on one value, report the first in this list; report all faults of an object.
_TELLING: Final = (
    "type const enum not format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"
    " minLength maxLength pattern"
).split()
_DESCRIBED: Final = "description"
# The JSON Schema formats that a dossier may use.
_STANDARD: Final = {
    "uri": "une adresse web complète, comme https://exemple.fr/documentation",
    "email": "une adresse de messagerie, comme contact@exemple.fr",
    "date-time": "un instant",
    "uuid": "un identifiant UUID",
}
_OMIT: Final = "Un renseignement qu'on n'a pas s'omet : supprimez ce champ."
# How the schema `false` is rewritten for the reference validator, which loses its position.
FORBIDDEN: Final = "x-interdit"
_NOT_EMPTY: Final = "un texte qui ne soit pas vide"
# How much of a schema a message explores and shows.
_LEVELS: Final = 3
_LONGEST: Final = 200


class Refusal(Struct, frozen=True):
    """A fault of a dossier: place, message, and help or the words to build it from.

    `member` is the key at fault in the object at `path`.
    """

    path: tuple[str | int, ...]
    message: str
    help: str = ""
    member: str | None = None
    near: Sequence[str] = ()

    def where(self) -> str:
        """The JSON pointer of the fault."""
        return pointer(*self.path) if self.member is None else pointer(*self.path, self.member)

    def key(self) -> tuple[str, str]:
        """The identity of a fault, used to remove duplicates."""
        return self.where(), self.message

    def place(self, positions: Positions) -> int:
        """The character index of the faulty key or value."""
        where = self.where()
        if self.member is not None and where in positions.keys:
            return positions.keys[where]
        return positions.values.get(where, positions.values.get(pointer(*self.path), 0))

    def sentence(self) -> str:
        """Place and message, in French."""
        return f"{self.where() or 'racine'} : {self.message}"

    def advice(self) -> str:
        """The help text; the closest words are only searched for on display."""
        return (suggest(self.member, self.near) if self.member is not None else "") or self.help


def telling(errors: Iterable[Any]) -> Iterator[Any]:
    """The most informative error of each value; all errors of other keywords."""
    best: dict[tuple[object, ...], Any] = {}
    for error in errors:
        if error.validator not in _TELLING:
            yield error
            continue
        path = tuple(error.absolute_path)
        if path not in best or _TELLING.index(error.validator) < _TELLING.index(best[path].validator):
            best[path] = error
    yield from best.values()


def french(error: Any, root: Mapping[str, Any]) -> Iterator[Refusal]:
    """The faults for one error of the reference validator; `root` is the schema that resolves references."""
    value, keyword, limit = error.instance, error.validator, error.validator_value
    path = tuple(error.absolute_path)
    described = error.schema.get(_DESCRIBED, "") if isinstance(error.schema, dict) else ""

    def fault(message: str, help: str = "") -> Refusal:
        return Refusal(path, message, help or described)

    def phrase(schema: Any) -> str:
        return _cut(_phrase(schema, root, _LEVELS))

    if keyword == FORBIDDEN:
        yield _forbidden(path, error)
    elif keyword == "additionalProperties":
        yield _unknown(path, error.message, error.schema)
    elif keyword == "required":
        for key in limit:
            if key not in value:
                yield Refusal(path, f"il manque le champ `{shortened(key)}`", f"Ajoutez `{shortened(key)}`.")
    elif keyword == "dependentRequired":
        for key, needed in limit.items():
            for name in needed:
                if key in value and name not in value:
                    message = f"avec `{shortened(key)}`, il faut aussi le champ `{shortened(name)}`"
                    yield Refusal(path, message, f"Ajoutez `{shortened(name)}`.")
    elif keyword == "type":
        expected = [limit] if isinstance(limit, str) else limit
        words = " ou ".join(_TYPES.get(name, name) for name in expected)
        help = _type_help(value, expected, described) if path else "Un dossier est un objet JSON : `{ … }`."
        yield Refusal(path, f"il faut {words}, {seen(value)}", help)
    elif keyword in ("enum", "const"):
        choices = limit if keyword == "enum" else [limit]
        close = suggest(value, [c for c in choices if isinstance(c, str)]) if isinstance(value, str) else ""
        allowed = ", ".join(f"`{_cut(_json(c))}`" for c in choices)
        yield Refusal(
            path, f"{_describe(value)} n'est pas une valeur permise", close or f"Valeurs possibles : {allowed}."
        )
    elif keyword == "format":
        cause = str(error.cause or "")
        help = f"{cause[:1].upper()}{cause[1:]}." if cause else described
        if isinstance(error.cause, ImplausibleYear):
            yield Refusal(path, f"{_describe(value)} est hors des années admises", help)
        elif limit == READABLE:
            yield Refusal(path, f"il faut {_NOT_EMPTY}, {seen(value, quoted=False)}", help)
        else:
            name = NAMES.get(limit) or _STANDARD.get(limit, f"au format `{shortened(limit)}`")
            yield Refusal(path, f"{_describe(value)} n'est pas {name}", help)
    elif keyword == "anyOf" and (names := _alternatives(limit)):
        words = ", ".join(f"`{name}`" for name in names)
        yield Refusal(path, f"il faut au moins l'un de ces champs : {words}", "Ajoutez celui que le dossier contient.")
    elif keyword in ("anyOf", "oneOf") and error.message == "none":
        yield fault(f"il faut {_cut(_either(limit, root, _LEVELS))}, {seen(value)}")
    elif keyword == "oneOf":
        yield fault(f"il faut une seule de ces formes, et non plusieurs : {_cut(_either(limit, root, _LEVELS))}")
    elif keyword == "not":
        yield _not(path, value, limit, phrase(limit), described)
    elif keyword == "if":
        # `error.message` is the branch that allows nothing
        negation = "il ne faut pas" if error.message == "then" else "il faut"
        yield fault(f"{negation} {phrase(limit)} ici")
    elif keyword in ("contains", "minContains"):
        least = error.schema.get("minContains", 1)
        times = f"au moins {least} éléments" if least > 1 else "au moins un élément"
        yield fault(f"il faut {times} de cette forme : {phrase(error.schema['contains'])}")
    elif keyword == "maxContains":
        yield fault(f"il faut au plus {_count(limit, 'élément')} de cette forme : {phrase(error.schema['contains'])}")
    elif keyword == "uniqueItems":
        first, second = repeated(value) or (0, 0)
        message = f"l'élément {second} de la liste répète l'élément {first}, comptés à partir de 0"
        yield Refusal((*path, second), message, described or "Gardez-en un seul.")
    elif keyword == "items":
        most = len(error.schema.get("prefixItems", ()))
        yield fault(
            f"il faut au plus {_count(most, 'élément')}, il y en a {len(value)}" if most else "la liste doit être vide"
        )
    elif keyword == "unevaluatedItems":
        yield fault("des éléments de cette liste ne sont pas permis")
    elif keyword == "unevaluatedProperties":
        known = error.schema.get("properties", {})
        help = f"Champs possibles : {', '.join(f'`{name}`' for name in known)}." if known else ""
        yield fault("des champs de cet objet ne sont pas permis", help)
    elif keyword == "propertyNames":
        message = f"`{shortened(error.message)}` ne peut pas nommer un champ : il faut {phrase(limit)}"
        yield Refusal(path, message, described, error.message)
    elif keyword in _BOUNDS:
        yield fault(f"il faut {_bound(keyword, limit)}, {_found(keyword, value)}")
    else:
        yield fault("le schéma refuse cette valeur")


def _forbidden(path: tuple[str | int, ...], error: Any) -> Refusal:
    """A value rejected by the schema `false`, described by the keyword that contains it."""
    *above, _ = (str(part) for part in error.absolute_schema_path)
    if above[-2:-1] == ["dependentSchemas"]:
        return Refusal(path, f"le champ `{shortened(above[-1])}` n'est pas permis ici", "Supprimez-le.", above[-1])
    if path and isinstance(path[-1], str):
        return Refusal(path[:-1], "ce champ n'est pas permis", "Supprimez-le.", path[-1])
    return Refusal(path, "aucune valeur n'est permise ici", "Supprimez ce qui est écrit ici." if path else "")


def _unknown(path: tuple[str | int, ...], key: str, schema: Mapping[str, Any]) -> Refusal:
    known = schema.get("properties", {})
    help = f"Champs possibles : {', '.join(f'`{name}`' for name in known)}." if known else ""
    if "patternProperties" in schema and not help:
        help = schema.get(_DESCRIBED, "")
    return Refusal(
        path, f"champ inconnu `{shortened(key)}`", help or "Aucun champ n'est permis ici.", key, tuple(known)
    )


def _alternatives(branches: Sequence[Any]) -> list[str]:
    """The fields of which at least one is required, when every branch only requires fields."""
    if not all(isinstance(branch, dict) and set(branch) == {"required"} for branch in branches):
        return []
    return sorted({name for branch in branches for name in branch["required"]})


def _not(path: tuple[str | int, ...], value: object, limit: Any, phrase: str, described: str) -> Refusal:
    if isinstance(value, str) and isinstance(limit, dict) and set(limit) == {"pattern"}:
        char = next((char for char in value if is_invisible(char) and matcher(limit["pattern"])(char)), "")
        if char:
            help = "Supprimez les caractères invisibles et les retours à la ligne."
            return Refusal(
                path, f"{_describe(value)} contient un caractère qui n'est pas permis (U+{ord(char):04X})", help
            )
    return Refusal(path, f"il ne faut pas {phrase}, {seen(value, quoted=False)}", described)


def repeated(items: Sequence[Any]) -> tuple[int, int] | None:
    """The indices of an element and of the first equal to it; `true` and `1` are different."""
    ranks: dict[bytes, int] = {}
    for rank, item in enumerate(items):
        first = ranks.setdefault(msgspec.json.encode(item, order="sorted"), rank)
        if first != rank:
            return first, rank
    return None


def _type_help(value: object, expected: Sequence[str], described: str) -> str:
    if value is None:
        return _OMIT
    if "boolean" in expected:
        return "Écrivez `true` ou `false`, sans guillemets."
    if "string" in expected and isinstance(value, int | str):
        return "Mettez la valeur entre guillemets." if not isinstance(value, bool) else described
    if "integer" in expected and isinstance(value, str) and value.strip().isdecimal():
        return "Écrivez le nombre sans guillemets."
    return described


# --- schemas in words -------------------------------------------------------------------------------------------------

_BOUNDS: Final = {
    "minimum": "au moins {}",
    "maximum": "au plus {}",
    "exclusiveMinimum": "plus de {}",
    "exclusiveMaximum": "moins de {}",
    "multipleOf": "un multiple de {}",
    "maxLength": "au plus {} caractères",
    "minLength": "au moins {} caractères",
    "maxItems": "au plus {} éléments",
    "minItems": "au moins {} éléments",
    "maxProperties": "au plus {} champs",
    "minProperties": "au moins {} champs",
    "pattern": "la forme `{}`",
}


def _phrase(schema: Any, root: Mapping[str, Any], levels: int) -> str:
    """The values that a schema allows, in French, to follow « il faut »."""
    if isinstance(schema, bool) or FORBIDDEN in schema:
        return "n'importe quelle valeur" if schema is True else "rien"
    if levels == 0:
        return "ce que le schéma décrit"
    if "$ref" in schema:
        return _phrase(referred(root, schema["$ref"]), root, levels)
    found: list[str] = []
    if "const" in schema or "enum" in schema:
        found.append(" ou ".join(f"`{_json(one)}`" for one in schema.get("enum", [schema.get("const")])))
    if schema.get("required"):
        names = ", ".join(f"`{shortened(name)}`" for name in schema["required"])
        found.append(f"le champ {names}" if len(schema["required"]) == 1 else f"les champs {names}")
    if "format" in schema:
        found.append(NAMES.get(schema["format"], f"le format `{shortened(schema['format'])}`"))
    found += [_bound(key, schema[key]) for key in _BOUNDS if key in schema and schema[key] not in INTEGERS]
    for name, below in schema.get("properties", {}).items():
        found.append(f"`{shortened(name)}` qui soit {_phrase(below, root, levels - 1)}")
    for key, words in (("items", "une liste dont chaque élément soit"), ("contains", "une liste dont un élément soit")):
        if key in schema:
            found.append(f"{words} {_phrase(schema[key], root, levels - 1)}")
    for key in ("anyOf", "oneOf"):
        if key in schema:
            found.append(_either(schema[key], root, levels - 1))
    found += [_phrase(below, root, levels - 1) for below in schema.get("allOf", ())]
    if "not" in schema:
        found.append(f"tout sauf {_phrase(schema['not'], root, levels - 1)}")
    if not found and "type" in schema:
        found.append(_TYPES.get(schema["type"], "une valeur"))
    return " et ".join(found) or "n'importe quelle valeur"


def _either(branches: Sequence[Any], root: Mapping[str, Any], levels: int) -> str:
    words = [_phrase(branch, root, levels) for branch in branches]
    return " ou ".join(dict.fromkeys(word for word in words if word != "rien")) or "rien"


def _bound(keyword: str, limit: object) -> str:
    if (keyword, limit) in (("pattern", r"\S"), ("minLength", 1)):
        return _NOT_EMPTY
    if limit == 1:
        return _BOUNDS[keyword].format(1).removesuffix("s")
    return _BOUNDS[keyword].format(limit)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"


def _found(keyword: str, value: object) -> str:
    """The value found, with its size when the keyword limits a size."""
    counts = keyword.endswith(("Length", "Items", "Properties"))
    if counts and value and isinstance(value, str | list | dict):
        return f"il y en a {len(value)}"
    return seen(value, quoted=False)


def seen(value: object, *, quoted: bool = True) -> str:
    """The value found, for a message; quoted when the quotes are the fault."""
    if isinstance(value, str) and value and quoted:
        return f'`"{shortened(value)}"` trouvé'
    return f"{_describe(value)} trouvé{'e' if isinstance(value, list) else ''}"


def _describe(value: object) -> str:
    if isinstance(value, bool):
        return f"`{'true' if value else 'false'}`"
    if value is None:
        return "`null`"
    if isinstance(value, dict):
        return "un objet"
    if isinstance(value, list):
        return "une liste"
    return f"`{shortened(str(value))}`" if value != "" else "un texte vide"


def _json(value: object) -> str:
    """A value for display: a text has no quotes."""
    from json import dumps  # only needed for rejected dossiers

    return shortened(value if isinstance(value, str) else dumps(value, ensure_ascii=False))


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
