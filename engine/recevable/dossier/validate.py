"""Validate a dossier: a fast yes, or a slow and precise no.

jsonschema-rs checks every dossier; python jsonschema, the reference, explains rejections (`explain.py`).  The tests
compare both.  Neither reads anything besides the given schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from recevable.dossier.formats import YEARS, Years, validators
from recevable.dossier.limits import INTEGERS
from recevable.language.diagnostics import Diagnostic
from recevable.language.patterns import LINEAR

if TYPE_CHECKING:
    from recevable.dossier.explain import Explanations
    from recevable.dossier.positions import Positions


class SchemaValidator:
    """A compiled schema.  `accepts` is the fast path; `explain` gives the reasons for a rejection.

    `years` are the first and last years allowed in dates and instants.  Raises jsonschema_rs.ValidationError when
    `schema` is not a valid schema.
    """

    def __init__(self, schema: Mapping[str, Any], zone: tzinfo, years: Years = YEARS) -> None:
        # imported late: a validator that was pickled has its schema already rewritten
        from recevable.dossier.rewriting import rewritten

        # a schema is its own base: its `$id` must not change what `#/…` refers to
        named = {key: value for key, value in schema.items() if key != "$id"}
        self._start(rewritten(named, _bounded), zone, years)

    def __getstate__(self) -> tuple[dict[str, Any], tzinfo, Years]:
        """Pickle the schema as rewritten, which takes longer than to compile it."""
        return self.schema, self.zone, self.years

    def __setstate__(self, state: tuple[dict[str, Any], tzinfo, Years]) -> None:
        self._start(*state)

    def _start(self, schema: dict[str, Any], zone: tzinfo, years: Years) -> None:
        self.schema, self.zone, self.years = schema, zone, years
        self._fast = jsonschema_rs.Draft202012Validator(
            self.schema,
            formats=validators(zone, years),
            validate_formats=True,
            retriever=_refuse,
            pattern_options=LINEAR,
        )
        self.accepts = self._fast.is_valid
        self._explanations: Explanations | None = None

    def explain(self, instance: object, found: Positions, name: str, first_line: int = 1) -> list[Diagnostic]:
        """Every fault with its JSON pointer, line and column, in text order, at most `explain.MAX_ERRORS`.

        `found` are the positions in the text.  Never empty for an instance that `accepts` rejects.
        """
        from recevable.dossier.explain import Explanations

        if self._explanations is None:
            self._explanations = Explanations(self.schema, self.zone, self.years, self._fast)
        return self._explanations.of(instance, found, name, first_line)


def _refuse(uri: str) -> Any:
    raise ValueError(f"a schema refers to itself alone: {uri}")


def _bounded(schema: dict[str, Any]) -> dict[str, Any]:
    """Integers limited to 64 bits."""
    bounds = dict(zip(("minimum", "maximum"), INTEGERS, strict=True))
    return bounds | schema if schema.get("type") == "integer" else schema
