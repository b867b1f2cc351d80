"""Dossier against schema: a fast yes, or a slow and precise no.

jsonschema-rs answers for every dossier; python jsonschema, the reference, explains a refusal.  The tests hold them to
the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final

import jsonschema_rs

from recevable.dossier.formats import parsers, validators
from recevable.dossier.positions import pointer, scan
from recevable.language.diagnostics import Diagnostic, Span, suggest

MAX_ERRORS: Final = 20
_TYPES: Final = {
    "string": "un texte",
    "integer": "un nombre entier",
    "number": "un nombre",
    "boolean": "`true` ou `false`",
    "object": "un objet `{…}`",
    "array": "une liste `[…]`",
    "null": "`null`",
}


class SchemaValidator:
    """A compiled schema.  `accepts` is the hot path; `explain` says why not."""

    def __init__(self, schema: Mapping[str, Any], zone: tzinfo) -> None:
        self.schema, self.zone = schema, zone
        self._fast = jsonschema_rs.Draft202012Validator(dict(schema), formats=validators(zone), validate_formats=True)
        self.accepts = self._fast.is_valid

    def explain(self, instance: object, text: str, name: str, first_line: int = 1) -> list[Diagnostic]:
        """Every fault with its JSON pointer, line and column, at most MAX_ERRORS of them."""
        import jsonschema

        checker = jsonschema.FormatChecker(formats=())
        for format_name, parse in parsers(self.zone).items():
            checker.checks(format_name, raises=ValueError)(_explaining(parse))
        validator = jsonschema.Draft202012Validator(self.schema, format_checker=checker)
        positions = scan(text)
        found = []
        for error in sorted(validator.iter_errors(instance), key=lambda e: [str(p) for p in e.absolute_path]):
            for extra, message, help in _french(error):
                where = pointer(*error.absolute_path, *extra)
                index = positions.values.get(where, positions.values.get(pointer(*error.absolute_path), 0))
                line, column = positions.line_column(index)
                found.append(
                    Diagnostic(
                        "DOSSIER-SCHEMA",
                        f"{where or '/'} : {message}",
                        Span(name, line + first_line - 1, column),
                        help,
                    )
                )
        unique = list(dict.fromkeys(found))
        if len(unique) > MAX_ERRORS:
            rest = len(unique) - MAX_ERRORS
            unique = [
                *unique[:MAX_ERRORS],
                Diagnostic("DOSSIER-SCHEMA", f"et {rest} autre(s) écart(s) au schéma", Span(name, first_line, 1)),
            ]
        return unique


def _explaining(parse: Any) -> Any:
    def check(value: object) -> bool:
        if isinstance(value, str):
            parse(value)
        return True

    return check


def _french(error: Any) -> Sequence[tuple[tuple[str, ...], str, str]]:
    """(extra path, sentence, help) of one jsonschema error."""
    value, keyword, limit = error.instance, error.validator, error.validator_value
    if keyword == "additionalProperties":
        known = error.schema.get("properties", {})
        patterns = error.schema.get("patternProperties", {})
        import re

        unknown = [k for k in value if k not in known and not any(re.search(p, k) for p in patterns)]
        return [((key,), f"champ inconnu `{_short(key)}`", suggest(key, known) or _known(known)) for key in unknown]
    if keyword == "required":
        return [((), f"il manque le champ `{key}`", "") for key in limit if key not in value][:1]
    if keyword == "type":
        expected = (
            _TYPES.get(limit, str(limit)) if isinstance(limit, str) else " ou ".join(_TYPES.get(t, t) for t in limit)
        )
        return [((), f"{expected} attendu, {_describe(value)} trouvé", "")]
    if keyword in ("enum", "const"):
        choices = limit if keyword == "enum" else [limit]
        allowed = ", ".join(f"`{c}`" for c in choices)
        help = suggest(str(value), [str(c) for c in choices]) or f"Valeurs possibles : {allowed}."
        return [((), f"{_describe(value)} n'est pas une valeur permise", help)]
    if keyword == "format":
        return [((), f"{_describe(value)} : {error.cause}", "")]
    if keyword == "anyOf":
        names = sorted({n for branch in limit for n in branch.get("required", ())})
        return [((), f"il faut au moins l'un de ces champs : {', '.join(f'`{n}`' for n in names)}", "")]
    if keyword == "not":
        return [
            (
                (),
                f"{_describe(value)} contient un caractère qui n'est pas permis",
                "Supprimez les caractères invisibles.",
            )
        ]
    bounds = {
        "minimum": f"au moins {limit}",
        "maximum": f"au plus {limit}",
        "maxLength": f"au plus {limit} caractères",
        "minLength": f"au moins {limit} caractère(s)",
        "maxItems": f"au plus {limit} éléments",
        "minItems": f"au moins {limit} élément(s)",
        "maxProperties": f"au plus {limit} champs",
        "minProperties": f"au moins {limit} champ(s)",
        "pattern": "un texte non vide" if limit == r"\S" else f"la forme `{limit}`",
    }
    return [((), f"{bounds.get(keyword, f'la contrainte `{keyword}`')} attendu, {_describe(value)} trouvé", "")]


def _known(names: Iterable[str]) -> str:
    return f"Champs possibles : {', '.join(f'`{n}`' for n in names)}." if names else "Aucun champ n'est permis ici."


def _describe(value: object) -> str:
    if isinstance(value, bool):
        return f"`{'true' if value else 'false'}`"
    if value is None:
        return "`null`"
    if isinstance(value, dict):
        return "un objet"
    if isinstance(value, list):
        return "une liste"
    return f"`{_short(str(value))}`"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
