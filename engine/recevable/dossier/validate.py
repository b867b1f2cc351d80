"""Dossier against schema: a fast yes, or a slow and precise no.

jsonschema-rs answers for every dossier; python jsonschema, the reference, explains a refusal.  The tests hold them to
the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from itertools import islice
from typing import Any, Final

import jsonschema_rs
from msgspec import Struct

from recevable.dossier.formats import NAMES, parsers, validators
from recevable.dossier.positions import Positions, pointer, shortened
from recevable.language.diagnostics import Diagnostic, Span, suggest

MAX_ERRORS: Final = 20
# Beyond these, an instance is so far from its schema that exploring it further would only take time and memory.
MAX_EXPLORED: Final = 400
_TYPES: Final = {
    "string": "un texte",
    "integer": "un nombre entier",
    "number": "un nombre",
    "boolean": "`true` ou `false`",
    "object": "un objet `{…}`",
    "array": "une liste `[…]`",
    "null": "`null`",
}
# Of several faults of one value, the first of this list says the most; faults of an object are all told.
_TELLING: Final = (
    "type const enum not format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"
    " minLength maxLength pattern"
).split()
_DESCRIBED: Final = "description"
# Keywords that hold schemas by name, and those that hold values.
_NAMED: Final = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_VALUES: Final = ("enum", "const", "default", "examples")
# The formats of JSON Schema that a dossier may well use.
_STANDARD: Final = {
    "uri": "une adresse web complète, comme https://exemple.fr/documentation",
    "email": "une adresse de messagerie, comme contact@exemple.fr",
    "date-time": "un instant",
    "uuid": "un identifiant UUID",
}
# Where a schema keeps a regular expression as its author wrote it.
_WRITTEN: Final = "x-pattern"
_OMIT: Final = "Un renseignement qu'on n'a pas s'omet : supprimez ce champ."


class SchemaValidator:
    """A compiled schema.  `accepts` is the hot path; `explain` says why not."""

    def __init__(self, schema: Mapping[str, Any], zone: tzinfo) -> None:
        self.schema: dict[str, Any] = _rewritten(schema, _bounded)
        self.zone = zone
        self._fast = jsonschema_rs.Draft202012Validator(self.schema, formats=validators(zone), validate_formats=True)
        self.accepts = self._fast.is_valid
        self._slow: Any = None

    def explain(self, instance: object, found: Positions, name: str, first_line: int = 1) -> list[Diagnostic]:
        """Every fault with its JSON pointer, line and column, in the order of the text, at most MAX_ERRORS of them.

        `found` are the positions in the text of the instance.  Never empty for one that `accepts` refuses.
        """
        try:
            errors = list(islice(self._reference().iter_errors(instance), MAX_EXPLORED))
        except re.error:
            # a regular expression that only the fast validator knows
            errors = []
        faults = [fault for error in _telling(errors) for fault in _french(error)] or list(self._unexplained(instance))
        placed = sorted({(fault.place(found), *fault.key()): fault for fault in faults}.items())
        diagnostics = []
        for (index, *_), fault in placed[:MAX_ERRORS]:
            line, column = found.line_column(index)
            span = Span(name, line + first_line - 1, column)
            diagnostics.append(Diagnostic("DOSSIER-SCHEMA", fault.sentence(), span, fault.advice()))
        if len(placed) > MAX_ERRORS:
            more = len(placed) - MAX_ERRORS
            rest = "d'autres écarts" if len(placed) >= MAX_EXPLORED else f"{more} autre(s) écart(s)"
            diagnostics.append(Diagnostic("DOSSIER-SCHEMA", f"et {rest} au schéma", Span(name, first_line, 1)))
        return diagnostics

    def _reference(self) -> Any:
        """The reference validator, with our formats, and regular expressions read as the fast one reads them."""
        if self._slow is not None:
            return self._slow
        import jsonschema

        checker = jsonschema.FormatChecker(formats=())
        for format_name, parse in parsers(self.zone).items():
            checker.checks(format_name, raises=ValueError)(_explaining(parse))
        for format_name in _formats(self.schema) - set(parsers(self.zone)):
            # the standard formats: one judge of them is enough
            checker.checks(format_name)(
                jsonschema_rs.Draft202012Validator({"format": format_name}, validate_formats=True).is_valid
            )
        self._slow = jsonschema.Draft202012Validator(_rewritten(self.schema, _for_python), format_checker=checker)
        return self._slow

    def _unexplained(self, instance: object) -> Iterator[_Fault]:
        for error in islice(self._fast.iter_errors(instance), MAX_ERRORS):
            keyword = str(error.schema_path[-1]) if error.schema_path else "?"
            yield _Fault(tuple(error.instance_path), f"la contrainte `{keyword}` du schéma n'est pas respectée")


def _rewritten(schema: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """The schema with every subschema changed, innermost first."""
    if isinstance(schema, list):
        return [_rewritten(item, change) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _NAMED and isinstance(value, Mapping):
            found[key] = {name: _rewritten(item, change) for name, item in value.items()}
        else:
            found[key] = value if key in _VALUES else _rewritten(value, change)
    return change(found)


def _formats(schema: Any) -> set[str]:
    """The formats that a schema names."""
    found: set[str] = set()

    def note(node: dict[str, Any]) -> dict[str, Any]:
        if isinstance(node.get("format"), str):
            found.add(node["format"])
        return node

    _rewritten(schema, note)
    return found


def _bounded(schema: dict[str, Any]) -> dict[str, Any]:
    """Integers are held to 64 bits: beyond, exact arithmetic would not be exact any more."""
    bounds = {"minimum": -(1 << 63), "maximum": (1 << 63) - 1}
    return bounds | schema if schema.get("type") == "integer" else schema


class _Fault(Struct, frozen=True):
    """A fault of an instance: where, what, and the help or the words from which to make one.

    `member` is the key at fault inside the object at `path`.
    """

    path: tuple[str | int, ...]
    message: str
    help: str = ""
    member: str | None = None
    near: Sequence[str] = ()

    def where(self) -> str:
        return pointer(*self.path) if self.member is None else pointer(*self.path, self.member)

    def key(self) -> tuple[str, str]:
        return self.where(), self.message

    def place(self, positions: Positions) -> int:
        where = self.where()
        if self.member is not None and where in positions.keys:
            return positions.keys[where]
        return positions.values.get(where, positions.values.get(pointer(*self.path), 0))

    def sentence(self) -> str:
        return f"{self.where() or 'racine'} : {self.message}"

    def advice(self) -> str:
        """The closest words are only looked for when the fault is shown."""
        return (suggest(self.member, self.near) if self.member is not None else "") or self.help


def _explaining(parse: Any) -> Any:
    def check(value: object) -> bool:
        if isinstance(value, str):
            parse(value)
        return True

    return check


def _telling(errors: Iterable[Any]) -> Iterator[Any]:
    """One error per value, the most telling; every error of the other keywords."""
    best: dict[tuple[object, ...], Any] = {}
    for error in errors:
        if error.validator not in _TELLING:
            yield error
            continue
        path = tuple(error.absolute_path)
        if path not in best or _TELLING.index(error.validator) < _TELLING.index(best[path].validator):
            best[path] = error
    yield from best.values()


def _french(error: Any) -> Iterator[_Fault]:
    """The faults of one error of the reference validator."""
    value, keyword, limit = error.instance, error.validator, error.validator_value
    path = tuple(error.absolute_path)
    if keyword == "pattern":
        limit = error.schema[_WRITTEN]
    described = error.schema.get(_DESCRIBED, "") if isinstance(error.schema, dict) else ""
    if keyword == "additionalProperties" and isinstance(value, dict):
        yield from _unknown(path, value, error.schema)
    elif keyword == "required":
        for key in limit:
            if key not in value:
                yield _Fault(path, f"il manque le champ `{key}`", f"Ajoutez `{key}`.")
    elif keyword == "type":
        expected = [limit] if isinstance(limit, str) else limit
        words = " ou ".join(_TYPES.get(name, name) for name in expected)
        help = _type_help(value, expected, described) if path else "Un dossier est un objet JSON : `{ … }`."
        yield _Fault(path, f"il faut {words}, {_seen(value)}", help)
    elif keyword in ("enum", "const"):
        choices = limit if keyword == "enum" else [limit]
        close = suggest(str(value), [str(c) for c in choices]) if isinstance(value, str) else ""
        allowed = ", ".join(f"`{c}`" for c in choices)
        yield _Fault(
            path, f"{_describe(value)} n'est pas une valeur permise", close or f"Valeurs possibles : {allowed}."
        )
    elif keyword == "format":
        cause = str(error.cause or "")
        name = NAMES.get(limit) or _STANDARD.get(limit, f"au format `{limit}`")
        help = f"{cause[:1].upper()}{cause[1:]}." if cause else described
        yield _Fault(path, f"{_describe(value)} n'est pas {name}", help)
    elif keyword == "anyOf" and (names := sorted({n for branch in limit for n in branch.get("required", ())})):
        words = ", ".join(f"`{name}`" for name in names)
        yield _Fault(path, f"il faut au moins l'un de ces champs : {words}", "Ajoutez celui que le dossier contient.")
    elif keyword == "not" and isinstance(value, str):
        help = "Supprimez les caractères invisibles et les retours à la ligne."
        yield _Fault(path, f"{_describe(value)} contient un caractère qui n'est pas permis", help)
    elif keyword in _BOUNDS:
        yield _Fault(path, f"il faut {_bound(keyword, limit)}, {_found(keyword, value)}", described)
    else:
        yield _Fault(path, f"la contrainte `{keyword}` du schéma n'est pas respectée", described)


def _unknown(path: tuple[str | int, ...], value: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[_Fault]:
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    help = f"Champs possibles : {', '.join(f'`{name}`' for name in known)}." if known else ""
    if patterns and not help:
        help = schema.get(_DESCRIBED, "")
    unknown = (key for key in value if key not in known and not any(re.search(p, key) for p in patterns))
    for key in islice(unknown, MAX_EXPLORED):
        yield _Fault(
            path, f"champ inconnu `{shortened(key)}`", help or "Aucun champ n'est permis ici.", key, tuple(known)
        )


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


def _bound(keyword: str, limit: object) -> str:
    if (keyword, limit) in (("pattern", r"\S"), ("minLength", 1)):
        return "un texte qui ne soit pas vide"
    if limit == 1:
        return _BOUNDS[keyword].format(1).removesuffix("s")
    return _BOUNDS[keyword].format(limit)


def _found(keyword: str, value: object) -> str:
    """What was found, counted when the keyword counts."""
    counts = keyword.endswith(("Length", "Items", "Properties"))
    if counts and value and isinstance(value, str | list | dict):
        return f"il y en a {len(value)}"
    return _seen(value, quoted=False)


def _seen(value: object, *, quoted: bool = True) -> str:
    """What stands in the place of what is expected; a text with its quotes when these are the fault."""
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


# --- regular expressions ----------------------------------------------------------------------------------------------

# JSON Schema names the classes of ECMA 262, which the fast validator follows; those of Python are other sets, and its
# `$` also matches before a last line feed.
_SPACES: Final = r"\t\n\x0b\x0c\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_PYTHON_CLASSES: Final = {
    "s": f"[{_SPACES}]",
    "S": f"[^{_SPACES}]",
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[A-Za-z0-9_]",
    "W": "[^A-Za-z0-9_]",
}
_TOKEN: Final = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", re.DOTALL)


def _for_python(schema: dict[str, Any]) -> dict[str, Any]:
    """Regular expressions are written for Python."""
    if isinstance(schema.get("pattern"), str):
        schema |= {"pattern": _regex_for_python(schema["pattern"]), _WRITTEN: schema["pattern"]}
    if "patternProperties" in schema:
        named = schema["patternProperties"].items()
        schema["patternProperties"] = {_regex_for_python(regex): item for regex, item in named}
    return schema


def _regex_for_python(regex: str) -> str:
    def rewrite(token: re.Match[str]) -> str:
        text = token[0]
        if text == "$":
            return r"\Z"
        if text.startswith("["):
            return re.sub(r"\\([sdw])", lambda found: _PYTHON_CLASSES[found[1]][1:-1], text)
        return _PYTHON_CLASSES.get(text[1:], text)

    return _TOKEN.sub(rewrite, regex)
