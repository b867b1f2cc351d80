"""Validate a dossier: a fast yes, or a slow and precise no.

jsonschema-rs checks every dossier; python jsonschema, the reference, explains rejections.  The tests compare both.
Neither reads anything besides the given schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo
from functools import cache
from itertools import islice
from typing import Any, Final

import jsonschema_rs

from recevable.dossier.formats import YEARS, Years, parsers, validators
from recevable.dossier.positions import Positions
from recevable.dossier.refusals import FORBIDDEN, INTEGERS, Refusal, french, repeated, telling
from recevable.language.diagnostics import Diagnostic, Span
from recevable.language.patterns import LINEAR, matcher

MAX_ERRORS: Final = 20
# Limits: beyond them the instance is too far from its schema to be worth exploring.
MAX_EXPLORED: Final = 400
# Keywords that contain schemas by name, and those that contain values.
_NAMED: Final = ("properties", "patternProperties", "$defs", "dependentSchemas")
_SEVERAL: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_VALUES: Final = ("enum", "const", "default", "examples")


class SchemaValidator:
    """A compiled schema.  `accepts` is the fast path; `explain` gives the reasons for a rejection.

    `years` are the first and last years allowed in dates and instants.  Raises jsonschema_rs.ValidationError when
    `schema` is not a valid schema.
    """

    def __init__(self, schema: Mapping[str, Any], zone: tzinfo, years: Years = YEARS) -> None:
        # a schema is its own base: its `$id` must not change what `#/…` refers to
        named = {key: value for key, value in schema.items() if key != "$id"}
        self.schema: dict[str, Any] = _rewritten(named, _bounded)
        self.zone, self.years = zone, years
        self._fast = jsonschema_rs.Draft202012Validator(
            self.schema,
            formats=validators(zone, years),
            validate_formats=True,
            retriever=_refuse,
            pattern_options=LINEAR,
        )
        self.accepts = self._fast.is_valid
        self._slow: Any = None

    def explain(self, instance: object, found: Positions, name: str, first_line: int = 1) -> list[Diagnostic]:
        """Every fault with its JSON pointer, line and column, in text order, at most MAX_ERRORS.

        `found` are the positions in the text.  Never empty for an instance that `accepts` rejects.
        """
        errors = list(islice(self._reference().iter_errors(instance), MAX_EXPLORED))
        faults = [fault for error in telling(errors) for fault in islice(french(error, self.schema), MAX_EXPLORED)]
        faults = faults or list(self._unexplained(instance))
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

    def _reference(self) -> Any:
        """The reference validator, with our formats and the regular expressions of the fast one."""
        if self._slow is not None:
            return self._slow
        import jsonschema
        import referencing

        checker = jsonschema.FormatChecker(formats=())
        for format_name, parse in parsers(self.zone, self.years).items():
            checker.checks(format_name, raises=ValueError)(_explaining(parse))
        for format_name in _formats(self.schema) - set(parsers(self.zone, self.years)):
            # standard formats: use a single implementation
            checker.checks(format_name)(
                jsonschema_rs.Draft202012Validator({"format": format_name}, validate_formats=True).is_valid
            )
        # an empty registry: no external lookups
        schema = _rewritten(self.schema, _without_false)
        self._slow = _reference_class()(schema, registry=referencing.Registry(), format_checker=checker)
        return self._slow

    def _unexplained(self, instance: object) -> Iterator[Refusal]:
        for error in islice(self._fast.iter_errors(instance), MAX_ERRORS):
            yield Refusal(tuple(error.instance_path), "le schéma refuse cette valeur")


def _refuse(uri: str) -> Any:
    raise ValueError(f"a schema refers to itself alone: {uri}")


def _rewritten(schema: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """The schema with `change` applied to every subschema, innermost first."""
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
    """The formats that a schema uses."""
    found: set[str] = set()

    def note(node: dict[str, Any]) -> dict[str, Any]:
        if isinstance(node.get("format"), str):
            found.add(node["format"])
        return node

    _rewritten(schema, note)
    return found


def _bounded(schema: dict[str, Any]) -> dict[str, Any]:
    """Integers limited to 64 bits."""
    bounds = dict(zip(("minimum", "maximum"), INTEGERS, strict=True))
    return bounds | schema if schema.get("type") == "integer" else schema


def _without_false(schema: dict[str, Any]) -> dict[str, Any]:
    """Replace the schemas `false` that the reference validator would reject without a place."""
    forbidden = {FORBIDDEN: True}
    for key, value in schema.items():
        if key in _NAMED:
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
    import jsonschema

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
