"""Validate a dossier: a fast yes, or a slow and precise no.

jsonschema-rs checks every dossier; python jsonschema, the reference, explains rejections (`explain.py`).  The tests
compare both.  Neither reads anything besides the given schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from recevable.dossier.formats import YEARS, Years, validators
from recevable.dossier.limits import INTEGERS
from recevable.language.diagnostics import Diagnostic
from recevable.language.patterns import LINEAR
from recevable.language.types import choices

if TYPE_CHECKING:
    from recevable.dossier.explain import Explanations
    from recevable.dossier.positions import Positions


_NO_KEYS: Final[Mapping[str, str]] = {}


class SchemaValidator:
    """A compiled schema.  `accepts` is the fast path; `explain` gives the reasons for a rejection.

    `years` are the first and last years allowed in dates and instants; `keys` the member that tells the elements of a
    list apart, by list.  Raises jsonschema_rs.ValidationError when `schema` is not a valid schema.
    """

    def __init__(
        self, schema: Mapping[str, Any], zone: tzinfo, years: Years = YEARS, keys: Mapping[str, str] = _NO_KEYS
    ) -> None:
        # imported late: a validator that was pickled has its schema already rewritten
        from recevable.dossier.rewriting import rewritten

        # a schema is its own base: its `$id` must not change what `#/…` refers to
        named = {key: value for key, value in schema.items() if key != "$id"}
        self._start(rewritten(named, _plain), zone, years, keys)

    def __getstate__(self) -> tuple[dict[str, Any], tzinfo, Years, Mapping[str, str]]:
        """Pickle the schema as rewritten, which takes longer than to compile it."""
        return self.schema, self.zone, self.years, self.keys

    def __setstate__(self, state: tuple[dict[str, Any], tzinfo, Years, Mapping[str, str]]) -> None:
        self._start(*state)

    def _start(self, schema: dict[str, Any], zone: tzinfo, years: Years, keys: Mapping[str, str]) -> None:
        self.schema, self.zone, self.years, self.keys = schema, zone, years, keys
        self._fast = jsonschema_rs.Draft202012Validator(
            self.schema,
            formats=validators(zone, years),
            validate_formats=True,
            retriever=_refuse,
            pattern_options=LINEAR,
        )
        self.accepts: Callable[[Any], bool] = self._accepts_keys if keys else self._fast.is_valid
        self._explanations: Explanations | None = None

    def explain(self, instance: object, found: Positions, name: str, first_line: int = 1) -> list[Diagnostic]:
        """Every fault with its JSON pointer, line and column, in text order, at most `explain.MAX_ERRORS`.

        `found` are the positions in the text.  Never empty for an instance that `accepts` rejects.
        """
        from recevable.dossier.explain import Explanations

        if self._explanations is None:
            self._explanations = Explanations(self.schema, self.zone, self.years, self._fast)
        if self.keys and self._fast.is_valid(instance):
            from recevable.dossier.elements import refusals

            return self._explanations.placed(refusals(instance, self.keys), found, name, first_line)
        return self._explanations.of(instance, found, name, first_line)

    def _accepts_keys(self, instance: Any) -> bool:
        # imported late: most programmes have no request for each element of a list
        from recevable.dossier.elements import refusals

        return self._fast.is_valid(instance) and not any(True for _ in refusals(instance, self.keys))


def _refuse(uri: str) -> Any:
    raise ValueError(f"a schema refers to itself alone: {uri}")


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Integers limited to 64 bits; values with their names as values, which are faster to check and to explain."""
    bounds = dict(zip(("minimum", "maximum"), INTEGERS, strict=True))
    if schema.get("type") == "integer":
        schema = bounds | schema
    known = choices(schema) if "oneOf" in schema and not {"enum", "const"} & schema.keys() else {}
    if known:
        schema = {key: value for key, value in schema.items() if key != "oneOf"} | {"enum": list(known)}
    return schema
