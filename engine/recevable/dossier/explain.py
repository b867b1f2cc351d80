"""Why the schema refuses a dossier: python jsonschema, the reference, finds every fault; used only for a refusal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from functools import cache
from itertools import islice
from typing import Any, Final

import jsonschema
import jsonschema_rs
import referencing

from recevable.dossier.formats import Years, parsers
from recevable.dossier.positions import Positions
from recevable.dossier.refusals import FORBIDDEN, Refusal, french, repeated, telling
from recevable.dossier.rewriting import NAMED, rewritten
from recevable.language.diagnostics import Diagnostic, Span
from recevable.language.patterns import matcher

MAX_ERRORS: Final = 20
# Limits: beyond them the instance is too far from its schema to be worth exploring.
MAX_EXPLORED: Final = 400
_SEVERAL: Final = ("allOf", "anyOf", "oneOf", "prefixItems")


class Explanations:
    """The reasons for a refusal, for a schema as `SchemaValidator` rewrites it and its fast validator."""

    def __init__(self, schema: dict[str, Any], zone: tzinfo, years: Years, fast: Any) -> None:
        self.schema, self._fast = schema, fast
        checker = jsonschema.FormatChecker(formats=())
        for format_name, parse in parsers(zone, years).items():
            checker.checks(format_name, raises=ValueError)(_explaining(parse))
        for format_name in _formats(schema) - set(parsers(zone, years)):
            # standard formats: use a single implementation
            checker.checks(format_name)(
                jsonschema_rs.Draft202012Validator({"format": format_name}, validate_formats=True).is_valid
            )
        # an empty registry: no external lookups
        self._slow = _reference_class()(
            rewritten(schema, _without_false), registry=referencing.Registry(), format_checker=checker
        )

    def of(self, instance: object, found: Positions, name: str, first_line: int = 1) -> list[Diagnostic]:
        """Every fault with its JSON pointer, line and column, in text order, at most MAX_ERRORS.

        `found` are the positions in the text.  Never empty for an instance that `accepts` rejects.
        """
        errors = list(islice(self._slow.iter_errors(instance), MAX_EXPLORED))
        faults = [fault for error in telling(errors) for fault in islice(french(error, self.schema), MAX_EXPLORED)]
        return self.placed(faults or self._unexplained(instance), found, name, first_line)

    def placed(self, faults: Iterable[Refusal], found: Positions, name: str, first_line: int) -> list[Diagnostic]:
        """Faults in text order, at most MAX_ERRORS."""
        placed = sorted({(fault.place(found), *fault.key()): fault for fault in faults}.items())
        diagnostics = []
        for (index, *_), fault in placed[:MAX_ERRORS]:
            line, column = found.line_column(index)
            span = Span(name, line + first_line - 1, column)
            diagnostics.append(
                Diagnostic("DOSSIER-SCHEMA", fault.sentence(), span, fault.advice(), subject=fault.where())
            )
        if len(placed) > MAX_ERRORS:
            more = len(placed) - MAX_ERRORS
            rest = "d'autres écarts" if len(placed) >= MAX_EXPLORED else f"{more} autre(s) écart(s)"
            diagnostics.append(Diagnostic("DOSSIER-SCHEMA", f"et {rest} au schéma", Span(name, first_line, 1)))
        return diagnostics

    def _unexplained(self, instance: object) -> Iterator[Refusal]:
        for error in islice(self._fast.iter_errors(instance), MAX_ERRORS):
            yield Refusal(tuple(error.instance_path), "le schéma refuse cette valeur")


def _formats(schema: Any) -> set[str]:
    """The formats that a schema uses."""
    found: set[str] = set()

    def note(node: dict[str, Any]) -> dict[str, Any]:
        if isinstance(node.get("format"), str):
            found.add(node["format"])
        return node

    rewritten(schema, note)
    return found


def _without_false(schema: dict[str, Any]) -> dict[str, Any]:
    """Replace the schemas `false` that the reference validator would reject without a place."""
    forbidden = {FORBIDDEN: True}
    for key, value in schema.items():
        if key in NAMED:
            schema[key] = {name: forbidden if item is False else item for name, item in value.items()}
        elif key in _SEVERAL:
            schema[key] = [forbidden if item is False else item for item in value]
    return schema


def _explaining(parse: Any) -> Any:
    def check(value: object) -> bool:
        if isinstance(value, str):
            parse(value)
        return True

    return check


# --- keywords whose reference implementation would call `re`, or lose what a message needs ----------------------------


@cache
def _reference_class() -> Any:
    error = jsonschema.ValidationError

    def forbidden(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        yield error("false")

    def pattern(validator: Any, regex: str, instance: Any, schema: Any) -> Iterator[Any]:
        if isinstance(instance, str) and not matcher(regex)(instance):
            yield error(regex)

    def pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if isinstance(instance, dict):
            for regex, below in patterns.items():
                for key in filter(matcher(regex), instance):
                    yield from validator.descend(instance[key], below, path=key, schema_path=regex)

    def additional_properties(validator: Any, below: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if not isinstance(instance, dict):
            return
        known, patterns = schema.get("properties", {}), [matcher(p) for p in schema.get("patternProperties", {})]
        for key in instance:
            if key not in known and not any(matches(key) for matches in patterns):
                if below is False:
                    yield error(key)
                else:
                    yield from validator.descend(instance[key], below, path=key)

    def property_names(validator: Any, names: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if isinstance(instance, dict):
            yield from (error(key) for key in instance if not validator.evolve(schema=names).is_valid(key))

    def fitting(validator: Any, branches: Any, instance: Any) -> int:
        return sum(validator.evolve(schema=branch).is_valid(instance) for branch in branches)

    # the standard ones would keep every error of every branch, for lists of any length
    def any_of(validator: Any, branches: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if not fitting(validator, branches, instance):
            yield error("none")

    def one_of(validator: Any, branches: Any, instance: Any, schema: Any) -> Iterator[Any]:
        number = fitting(validator, branches, instance)
        if number != 1:
            yield error("several" if number else "none")

    def if_(validator: Any, condition: Any, instance: Any, schema: Any) -> Iterator[Any]:
        branch = "then" if validator.evolve(schema=condition).is_valid(instance) else "else"
        if schema.get(branch, True) is False:
            yield error(branch)
        else:
            yield from validator.descend(instance, schema.get(branch, True), schema_path=branch)

    def unique_items(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if wanted and isinstance(instance, list) and repeated(instance) is not None:
            yield error("uniqueItems")

    extend: Any = jsonschema.validators.extend
    return extend(
        jsonschema.Draft202012Validator,
        {
            FORBIDDEN: forbidden,
            "pattern": pattern,
            "patternProperties": pattern_properties,
            "additionalProperties": additional_properties,
            "propertyNames": property_names,
            "if": if_,
            "anyOf": any_of,
            "oneOf": one_of,
            "uniqueItems": unique_items,
        },
    )
